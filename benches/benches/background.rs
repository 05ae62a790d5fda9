//! How many workers the background runtime should have: the default, one for each core, or a single
//! one. Each number is measured in a process of its own, since a process has one background
//! runtime.
//!
//! A single worker doesn't wake others that search for work in vain, so tasks that only wait are
//! faster with it. But all tasks that plain threads spawn share it. A task that computes uses only
//! one core, and while it does, the runtime polls no socket and no timer of any thread.
//! core, and while it does, no socket and no timer of any thread is looked after.

use std::env;
use std::hint::black_box;
use std::io::{self, BufRead, BufReader, Lines, Read, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{Builder, configure_background, sync_call};
use bridgehead_benches::{OURS, Peers, time};
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Computes for this long without an `.await`.
fn compute(duration: Duration) {
    let start = Instant::now();
    while start.elapsed() < duration {
        black_box(());
    }
}

/// The same amount of computing each time, tens of microseconds.
fn work() -> u64 {
    (0..black_box(100_000_u64)).fold(0, |sum, number| sum ^ black_box(number))
}

fn tiny() -> u64 {
    sync_call!(tokio::spawn(async { black_box(1) })).unwrap()
}

fn heavy() -> u64 {
    sync_call!(tokio::spawn(async { work() })).unwrap()
}

/// The time for `count` calls altogether, from the first thread's start to the last one's end.
fn on_threads<T>(threads: u64, count: u64, call: impl Fn() -> T + Sync) -> Duration {
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| time(count.div_ceil(threads), &call));
        }
    });
    start.elapsed()
}

/// Round trips to a thread that sends back what it receives.
fn echo(threads: u64, count: u64) -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let connect = || {
        let stream = sync_call!(TcpStream::connect(address)).unwrap();
        stream.set_nodelay(true).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        peer.set_nodelay(true).unwrap();
        thread::spawn(move || {
            let mut byte = [0];
            while peer.read_exact(&mut byte).is_ok() && peer.write_all(&byte).is_ok() {}
        });
        stream
    };
    let mut streams: Vec<_> = (0..threads).map(|_| connect()).collect();
    let start = Instant::now();
    thread::scope(|scope| {
        for stream in &mut streams {
            scope.spawn(|| {
                time(count.div_ceil(threads), || {
                    sync_call!(stream.write_u8(1)).unwrap();
                    sync_call!(stream.read_u8()).unwrap()
                })
            });
        }
    });
    start.elapsed()
}

/// A call that waits for a timer, while a task computes for 5 ms at a time.
fn beside_computing(count: u64) -> Duration {
    let neighbour = bridgehead::background().unwrap().spawn(async {
        loop {
            compute(Duration::from_millis(5));
            tokio::task::yield_now().await;
        }
    });
    let took = time(count, || sync_call!(tokio::time::sleep(Duration::from_millis(1))));
    neighbour.abort();
    took
}

/// What a process does this often, and how long it took.
type Work = fn(u64) -> Duration;

const WORKS: [(&str, Work); 7] = [
    ("spawn and join", |count| on_threads(1, count, tiny)),
    ("spawn and join, 16 threads", |count| on_threads(16, count, tiny)),
    ("TCP round trip", |count| echo(1, count)),
    ("TCP round trip, 16 threads", |count| echo(16, count)),
    ("tasks that compute, 1 thread", |count| on_threads(1, count, heavy)),
    ("tasks that compute, 4 threads", |count| on_threads(4, count, heavy)),
    ("timer beside a task that computes", beside_computing),
];

/// A process whose background runtime has this many workers.
struct Workers {
    _process: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

const WORKERS: &str = "BRIDGEHEAD_BENCH_WORKERS";

impl Workers {
    /// 0 is the default number.
    fn new(workers: usize) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.env(WORKERS, workers.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let orders = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { _process: process, orders, answers }
    }

    fn order(&mut self, work: usize, count: u64) -> Duration {
        writeln!(self.orders, "{work} {count}").unwrap();
        Duration::from_nanos(self.answers.next().unwrap().unwrap().parse().unwrap())
    }
}

/// The loop of that process, until its standard input ends.
fn obey(workers: usize) {
    if workers > 0 {
        configure_background(Builder::new().worker_threads(workers)).unwrap();
    }
    for order in io::stdin().lines() {
        let order = order.unwrap();
        let (work, count) = order.split_once(' ').unwrap();
        let (_, work) = WORKS[work.parse::<usize>().unwrap()];
        println!("{}", work(count.parse().unwrap()).as_nanos());
    }
}

fn workers(criterion: &mut Criterion) {
    if let Ok(workers) = env::var(WORKERS) {
        obey(workers.parse().unwrap());
        std::process::exit(0);
    }
    for (index, (name, _)) in WORKS.into_iter().enumerate() {
        let (mut all, mut one, mut two) = (Workers::new(0), Workers::new(1), Workers::new(2));
        Peers::new(name)
            .timed(OURS, |count| all.order(index, count))
            .timed("1 worker", |count| one.order(index, count))
            .timed("2 workers", |count| two.order(index, count))
            .compare(criterion, &[]);
    }
}

criterion_group!(benches, workers);
criterion_main!(benches);
