//! How do I implement a synchronous trait, such as `Read` or `Iterator`, over an async client?
//!
//! Wait for the client's future inside the method. The future may borrow `self` and the arguments.

use std::io::{self, BufRead, BufReader, Read};

use bridgehead::sync_call;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, Receiver};

/// An async connection, for those who want a `Read`.
struct Download(TcpStream);

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        sync_call!(self.0.read(buffer))
    }
}

/// An async subscription, for those who want an `Iterator`.
struct Events(Receiver<u32>);

impl Iterator for Events {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        sync_call!(self.0.recv())
    }
}

/// Stands for a synchronous library that reads from whatever it is given.
fn longest_line(input: impl Read) -> io::Result<Option<String>> {
    let lines = BufReader::new(input).lines().collect::<io::Result<Vec<_>>>()?;
    Ok(lines.into_iter().max_by_key(String::len))
}

#[bridgehead::entry]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await?;
        peer.write_all(b"a line\na longer line\nthe end\n").await
    });
    let download = Download(TcpStream::connect(address).await?);
    println!("the longest line is {:?}", longest_line(download)?);

    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        for event in 1..=4 {
            sender.send(event).await.expect("the receiver is there");
        }
    });
    println!("the sum of the events is {}", Events(receiver).sum::<u32>());
    Ok(())
}
