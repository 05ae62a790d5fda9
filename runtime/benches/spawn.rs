//! `bridgehead::spawn` of a task that is ready at once, awaited, beside `tokio::spawn` (goal: 1.2 of it); and what a live task takes in
//! memory beyond a plain one (goal: 64 bytes).
//!
//! Our part is an entry in a table, made and removed under an uncontended lock, and a waker that is cloned at the first poll.

mod peers;

use std::alloc::{GlobalAlloc, Layout, System};
use std::future::pending;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bridgehead::Runner;
use criterion::{Criterion, criterion_group, criterion_main};

use crate::peers::{OURS, Peers};

/// Counts the bytes that are in use.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "an allocator can't be written without")]
// SAFETY: every call is handed on to the system's allocator as it is; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those of this method.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn spawn(criterion: &mut Criterion) {
    let runner = Runner::new();
    Peers::new("spawn and await")
        .timed(OURS, |count| {
            runner.run(async move {
                let start = Instant::now();
                for _ in 0..count {
                    black_box(bridgehead::spawn(async { black_box(1) }).await.unwrap());
                }
                start.elapsed()
            })
        })
        .timed("tokio::spawn", |count| {
            runner.run(async move {
                let start = Instant::now();
                for _ in 0..count {
                    black_box(tokio::spawn(async { black_box(1) }).await.unwrap());
                }
                start.elapsed()
            })
        })
        .compare(criterion, &[("tokio::spawn", 1.2)]);
    Peers::new("spawn in a worker's task")
        .timed(OURS, |count| {
            in_task(&runner, move || async move {
                for _ in 0..count {
                    black_box(bridgehead::spawn(async { black_box(1) }).await.unwrap());
                }
            })
        })
        .timed("tokio::spawn", |count| {
            in_task(&runner, move || async move {
                for _ in 0..count {
                    black_box(tokio::spawn(async { black_box(1) }).await.unwrap());
                }
            })
        })
        .compare(criterion, &[("tokio::spawn", 1.2)]);
}

fn in_task<F: Future<Output = ()> + Send + 'static>(
    runner: &Runner,
    work: impl FnOnce() -> F + Send + 'static,
) -> Duration {
    runner.run(async {
        let timed = async move {
            let start = Instant::now();
            work().await;
            start.elapsed()
        };
        tokio::spawn(timed).await.unwrap()
    })
}

/// Bytes for a live task of which nobody holds the handle.
fn memory(_: &mut Criterion) {
    const TASKS: usize = 100_000;
    let bytes = |spawn: fn()| {
        let runner = Runner::new();
        runner.run(async move {
            let before = IN_USE.load(Ordering::Relaxed);
            (0..TASKS).for_each(|_| spawn());
            // Each has been polled once.
            tokio::time::sleep(Duration::from_millis(500)).await;
            (IN_USE.load(Ordering::Relaxed) - before) / TASKS
        })
    };
    let plain = bytes(|| drop(tokio::spawn(pending::<()>())));
    let ours = bytes(|| bridgehead::spawn(pending::<()>()).detach());
    let more = ours.saturating_sub(plain);
    let verdict = if more <= 64 { "met" } else { "NOT met" };
    println!("bytes  live task: {more} more than the {plain} of tokio::spawn (goal 64: {verdict})");
}

criterion_group!(benches, spawn, memory);
criterion_main!(benches);
