use std::io;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

use bridgehead::{close_background, on_background};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

static SERVER: OnceLock<SocketAddr> = OnceLock::new();

/// Makes this process send a goodbye to the server when it exits.
fn say_goodbye_at_exit(server: SocketAddr) {
    if SERVER.set(server).is_ok() {
        // SAFETY: the function needs no thread-local state, and doesn't unwind.
        assert_eq!(unsafe { libc::atexit(at_exit) }, 0);
    }
}

extern "C" fn at_exit() {
    let said = on_background(async { timeout(Duration::from_secs(5), say_goodbye()).await });
    if !matches!(said, Ok(Ok(Ok(())))) {
        eprintln!("no goodbye: {said:?}");
    }
    // Tasks that await `cancelled()` get the grace period to finish.
    let report = close_background();
    if !report.is_clean() {
        eprintln!("{report}");
    }
}

async fn say_goodbye() -> io::Result<()> {
    let server = SERVER.get().ok_or(io::ErrorKind::NotFound)?;
    let mut server = TcpStream::connect(server).await?;
    server.write_all(b"goodbye\n").await?;
    server.read_u8().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Instant;

    use bridgehead::sync_call;
    use bridgehead_tests::child;
    use bridgehead_tests::contexts::{in_task, multi, single};

    use super::*;
    use crate::servers::{collector, of_parent, run_beside};

    const PLACES: [&str; 10] = [
        "main, with tokio unused",
        "main",
        "a call",
        "a worker",
        "a current-thread runtime",
        "the background runtime",
        "a task of the background runtime",
        "blocking work of the background runtime",
        "a plain thread",
        "a run",
    ];

    /// Exits with status 7, except where `main` returns.
    fn exit_from(place: &str) {
        match place {
            "main, with tokio unused" => {}
            "main" => sync_call!(tokio::time::sleep(Duration::from_millis(1))),
            "a call" => sync_call!(async { std::process::exit(7) }),
            "a worker" => in_task(&multi(1), Box::new(|| std::process::exit(7))),
            "a current-thread runtime" => in_task(&single(), Box::new(|| std::process::exit(7))),
            "the background runtime" => {
                sync_call!(
                    async { tokio::spawn(async { std::process::exit(7) }).await },
                    on = "background"
                )
                .expect("the task");
            }
            "a task of the background runtime" => {
                sync_call!(async { bridgehead::spawn(async { std::process::exit(7) }).await })
                    .expect("the task");
            }
            "blocking work of the background runtime" => {
                sync_call!(async { bridgehead::to_thread(|| std::process::exit(7)).await })
                    .expect("the work");
            }
            "a plain thread" => thread::spawn(|| std::process::exit(7)).join().expect("the thread"),
            "a run" => bridgehead::run(async { std::process::exit(7) }),
            other => unreachable!("{other}"),
        }
    }

    #[test]
    #[cfg_attr(panic = "abort", ignore = "its process ends in a way of its own")]
    fn the_process_says_goodbye_however_it_exits() {
        const NAME: &str = "at_exit::tests::the_process_says_goodbye_however_it_exits";
        if child::is_child(NAME) {
            say_goodbye_at_exit(of_parent());
            return exit_from(&child::part());
        }
        for place in PLACES {
            let (server, lines) = collector();
            let begun = Instant::now();
            let output = run_beside(server, NAME, place);
            let stderr = child::stderr(&output);
            let status = if place.starts_with("main") { 0 } else { 7 };
            assert_eq!(output.status.code(), Some(status), "{place}: {stderr}");
            assert_eq!(lines.try_recv().as_deref(), Ok("goodbye"), "{place}: {stderr}");
            assert!(lines.try_recv().is_err(), "{place}");
            // The exit waits neither for the thread that exits nor for its work.
            let took = begun.elapsed();
            assert!(took < Duration::from_secs(4), "{place} took {took:?}: {stderr}");
        }
    }
}
