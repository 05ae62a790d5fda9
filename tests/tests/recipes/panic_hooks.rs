use std::io;
use std::net::SocketAddr;
use std::panic;
use std::thread;
use std::time::Duration;

use bridgehead::{Builder, Flavor};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Installs a hook that calls the former hook, and then sends the panic to a server.
fn send_panics(server: SocketAddr) {
    const SENDER: &str = "panic report";
    let former = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        former(info);
        // If `send` itself panics, don't report that: it would start another report.
        if thread::current().name() == Some(SENDER) {
            return;
        }
        let report = info.to_string().replace('\n', " ");
        let job = move || {
            let in_time = async { timeout(Duration::from_secs(5), send(server, report)).await };
            let result = Builder::new().flavor(Flavor::CurrentThread).try_run(in_time);
            if !matches!(result, Ok(Ok(Ok(())))) {
                eprintln!("the report can't be sent: {result:?}");
            }
        };
        // Nothing here may panic: that would abort the process.
        if let Ok(sender) = thread::Builder::new().name(SENDER.to_owned()).spawn(job) {
            let _ = sender.join();
        }
    }));
}

async fn send(server: SocketAddr, report: String) -> io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    server.write_all(format!("{report}\n").as_bytes()).await?;
    server.read_u8().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use bridgehead_tests::child;
    use bridgehead_tests::contexts::everywhere;

    use super::*;
    use crate::servers::{collector, of_parent, run_beside};

    /// The hook belongs to the process, so the test runs in a child.
    #[test]
    #[cfg_attr(panic = "abort", ignore = "something panics")]
    fn a_panic_is_sent_from_everywhere() {
        const NAME: &str = "a_panic_is_sent_from_everywhere";
        if child::is_child(NAME) {
            let (server, lines) = collector();
            let lines = std::sync::Arc::new(std::sync::Mutex::new(lines));
            send_panics(server);
            everywhere(move |case| {
                panic::catch_unwind(|| panic!("in {}", case.name)).expect_err("the panic");
                // The report has been sent when the hook returns.
                let line = lines.lock().expect("no panic").try_recv().expect("a report");
                assert!(line.contains(&format!("in {}", case.name)), "{line}");
            });
            std::process::exit(0);
        }
        child::assert_success(NAME, &child::run(NAME));
    }

    #[test]
    #[cfg_attr(panic = "abort", ignore = "something panics")]
    fn a_report_that_can_not_be_sent_is_no_panic() {
        const NAME: &str = "panic_hooks::tests::a_report_that_can_not_be_sent_is_no_panic";
        if child::is_child(NAME) {
            send_panics(of_parent());
            panic::catch_unwind(|| panic!("of the test")).expect_err("the panic");
            return;
        }
        // The listener is dropped, so that no server is at this address.
        let server =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|server| server.local_addr());
        let output = run_beside(server.expect("an address"), NAME, "");
        child::assert_success(NAME, &output);
        assert!(
            child::stderr(&output).contains("the report can't be sent"),
            "{}",
            child::stderr(&output)
        );
    }

    struct PanicsOnDrop;

    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            panic!("at the end of the thread");
        }
    }

    thread_local! {
        static LATER: RefCell<Option<PanicsOnDrop>> = const { RefCell::new(None) };
    }

    /// Such a panic ends the process, after the hook.
    #[test]
    #[cfg_attr(panic = "abort", ignore = "its process ends in a way of its own")]
    fn a_panic_in_a_thread_local_destructor_is_sent() {
        const NAME: &str = "panic_hooks::tests::a_panic_in_a_thread_local_destructor_is_sent";
        if child::is_child(NAME) {
            send_panics(of_parent());
            let thread = thread::spawn(|| {
                LATER.set(Some(PanicsOnDrop));
                // tokio's state is initialised later, and dropped earlier.
                bridgehead::sync_call!(tokio::task::yield_now());
            });
            let _ = thread.join();
            unreachable!("the process has ended");
        }
        let (server, lines) = collector();
        let output = run_beside(server, NAME, "");
        assert!(!output.status.success());
        let line =
            lines.try_recv().unwrap_or_else(|_| panic!("no report: {}", child::stderr(&output)));
        assert!(line.contains("at the end of the thread"), "{line}");
    }
}
