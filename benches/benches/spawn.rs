//! `bridgehead::spawn` of a task that is ready at once, awaited, beside `tokio::spawn` (goal: 1.2 of it); and what a live task takes in
//! memory beyond a plain one (goal: 64 bytes).
//!
//! Our part is an entry in a table, made and removed under an uncontended lock, and a waker that is cloned when the task first waits.
//! From the main future the goal is met: waking a worker takes most of the time. In a task of a worker, where tokio needs no more than
//! a slot of that worker, it is not, and neither is the one for memory: an entry takes 48 bytes, in a table that grows by doubling.

use std::alloc::{GlobalAlloc, Layout, System};
use std::future::pending;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bridgehead::Runner;
use bridgehead_benches::{OURS, Peers};
use criterion::{Criterion, criterion_group, criterion_main};

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

/// Bytes for a live task of which nobody holds the handle: the mean over futures of many sizes, since tokio's own part of a task grows
/// in steps of 128 bytes.
fn memory(_: &mut Criterion) {
    fn more<const SIZE: usize>() -> usize {
        bytes(|| bridgehead::spawn(holds([0; SIZE])).detach())
            - bytes(|| drop(tokio::spawn(holds([0; SIZE]))))
    }
    let sizes = [
        more::<0>(),
        more::<16>(),
        more::<32>(),
        more::<48>(),
        more::<64>(),
        more::<80>(),
        more::<96>(),
        more::<112>(),
    ];
    let mean = sizes.iter().sum::<usize>() / sizes.len();
    let verdict = if mean <= 64 { "met" } else { "NOT met" };
    println!(
        "bytes  live task: {mean} more than tokio::spawn (goal 64: {verdict}), by size of the future {sizes:?}"
    );
}

async fn holds<const SIZE: usize>(bytes: [u8; SIZE]) {
    pending::<()>().await;
    black_box(bytes);
}

fn bytes(spawn: fn()) -> usize {
    const TASKS: usize = 20_000;
    let runner = Runner::new();
    runner.run(async move {
        let before = IN_USE.load(Ordering::Relaxed);
        (0..TASKS).for_each(|_| spawn());
        // Each has been polled once.
        tokio::time::sleep(Duration::from_millis(200)).await;
        (IN_USE.load(Ordering::Relaxed) - before) / TASKS
    })
}

criterion_group!(benches, spawn, memory);
criterion_main!(benches);
