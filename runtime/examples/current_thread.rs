//! What happens when a synchronous function waits on the only thread of a current-thread runtime?
//!
//! That runtime makes no progress until the call returns. Timers and sockets that are made inside
//! the call belong to the background runtime, and work. A call that waits for a task of the blocked
//! runtime deadlocks: give such a call a timeout.

use std::io;
use std::time::Duration;

use bridgehead::{ThreadContext, sync_call, try_sync_call};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Needs a timer, sockets and a task; all of them are made inside the call.
fn self_contained() -> io::Result<String> {
    println!("waiting {}", ThreadContext::current());
    sync_call!(async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move { TcpStream::connect(address).await?.write_all(b"hello").await });
        let mut text = String::new();
        listener.accept().await?.0.read_to_string(&mut text).await?;
        Ok(text)
    })
}

/// Needs a task that was spawned outside.
fn wait_for(task: &mut JoinHandle<&'static str>) {
    println!("waiting {}", ThreadContext::current());
    match try_sync_call!(task, timeout = "100ms") {
        Ok(result) => println!("the task: {result:?}"),
        Err(error) => println!("no result: {error}"),
    }
}

#[bridgehead::entry(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    println!("self-contained: {:?}", self_contained()?);

    // Only this thread could run the task, and it waits.
    let mut task = tokio::spawn(async { "done" });
    wait_for(&mut task);

    // Remedy 1: another thread waits, and this one runs the task.
    let waiting = tokio::task::spawn_blocking(move || {
        wait_for(&mut task);
    });
    waiting.await?;

    // Remedy 2: async code doesn't wait synchronously.
    println!("awaited: {:?}", tokio::spawn(async { "done" }).await);
    Ok(())
}
