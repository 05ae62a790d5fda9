//! Plain threads that call at the same time, from one to a thousand, against `Handle::block_on` of
//! a shared multi-thread runtime with as many workers (goal: not slower, whatever their number).
//!
//! With a ready future the threads compete for the reference count of the runtime's handle, which
//! both ways change. A call takes no lock and has no shared count of its own, where the peer takes
//! a lock of the runtime. The pending future is a message from a task that is spawned for it, which
//! also keeps the workers busy: there the two are equal but for noise.

#![expect(clippy::cast_precision_loss, reason = "no turn has that many calls")]

use std::future::ready;
use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::sync_call;
use bridgehead_benches::{OURS, Peers, time};
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

/// The least number of calls of a thread in a turn, so that the calls dominate what is measured.
const AT_LEAST: u64 = 20;

/// How long `count` calls take, divided among the threads: from the first thread's start to the
/// last one's end.
fn all_at_once<T>(threads: u64, count: u64, call: impl Fn() -> T + Sync) -> Duration {
    let barrier = Barrier::new(usize::try_from(threads).unwrap());
    let each = (count / threads).max(AT_LEAST);
    let run = || {
        // The first call of a thread does more than the others.
        call();
        barrier.wait();
        let start = Instant::now();
        (start, start + time(each, &call))
    };
    let took = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        let times: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        let start = times.iter().map(|(start, _)| *start).min();
        let end = times.iter().map(|(_, end)| *end).max();
        end.unwrap() - start.unwrap()
    });
    took.mul_f64(count as f64 / (each * threads) as f64)
}

/// Builds and ends runtimes on a thread of its own while `f` runs. Each of them serves a call.
fn beside_ending_runtimes<T>(f: impl FnOnce() -> T) -> T {
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                let runtime = Builder::new_current_thread().build().unwrap();
                let _entered = runtime.enter();
                sync_call!(ready(()));
            }
        });
        let result = f();
        is_done.store(true, Ordering::Relaxed);
        result
    })
}

async fn answer() -> u64 {
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move { sender.send(1) });
    receiver.await.unwrap()
}

fn ready_future(criterion: &mut Criterion) {
    let shared = Runtime::new().unwrap();
    for (threads, name) in [
        (1, "ready future, 1 thread"),
        (16, "ready future, 16 threads"),
        (128, "ready future, 128 threads"),
        (1000, "ready future, 1,000 threads"),
    ] {
        Peers::new(name)
            .timed(OURS, |count| all_at_once(threads, count, || sync_call!(ready(black_box(1)))))
            .timed("Handle::block_on", |count| {
                all_at_once(threads, count, || shared.handle().block_on(ready(black_box(1))))
            })
            .compare(criterion, &[("Handle::block_on", 1.0)]);
    }
}

fn ending_runtimes(criterion: &mut Criterion) {
    let shared = Runtime::new().unwrap();
    Peers::new("ready future, 8 threads, runtimes end")
        .timed(OURS, |count| {
            beside_ending_runtimes(|| all_at_once(8, count, || sync_call!(ready(black_box(1)))))
        })
        .timed("Handle::block_on", |count| {
            beside_ending_runtimes(|| {
                all_at_once(8, count, || shared.handle().block_on(ready(black_box(1))))
            })
        })
        .timed("no runtime ends", |count| all_at_once(8, count, || sync_call!(ready(black_box(1)))))
        .compare(criterion, &[("Handle::block_on", 1.0)]);
}

fn pending_future(criterion: &mut Criterion) {
    let shared = Runtime::new().unwrap();
    for (threads, name) in [
        (1, "spawn and join, 1 thread"),
        (16, "spawn and join, 16 threads"),
        (128, "spawn and join, 128 threads"),
        (1000, "spawn and join, 1,000 threads"),
    ] {
        Peers::new(name)
            .timed(OURS, |count| all_at_once(threads, count, || sync_call!(answer())))
            .timed("Handle::block_on", |count| {
                all_at_once(threads, count, || shared.handle().block_on(answer()))
            })
            .compare(criterion, &[("Handle::block_on", 1.05)]);
    }
}

criterion_group!(benches, ready_future, ending_runtimes, pending_future);
criterion_main!(benches);
