//! A call on a fiber, beside the ways that block a thread.
//!
//! For a ready future the peers are a bare poll (goal: 2 of it), and the same call on the same
//! thread without a fiber. The first goal is not met: before the expression is evaluated, the call
//! finds out which runtime is current, and whether another executor uses the thread. For an answer
//! of a task the peer is `block_in_place(|| Handle::current().block_on(future))` on a worker (goal:
//! 0.1 of it). The next group runs ten thousand functions that sleep for 10 ms and meet at a
//! barrier, on one thread (goal: 1 s). The last one compares the memory of a waiting fiber with
//! that of a waiting thread of `spawn_blocking` (goal: 0.45 of it), as Linux reports it.

use std::fs;
use std::future::{Future, pending, ready};
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::process::Command;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bridgehead::{fiber, sync_call};
use bridgehead_benches::{OURS, Peers, time};
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{Barrier, oneshot};
use tokio::task::{LocalSet, block_in_place, spawn_local};

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Times the calls on a fiber.
fn on_fiber<T>(runtime: &Runtime, count: u64, call: impl FnMut() -> T + 'static) -> Duration {
    runtime.block_on(fiber(move || time(count, call)))
}

/// Times the calls in a task on a worker.
fn on_worker<T>(
    runtime: &Runtime,
    count: u64,
    call: impl FnMut() -> T + Send + 'static,
) -> Duration {
    runtime.block_on(async move { tokio::spawn(async move { time(count, call) }).await.unwrap() })
}

fn ready_future(criterion: &mut Criterion) {
    let (single, multi) = (current_thread(), Runtime::new().unwrap());
    let mut cx = Context::from_waker(Waker::noop());
    Peers::new("ready future, fiber")
        .timed(OURS, |count| on_fiber(&single, count, || sync_call!(ready(black_box(1)))))
        .calls("a bare poll", move || pin!(ready(black_box(1))).poll(&mut cx))
        .timed("sync_call! without a fiber", |count| {
            single.block_on(async { time(count, || sync_call!(ready(black_box(1)))) })
        })
        .timed("block_in_place", |count| {
            on_worker(&multi, count, || {
                block_in_place(|| Handle::current().block_on(ready(black_box(1))))
            })
        })
        .compare(criterion, &[("a bare poll", 2.0), ("sync_call! without a fiber", 1.0)]);
}

fn pending_future(criterion: &mut Criterion) {
    let (single, multi) = (current_thread(), Runtime::new().unwrap());
    Peers::new("suspended and resumed")
        .timed(OURS, |count| {
            single.block_on(async move {
                let mut switches =
                    pin!(fiber(move || (0..count).for_each(|_| sync_call!(Pends(false)))));
                let mut cx = Context::from_waker(Waker::noop());
                let start = Instant::now();
                while switches.as_mut().poll(&mut cx).is_pending() {}
                start.elapsed()
            })
        })
        .timed("polled twice", |count| {
            let mut cx = Context::from_waker(Waker::noop());
            time(count, || {
                let mut pends = pin!(black_box(Pends(false)));
                pends.as_mut().poll(&mut cx).is_pending() && pends.poll(&mut cx).is_ready()
            })
        })
        // The answer itself takes about a tenth of that, as the next group shows.
        .timed("block_in_place for an answer of a task", |count| {
            on_worker(&multi, count, || block_in_place(|| Handle::current().block_on(answer())))
        })
        .compare(criterion, &[("block_in_place for an answer of a task", 0.1)]);
    Peers::new("answer of a task, fiber")
        .timed(OURS, |count| on_fiber(&single, count, || sync_call!(answer())))
        .timed("block_in_place", |count| {
            on_worker(&multi, count, || block_in_place(|| Handle::current().block_on(answer())))
        })
        .timed("answer().await", |count| {
            single.block_on(async {
                let start = Instant::now();
                for _ in 0..count {
                    black_box(answer().await);
                }
                start.elapsed()
            })
        })
        .compare(criterion, &[]);
}

/// A future that is ready at its second poll.
struct Pends(bool);

impl Future for Pends {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

async fn answer() -> u64 {
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move { sender.send(1) });
    receiver.await.unwrap()
}

fn new_fiber(criterion: &mut Criterion) {
    let single = current_thread();
    Peers::new("a fiber from begin to end")
        .timed(OURS, |count| {
            single.block_on(async {
                let start = Instant::now();
                for _ in 0..count {
                    black_box(fiber(|| black_box(1)).await);
                }
                start.elapsed()
            })
        })
        .timed("spawn_blocking", |count| {
            single.block_on(async {
                let start = Instant::now();
                for _ in 0..count {
                    black_box(tokio::task::spawn_blocking(|| black_box(1)).await.unwrap());
                }
                start.elapsed()
            })
        })
        .compare(criterion, &[]);
}

