//! Does a server finish its open connections on Ctrl-C? Without an address it ends by itself, while
//! clients of its own are connected.

use std::io::{BufRead, Write};
use std::{env, error::Error, io, net::SocketAddr, pin::pin};

use bridgehead::{cancelled, spawn, to_thread};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Doesn't await `cancelled()`: it is dropped when the run closes, and so stops accepting.
async fn accept(listener: TcpListener) -> io::Result<()> {
    loop {
        spawn(serve(listener.accept().await?)).detach();
    }
}

/// Awaits `cancelled()`, and so has the grace period to finish its work.
async fn serve((stream, peer): (TcpStream, SocketAddr)) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut closing = pin!(cancelled());
    loop {
        tokio::select! {
            biased;
            () = &mut closing => break,
            line = lines.next_line() => match line? {
                Some(line) => writer.write_all(format!("you said {line}\n").as_bytes()).await?,
                None => return Ok(()),
            },
        }
    }
    println!("server: finishes with {peer}");
    writer.write_all(b"goodbye\n").await
}

/// A blocking client: sends a greeting, and returns what the server sends after its answer.
fn greet(server: SocketAddr) -> io::Result<impl Iterator<Item = io::Result<String>>> {
    let mut stream = std::net::TcpStream::connect(server)?;
    stream.write_all(b"hello\n")?;
    let mut lines = io::BufReader::new(stream).lines();
    lines.next().transpose().map(|_answer| lines)
}

#[bridgehead::entry(signals = true, grace_period = "10s")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:0")).await?;
    let server = listener.local_addr()?;
    spawn(accept(listener)).detach();
    if address.is_some() {
        println!("server: on {server} until Ctrl-C");
        cancelled().await;
    } else {
        for client in 1..=3 {
            let lines = to_thread(move || greet(server)).await??;
            to_thread(move || lines.for_each(|line| println!("client {client}: {line:?}")))
                .detach();
        }
    }
    Ok(())
}
