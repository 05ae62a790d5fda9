//! The items of a stream whose items are all ready, as those of an iterator.
//!
//! The peer is the loop that people write by hand: `handle.block_on(stream.next())`, and
//! `block_in_place` around that on a worker (goal: 0.5 of it). The goal is met on a worker. On a
//! plain thread it can't be met: a poll may need a runtime, which has to be made current for each
//! item, since the thread runs the user's code in between. That alone takes more than half of the
//! peer's time, see `ready`. In `spawn_blocking` the runtime is current already: the goal is met
//! there in some runs, and narrowly missed in others.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bridgehead_benches::{OURS, Peers, time};
use criterion::{Criterion, criterion_group, criterion_main};
use futures_util::StreamExt;
use futures_util::stream::{Repeat, poll_fn, repeat};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::mpsc::{self, Receiver};
use tokio::task::{block_in_place, spawn_blocking};

const BY_HAND: &str = "block_on(next())";

fn items() -> Repeat<u64> {
    repeat(black_box(7))
}

fn ours() -> impl FnMut() -> Option<u64> + Send {
    let mut items = bridgehead::iter(items());
    move || items.next()
}

fn by_hand() -> impl FnMut() -> Option<u64> + Send {
    let mut items = items();
    let handle = Handle::current();
    move || handle.block_on(items.next())
}

fn plain_thread(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let by_hand = runtime.block_on(async { by_hand() });
    Peers::new("ready items, plain thread")
        .calls(OURS, ours())
        .calls(BY_HAND, by_hand)
        // The share of tokio, which is the least that ours can take.
        .calls("Handle::enter alone", || runtime.handle().enter())
        .compare(criterion, &[(BY_HAND, 0.5)]);
}

fn blocking_thread(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let calls = |calls: fn(u64) -> Duration, count| {
        runtime.block_on(async { spawn_blocking(move || calls(count)).await.unwrap() })
    };
    Peers::new("ready items, spawn_blocking")
        .timed(OURS, |count| calls(|count| time(count, ours()), count))
        .timed(BY_HAND, |count| calls(|count| time(count, by_hand()), count))
        .compare(criterion, &[(BY_HAND, 0.5)]);
}

fn worker(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let calls = |calls: fn(u64) -> Duration, count| {
        runtime.block_on(async { tokio::spawn(async move { calls(count) }).await.unwrap() })
    };
    let in_place = |count| {
        let mut next = by_hand();
        time(count, || block_in_place(&mut next))
    };
    Peers::new("ready items, worker")
        .timed(OURS, |count| calls(|count| time(count, ours()), count))
        .timed(BY_HAND, |count| calls(in_place, count))
        .compare(criterion, &[(BY_HAND, 0.5)]);
}

/// Times taking `count` items out of a full channel.
fn drain(count: u64, mut take: impl FnMut(Receiver<u64>)) -> Duration {
    const BATCH: u32 = 256;
    let mut taken = Duration::ZERO;
    for _ in 0..count.div_ceil(BATCH.into()) {
        let (sender, receiver) = mpsc::channel(BATCH as usize);
        for item in 0..BATCH {
            sender.try_send(item.into()).unwrap();
        }
        drop(sender);
        let start = Instant::now();
        take(receiver);
        taken += start.elapsed();
    }
    taken
}

/// Both sides contain the channel's own work. The streams are made alike: what `tokio_stream`'s
/// `ReceiverStream` does.
fn channel(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let handle = runtime.handle();
    Peers::new("a full channel, plain thread")
        .timed(OURS, |count| {
            drain(count, |mut receiver| {
                bridgehead::iter(poll_fn(|cx| receiver.poll_recv(cx)))
                    .for_each(|item| _ = black_box(item));
            })
        })
        .timed(BY_HAND, |count| {
            drain(count, |mut receiver| {
                let mut items = poll_fn(|cx| receiver.poll_recv(cx));
                while let Some(item) = handle.block_on(items.next()) {
                    black_box(item);
                }
            })
        })
        // For who has the channel itself.
        .timed("blocking_recv", |count| {
            drain(count, |mut receiver| {
                while let Some(item) = receiver.blocking_recv() {
                    black_box(item);
                }
            })
        })
        .compare(criterion, &[(BY_HAND, 0.5)]);
}

criterion_group!(benches, plain_thread, blocking_thread, worker, channel);
criterion_main!(benches);
