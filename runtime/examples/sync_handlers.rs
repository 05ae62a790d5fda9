//! How can thousands of connections have synchronous handlers, on one thread?
//!
//! Each handler is on a fiber: while it reads, writes or waits, the thread polls other fibers. The
//! clients only make requests.

use std::io::{self, BufRead, BufReader, Write};
use std::time::Duration;

use bridgehead::{fiber, sync_call};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;
use tokio::time::sleep;

const CONNECTIONS: usize = 500;

/// As a synchronous library, which only knows that it can read from its connection and write to it.
fn converse(stream: impl io::Read + Write) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while stream.read_line(&mut line)? > 0 {
        let answer = look_up(&line);
        stream.get_mut().write_all(answer.as_bytes())?;
        line.clear();
    }
    Ok(())
}

/// As a synchronous facade of an async client.
fn look_up(key: &str) -> String {
    sync_call!(sleep(Duration::from_millis(1)));
    key.to_uppercase()
}

pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        spawn_local(fiber(|| converse(bridgehead::io(stream))));
    }
}

pub(crate) async fn ask(stream: &mut TcpStream) -> io::Result<String> {
    stream.write_all(b"hello\n").await?;
    let mut answer = String::new();
    tokio::io::BufReader::new(stream).read_line(&mut answer).await?;
    Ok(answer)
}

#[bridgehead::entry(flavor = "local")]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    spawn_local(serve(listener));

    let mut open = Vec::new();
    for _ in 0..CONNECTIONS {
        open.push(TcpStream::connect(address).await?);
    }
    // All connections are open, and their handlers wait. They can continue in any order.
    for stream in open.iter_mut().rev() {
        assert_eq!(ask(stream).await?, "HELLO\n");
    }
    println!("{CONNECTIONS} connections were served by synchronous handlers, on one thread");
    Ok(())
}
