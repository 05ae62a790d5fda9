//! The futures that the bridges wait for.

use std::net::SocketAddr;
use std::time::Duration;
use std::{io, thread};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;

use crate::bridges::Work;

pub const ANSWER: u32 = 42;

/// Makes a future in the context, before the bridge is called. Returns `None` where the future
/// needs the current runtime, and there is none, or it is gone.
pub type Make = fn() -> Option<Work>;

/// An independent future, and a dependent one.
pub const KINDS: [Make; 2] = [independent, dependent];

fn independent() -> Option<Work> {
    Some(Box::pin(needs_tokio(server().expect("a server"))))
}

/// A timer, a task and a socket of whatever runtime is current when it is polled.
async fn needs_tokio(server: SocketAddr) -> u32 {
    tokio::time::sleep(Duration::from_millis(5)).await;
    let request = async move {
        let mut stream = TcpStream::connect(server).await?;
        stream.write_u32(ANSWER).await?;
        stream.read_u32().await
    };
    tokio::spawn(request).await.expect("the task").expect("the answer")
}

/// The join handle of a task of the runtime that is current where the bridge is called.
fn dependent() -> Option<Work> {
    let task = Handle::try_current().ok()?.spawn(async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        ANSWER
    });
    // A runtime that is gone drops the task at once.
    (!task.is_finished()).then(|| -> Work { Box::pin(async { task.await.expect("the task") }) })
}

/// Sends back to one client what it sends.
fn server() -> io::Result<SocketAddr> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        let (stream, _) = listener.accept()?;
        io::copy(&mut &stream, &mut &stream)
    });
    Ok(address)
}