/// A synchronous function, which doesn't know that it is on a fiber.
fn sleep_and_meet(barrier: &Barrier) {
    sync_call!(tokio::time::sleep(Duration::from_millis(10)));
    sync_call!(barrier.wait());
}

fn barrier(_: &mut Criterion) {
    const COUNT: usize = 10_000;
    let start = Instant::now();
    current_thread().block_on(LocalSet::new().run_until(async {
        let barrier = Arc::new(Barrier::new(COUNT));
        let meets = |_| {
            let barrier = Arc::clone(&barrier);
            spawn_local(fiber(move || sleep_and_meet(&barrier)))
        };
        for task in (0..COUNT).map(meets).collect::<Vec<_>>() {
            task.await.unwrap();
        }
    }));
    let took = start.elapsed();
    let verdict = if took < Duration::from_secs(1) { "met" } else { "NOT met" };
    println!("time   {COUNT} fibers sleep 10 ms and meet: {took:.0?} (goal 1 s: {verdict})");
    // `spawn_blocking` has 512 threads unless configured otherwise. The functions on them wait for
    // those that have no thread.
    let runtime = current_thread();
    let barrier = Arc::new(Barrier::new(COUNT));
    for _ in 0..COUNT {
        let barrier = Arc::clone(&barrier);
        let handle = runtime.handle().clone();
        runtime.spawn_blocking(move || {
            handle.block_on(async {
                tokio::time::sleep(Duration::from_millis(10)).await;
                // The barrier is never passed; the process ends.
                barrier.wait().await;
            });
        });
    }
    runtime.block_on(async { tokio::time::sleep(Duration::from_secs(2)).await });
    let waits = runtime.metrics().num_alive_tasks();
    let (_, _, threads) = size();
    println!(
        "time   {COUNT} times spawn_blocking: none has met after 2 s, {threads} threads wait ({waits} tasks)"
    );
    runtime.shutdown_background();
}

/// The memory of this process and that of its page tables, in KiB, and its threads.
fn size() -> (u64, u64, u64) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let number = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
    };
    (number("VmRSS"), number("VmPTE"), number("Threads"))
}

/// How many fibers wait on one thread, or how many threads wait.
fn waiting(what: &str) -> usize {
    if what == "fiber" { 10_000 } else { 5000 }
}

const MEASURE: &str = "BRIDGEHEAD_BENCH_MEASURE";

/// What each waiting fiber or thread adds to a process: KiB of memory, KiB of page tables, threads.
fn measure(what: &str) -> [f64; 3] {
    let output =
        Command::new(std::env::current_exe().unwrap()).env(MEASURE, what).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut numbers = text.split_whitespace().map(|number| number.parse().unwrap());
    std::array::from_fn(|_| numbers.next().unwrap())
}

fn measured(what: &str) {
    let waiting = waiting(what);
    let runtime =
        Builder::new_current_thread().enable_all().max_blocking_threads(waiting).build().unwrap();
    let before = size();
    let set = LocalSet::new();
    for _ in 0..waiting {
        if what == "fiber" {
            drop(set.spawn_local(fiber(|| sync_call!(pending::<()>()))));
        } else {
            let handle = runtime.handle().clone();
            drop(runtime.spawn_blocking(move || handle.block_on(pending::<()>())));
        }
    }
    runtime.block_on(set.run_until(async { tokio::time::sleep(Duration::from_secs(1)).await }));
    let after = size();
    #[expect(clippy::cast_precision_loss, reason = "no process is that large")]
    let each = |after: u64, before: u64| (after - before) as f64 / waiting as f64;
    println!("{} {} {}", each(after.0, before.0), each(after.1, before.1), each(after.2, before.2));
    std::process::exit(0);
}

fn memory(_: &mut Criterion) {
    if let Ok(what) = std::env::var(MEASURE) {
        measured(&what);
    }
    let ([fiber, tables, threads], [blocking, blocking_tables, blocking_threads]) =
        (measure("fiber"), measure("spawn_blocking"));
    let ratio = fiber / blocking;
    let verdict = if ratio <= 0.45 { "met" } else { "NOT met" };
    println!(
        "memory waiting fiber: {fiber:.1} KiB, {tables:.1} KiB of page tables, {threads:.1} threads"
    );
    println!(
        "memory waiting spawn_blocking: {blocking:.1} KiB, {blocking_tables:.1} KiB of page tables, {blocking_threads:.1} threads"
    );
    println!("ratio  memory: {ratio:.2} of spawn_blocking (goal 0.45: {verdict})");
}

criterion_group!(benches, memory, barrier, ready_future, pending_future, new_fiber);
criterion_main!(benches);
