//! A server of 800 connections, whose handlers call a synchronous trait that waits for 50 ms: on
//! fibers, and as plain calls in tasks, each of which blocks a thread (goal: not slower). And the
//! processor time of the server, as Linux reports it.
//!
//! On an idle machine the 50 ms bound both, and only the processor time differs. The goal is for a
//! busy machine.
//!
//! The clients are in a process of their own for each kind of server, since both ends in one
//! process would take more descriptors than many systems allow. An idle server and its clients only
//! wait.

use std::fs;
use std::io::{self, BufRead, BufReader, Lines, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{spawn_fiber, sync_call};
use bridgehead_benches::{OURS, Peers};
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const CONNECTIONS: usize = 800;
/// How long a request waits in the trait.
const WAITS: Duration = Duration::from_millis(50);
/// Requests of each connection in a call of the bench.
const REQUESTS: u64 = 3;

/// A synchronous trait, whose users don't know that async code implements it.
trait Store: Send + Sync {
    fn get(&self, key: u8) -> u8;
}

struct Remote;

impl Store for Remote {
    fn get(&self, key: u8) -> u8 {
        sync_call!(tokio::time::sleep(WAITS));
        key
    }
}

static STORE: &dyn Store = &Remote;

#[derive(Clone, Copy)]
enum Server {
    Tasks,
    FiberEachRequest,
    FiberEachConnection,
}

/// Serves all connections until the process ends.
async fn serve(listener: TcpListener, server: Server) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        match server {
            Server::Tasks => drop(tokio::spawn(in_task(stream))),
            Server::FiberEachRequest => drop(tokio::spawn(in_fibers(stream))),
            Server::FiberEachConnection => {
                spawn_fiber(|| on_fiber(bridgehead::io(stream))).detach();
            }
        }
    }
}

async fn in_task(mut stream: TcpStream) -> io::Result<()> {
    loop {
        let key = stream.read_u8().await?;
        stream.write_u8(STORE.get(key)).await?;
    }
}

async fn in_fibers(mut stream: TcpStream) -> io::Result<()> {
    loop {
        let key = stream.read_u8().await?;
        let value = spawn_fiber(move || STORE.get(key)).await.unwrap();
        stream.write_u8(value).await?;
    }
}

fn on_fiber(mut stream: impl Read + Write) -> io::Result<()> {
    loop {
        let mut key = [0];
        stream.read_exact(&mut key)?;
        stream.write_all(&[STORE.get(key[0])])?;
    }
}

/// The other end: a process that makes as many requests as it is ordered to, and reports how long
/// they took.
struct Clients {
    _process: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

const PORT: &str = "BRIDGEHEAD_BENCH_PORT";

impl Clients {
    fn of(port: u16) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env(PORT, port.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let orders = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { _process: process, orders, answers }
    }

    fn ask(&mut self, count: u64) -> Duration {
        writeln!(self.orders, "{count}").unwrap();
        let took = self.answers.next().unwrap().unwrap();
        Duration::from_nanos(took.parse().unwrap())
    }
}

/// The loop of that process, until its standard input ends.
async fn clients(port: u16) {
    let mut streams = Vec::new();
    for _ in 0..CONNECTIONS {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        streams.push(stream);
    }
    for order in io::stdin().lines() {
        let count: u64 = order.unwrap().parse().unwrap();
        let start = Instant::now();
        let asking: JoinSet<_> = streams.drain(..).map(|stream| ask(stream, count)).collect();
        streams = asking.join_all().await;
        println!("{}", start.elapsed().as_nanos());
    }
}

async fn ask(mut stream: TcpStream, count: u64) -> TcpStream {
    for _ in 0..count {
        stream.write_u8(1).await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), 1);
    }
    stream
}

/// Starts a server that runs until the process ends, and its clients.
fn start(server: Server) -> Clients {
    let (sender, port) = mpsc::channel();
    thread::spawn(move || {
        bridgehead::run(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap().port()).unwrap();
            serve(listener, server).await.unwrap();
        });
    });
    Clients::of(port.recv().unwrap())
}

fn handlers(criterion: &mut Criterion) {
    if let Ok(port) = std::env::var(PORT) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(clients(port.parse().unwrap()));
        std::process::exit(0);
    }
    for (name, server) in [
        ("800 handlers, a fiber each request", Server::FiberEachRequest),
        ("800 handlers, a fiber each connection", Server::FiberEachConnection),
    ] {
        let (mut ours, mut tasks) = (start(server), start(Server::Tasks));
        Peers::new(name)
            .timed(OURS, |count| ours.ask(count * REQUESTS))
            .timed("sync_call! in a task", |count| tasks.ask(count * REQUESTS))
            .compare(criterion, &[("sync_call! in a task", 1.0)]);
        processor_time(name, &mut ours, &mut tasks);
    }
}

/// In turns as well. A turn takes a few ticks of Linux's clock, so that only the sums are compared.
#[expect(clippy::cast_precision_loss, reason = "no process has run for that long")]
fn processor_time(name: &str, ours: &mut Clients, tasks: &mut Clients) {
    const TURNS: usize = 12;
    let mut sums = [0, 0];
    for _ in 0..TURNS {
        for (sum, clients) in sums.iter_mut().zip([&mut *ours, &mut *tasks]) {
            let before = ticks();
            clients.ask(REQUESTS);
            *sum += ticks() - before;
        }
    }
    let ratio = sums[0] as f64 / sums[1] as f64;
    println!("ratio  {name}, processor time: {ratio:.2} of sync_call! in a task");
}

/// The processor time of all threads of this process, in ticks. 0 if there is no `/proc`.
fn ticks() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The numbers follow the name in brackets, which may contain spaces.
    let numbers = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    numbers.skip(11).take(2).filter_map(|number| number.parse::<u64>().ok()).sum()
}

criterion_group!(benches, handlers);
criterion_main!(benches);
