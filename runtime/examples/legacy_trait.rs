//! How do I give an async client to code that wants a `Read`, a `Write` or an `Iterator`?
//!
//! With `bridgehead::io` and `bridgehead::iter`. For any other trait, wait for the client's future
//! inside the method, as the example `quickstart` does.

use std::io::{self, BufRead, BufReader, Read};

use futures_util::stream;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// As a synchronous library that reads from any reader.
fn longest_line(input: impl Read) -> io::Result<Option<String>> {
    let lines = BufReader::new(input).lines().collect::<io::Result<Vec<_>>>()?;
    Ok(lines.into_iter().max_by_key(String::len))
}

/// As a synchronous library that takes its numbers from any iterator.
fn mean(numbers: impl Iterator<Item = u32>) -> Option<u32> {
    let (count, sum) = numbers.fold((0, 0), |(count, sum), number| (count + 1, sum + number));
    u32::checked_div(sum, count)
}

#[bridgehead::entry]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await?;
        peer.write_all(b"a line\na longer line\nthe end\n").await
    });
    let download = TcpStream::connect(address).await?;
    println!("the longest line is {:?}", longest_line(bridgehead::io(download))?);

    let (sender, mut receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        for event in 1..=5 {
            sender.send(event).await.expect("the receiver is there");
        }
    });
    // A stream as async clients return them.
    let events = stream::poll_fn(|cx| receiver.poll_recv(cx));
    println!("the mean of the events is {:?}", mean(bridgehead::iter(events)));
    Ok(())
}
