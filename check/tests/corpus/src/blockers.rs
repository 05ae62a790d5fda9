//! Calls that block, according to the table.

use std::io::Read;
use std::net::TcpStream;
use std::process::Command;
use std::sync::{Barrier, Condvar, Mutex, mpsc};
use std::time::Duration;

pub async fn channels(receiver: mpsc::Receiver<u32>, sender: mpsc::SyncSender<u32>, unbounded: mpsc::Sender<u32>) {
    let _ = receiver.recv(); //~ recv
    let _ = receiver.recv_timeout(Duration::ZERO); //~ recv_timeout
    let _ = sender.send(4); //~ send
    let _ = receiver.try_recv();
    let _ = unbounded.send(4);
}

pub async fn net() -> std::io::Result<()> {
    let mut stream = TcpStream::connect("localhost:1")?; //~ connect
    let mut text = String::new();
    stream.read_to_string(&mut text)?; //~ read_to_string
    Ok(())
}

pub async fn process() {
    let _ = Command::new("ls").output(); //~ output
    let _ = Command::new("ls").spawn();
    let _ = tokio::process::Command::new("ls").output().await;
}

pub async fn synchronised(barrier: Barrier, condvar: Condvar, mutex: Mutex<u32>) {
    barrier.wait(); //~ wait
    if let Ok(guard) = mutex.lock() { //? lock
        let _ = condvar.wait_timeout(guard, Duration::ZERO); //~ wait_timeout
    }
}

pub async fn stdin() {
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line); //~ read_line
}

pub async fn tokio_runtime(handle: tokio::runtime::Handle, runtime: tokio::runtime::Runtime) {
    handle.block_on(async {}); //~ block_on
    runtime.spawn(async {});
}

pub async fn tokio_runtime_owned(runtime: tokio::runtime::Runtime) {
    runtime.block_on(async {}); //~ block_on
}

pub async fn tokio_channels(
    mut receiver: tokio::sync::mpsc::Receiver<u32>,
    sender: tokio::sync::mpsc::Sender<u32>,
    mutex: tokio::sync::Mutex<u32>,
) {
    receiver.blocking_recv(); //~ blocking_recv
    let _ = sender.blocking_send(4); //~ blocking_send
    mutex.blocking_lock(); //~ blocking_lock
    receiver.recv().await;
    mutex.lock().await;
}

pub async fn futures(value: u32) {
    futures_executor::block_on(async {}); //~ block_on
}

pub async fn runs(runner: bridgehead::Runner) {
    bridgehead::run(async {}); //~ run
    let _ = bridgehead::try_run(async {}); //~ try_run
    let _ = bridgehead::spawn(async {}).await;
}

pub async fn runner(runner: bridgehead::Runner) {
    runner.run(async {}); //~ run
}

/// Without this option, a call in async code is a compile error.
pub async fn call() {
    bridgehead::sync_call!(async {}, allow_async); //~ sync_call!
}

pub async fn files() {
    // These are reported only with `--may-block`.
    let _ = std::fs::read("a"); //? read
    let _ = std::fs::File::open("a"); //? open
    let _ = tokio::fs::read("a").await;
}

pub async fn waiting(handle: std::thread::JoinHandle<()>) {
    std::thread::sleep(Duration::ZERO); //~ sleep
    let _ = handle.is_finished();
    let _ = handle.join(); //~ join
    tokio::time::sleep(Duration::ZERO).await;
}

struct Connection {
    stream: std::net::TcpStream,
}

/// Whether a trait's method blocks depends on the type on which it is called.
pub async fn readers(mut connection: Connection, mut child: std::process::Child) {
    use std::io::{BufRead, BufReader, Read, Write};
    let mut buffer = [0; 4];
    let _ = connection.stream.read_exact(&mut buffer); //~ read_exact
    let _ = BufReader::new(&connection.stream).lines(); //~ lines
    let output = BufReader::new(child.stdout.take().unwrap());
    for line in output.lines() {} //~ lines
    let _ = std::io::stdin().lock().lines(); //~ lines
    let mut bytes: &[u8] = &[1, 2];
    let _ = bytes.read_exact(&mut buffer);
    let _ = std::io::stdout().write_all(&buffer);
    let mut file = std::fs::File::open("a").unwrap(); //? open
    let _ = file.write_all(&buffer); //? write_all
}

pub async fn messages(receiver: std::sync::mpsc::Receiver<u32>) {
    for message in &receiver {} //~ iter
    for message in receiver.try_iter() {}
}
