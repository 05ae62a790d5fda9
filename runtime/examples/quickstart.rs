//! Can a synchronous trait be implemented over an async client, and then be used from any thread?

use std::{collections::HashMap, io, net::SocketAddr, thread};

use bridgehead::{Builder, Flavor, ThreadContext, sync_call};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A key-value server: `key=value` sets, `key` gets, each over a connection of its own.
async fn serve(listener: TcpListener) -> io::Result<()> {
    let mut values = HashMap::new();
    loop {
        let (reader, mut writer) = listener.accept().await?.0.into_split();
        let line = BufReader::new(reader).lines().next_line().await?.unwrap_or_default();
        let reply = match line.split_once('=') {
            Some((key, value)) => values.insert(key.to_owned(), value.to_owned()),
            None => values.get(&line).cloned(),
        };
        writer.write_all((reply.unwrap_or_default() + "\n").as_bytes()).await?;
    }
}

/// The async client.
async fn request(server: SocketAddr, line: String) -> io::Result<String> {
    let mut stream = BufReader::new(TcpStream::connect(server).await?);
    stream.write_all((line + "\n").as_bytes()).await?;
    stream.lines().next_line().await.map(Option::unwrap_or_default)
}

/// The synchronous trait: all that the rest of the program knows.
trait Store {
    fn set(&self, key: &str, value: &str) -> io::Result<String>;
    fn get(&self, key: &str) -> io::Result<String>;
}

impl Store for SocketAddr {
    fn set(&self, key: &str, value: &str) -> io::Result<String> {
        sync_call!(request(*self, format!("{key}={value}")))
    }
    fn get(&self, key: &str) -> io::Result<String> {
        sync_call!(request(*self, key.to_owned()))
    }
}

fn greet(store: &impl Store, name: &str) -> io::Result<()> {
    store.set(name, "hello")?;
    store.get(name).map(|value| println!("{name}: {value}, {}", ThreadContext::current()))
}

#[bridgehead::entry]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let store = listener.local_addr()?;
    tokio::spawn(serve(listener));
    greet(&store, "main")?;
    tokio::spawn(async move { greet(&store, "task") }).await??;
    thread::spawn(move || greet(&store, "thread")).join().expect("no panic")?;
    let single = Builder::new().flavor(Flavor::CurrentThread);
    thread::spawn(move || single.run(async move { greet(&store, "single") }))
        .join()
        .expect("no panic")
}
