//! Sixteen plain threads that call at the same time, against `Handle::block_on` of a shared multi-thread runtime (goal: not slower).
//!
//! With a ready future the threads compete for the count of the runtime's handle, which is raised and lowered by either way. A call takes
//! no lock and shares no count of its own, where the peer takes a lock of the runtime's, so that the goal is met. The pending future is a
//! message from a task that is spawned for it, which keeps the runtime's workers busy as well; there the two are equal but for noise.

use std::future::ready;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::sync_call;
use bridgehead_benches::{OURS, Peers, time};
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

const THREADS: u64 = 16;

/// How long so many calls take, shared out among the threads: from the first thread's start to the last one's end.
fn all_at_once<T>(count: u64, call: impl Fn() -> T + Sync) -> Duration {
    let barrier = Barrier::new(16);
    let run = |thread| {
        // Whatever a thread does in its first call only.
        call();
        barrier.wait();
        let start = Instant::now();
        (start, start + time(count / THREADS + u64::from(thread < count % THREADS), &call))
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || run(thread))).collect();
        let times: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        let start = times.iter().map(|(start, _)| *start).min();
        let end = times.iter().map(|(_, end)| *end).max();
        end.unwrap() - start.unwrap()
    })
}

async fn answer() -> u64 {
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move { sender.send(1) });
    receiver.await.unwrap()
}

fn ready_future(criterion: &mut Criterion) {
    let shared = Runtime::new().unwrap();
    Peers::new("ready future, 16 threads")
        .timed(OURS, |count| all_at_once(count, || sync_call!(ready(black_box(1)))))
        .timed("Handle::block_on", |count| {
            all_at_once(count, || shared.handle().block_on(ready(black_box(1))))
        })
        .compare(criterion, &[("Handle::block_on", 1.0)]);
}

fn pending_future(criterion: &mut Criterion) {
    let shared = Runtime::new().unwrap();
    Peers::new("answer of a task, 16 threads")
        .timed(OURS, |count| all_at_once(count, || sync_call!(answer())))
        .timed("Handle::block_on", |count| all_at_once(count, || shared.handle().block_on(answer())))
        .compare(criterion, &[("Handle::block_on", 1.0)]);
}

criterion_group!(benches, ready_future, pending_future);
criterion_main!(benches);
