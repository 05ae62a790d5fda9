//! A call that has nothing to wait for: only the way into a call and out of it is measured.
//!
//! On a plain thread the peers are `Handle::block_on` of a shared multi-thread runtime (goal: 0.75
//! of it) and `block_on` of a current-thread runtime that the thread keeps (goal: 0.25). A call has
//! to make the runtime current before its expression is evaluated, and gives the poll a cooperative
//! budget. Both are tokio's own code. `Handle::enter` alone takes two thirds of the first peer's
//! time, and so the goals are not met.
//!
//! On a worker the peer is `block_in_place(|| Handle::current().block_on(future))`, with a ready
//! future (goal: 0.4 of it) and with the lock of a free mutex (goal: 0.6). The future is polled
//! before anything is handed off, within the task's own budget. The peer hands off its worker in
//! the first of its calls only, which flatters it.

use std::future::ready;
use std::hint::black_box;
use std::time::Duration;

use bridgehead::sync_call;
use bridgehead_benches::{OURS, Peers, time};
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Mutex;
use tokio::task::block_in_place;

fn plain_thread(criterion: &mut Criterion) {
    let shared = Runtime::new().unwrap();
    let handle = shared.handle();
    let own = Builder::new_current_thread().enable_all().build().unwrap();
    Peers::new("ready future, plain thread")
        .calls(OURS, || sync_call!(ready(black_box(1))))
        .calls("Handle::block_on", || handle.block_on(ready(black_box(1))))
        .calls("own current_thread runtime", || own.block_on(ready(black_box(1))))
        // The share of tokio, which is the least that ours can take.
        .calls("Handle::enter alone", || handle.enter())
        .compare(criterion, &[("Handle::block_on", 0.75), ("own current_thread runtime", 0.25)]);
}

/// Times the calls in a task.
fn on_worker<T>(
    runtime: &Runtime,
    count: u64,
    call: impl FnMut() -> T + Send + 'static,
) -> Duration {
    runtime.block_on(async move { tokio::spawn(async move { time(count, call) }).await.unwrap() })
}

fn worker(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    Peers::new("ready future, worker")
        .timed(OURS, |count| on_worker(&runtime, count, || sync_call!(ready(black_box(1)))))
        .timed("block_in_place", |count| {
            on_worker(&runtime, count, || {
                block_in_place(|| Handle::current().block_on(ready(black_box(1))))
            })
        })
        .compare(criterion, &[("block_in_place", 0.4)]);
}

fn mutex_on_worker(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    Peers::new("free mutex, worker")
        .timed(OURS, |count| {
            let mutex = Mutex::new(0_u64);
            on_worker(&runtime, count, move || *sync_call!(mutex.lock()) += 1)
        })
        .timed("block_in_place", |count| {
            let mutex = Mutex::new(0_u64);
            on_worker(&runtime, count, move || {
                *block_in_place(|| Handle::current().block_on(mutex.lock())) += 1;
            })
        })
        // The part that both sides contain.
        .timed("lock().await", |count| {
            runtime.block_on(async {
                let mutex = Mutex::new(0_u64);
                let start = std::time::Instant::now();
                for _ in 0..count {
                    *tokio::task::unconstrained(mutex.lock()).await += 1;
                }
                start.elapsed()
            })
        })
        .compare(criterion, &[("block_in_place", 0.6)]);
}

criterion_group!(benches, plain_thread, worker, mutex_on_worker);
criterion_main!(benches);
