//! How does a library with an async client ship a blocking one as well, which works wherever it is
//! called?

use std::{io, thread};

use bridgehead::{ThreadContext, blocking};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};

/// The async client, and the blocking one: a type of its own, with functions of the same names.
#[blocking(type = BlockingClient)]
#[derive(Debug)]
struct Client {
    stream: BufReader<TcpStream>,
}

#[blocking(type = BlockingClient)]
impl Client {
    /// Connects to a server.
    async fn connect(server: impl ToSocketAddrs) -> io::Result<Self> {
        Ok(Self { stream: BufReader::new(TcpStream::connect(server).await?) })
    }

    /// Leaves a message for the next caller, and returns that of the one before.
    async fn leave(&mut self, message: &str) -> io::Result<String> {
        self.stream.write_all(format!("{message}\n").as_bytes()).await?;
        let mut answer = String::new();
        self.stream.read_line(&mut answer).await?;
        Ok(answer.trim_end().to_owned())
    }
}

/// The server, which answers each line with the one before.
async fn serve(listener: TcpListener) -> io::Result<()> {
    let (reader, mut writer) = listener.accept().await?.0.into_split();
    let (mut lines, mut last) = (BufReader::new(reader).lines(), String::from("nobody"));
    while let Some(line) = lines.next_line().await? {
        writer.write_all(format!("{last}\n").as_bytes()).await?;
        last = line;
    }
    Ok(())
}

/// Ordinary code, which knows nothing of async.
fn visit(mut client: BlockingClient) -> io::Result<BlockingClient> {
    let here = ThreadContext::current().to_string();
    println!("{here}; the one before: {}", client.leave(&here)?);
    Ok(client)
}

#[bridgehead::entry]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let client = BlockingClient::connect(listener.local_addr()?)?;
    tokio::spawn(serve(listener));
    let client = visit(client)?;
    let client = tokio::spawn(async { visit(client) }).await??;
    let client = tokio::task::spawn_blocking(|| visit(client)).await??;
    thread::spawn(|| visit(client)).join().expect("no panic").map(drop)
}
