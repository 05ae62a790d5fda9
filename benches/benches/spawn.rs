//! `bridgehead::spawn` beside `tokio::spawn`: one task that is ready at once, and 5,000 at once
//! (goal: 1.2 of it); the memory of a live task (goal: 1.4 of tokio's); and how both grow with the
//! number of live tasks.
//!
//! Our part is an entry in a table, made and removed under a lock that few tasks take at the same
//! time, and a waker that is cloned when the task first waits.

use std::alloc::{GlobalAlloc, Layout, System};
use std::future::pending;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bridgehead::Runner;
use bridgehead_benches::{OURS, Peers};
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::sync::mpsc;

/// Counts the bytes that are in use.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "an allocator can't be written without")]
// SAFETY: every call is passed to the system's allocator unchanged. Counting neither allocates nor
// unwinds.
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

/// Enough tasks that workers complete some while others are spawned.
const AT_ONCE: u64 = 5_000;

fn crowds(criterion: &mut Criterion) {
    let runner = Runner::builder().worker_threads(2).build();
    Peers::new("5,000 tasks at once, from a task")
        .timed(OURS, |count| in_task(&runner, move || rounds(count, ours)))
        .timed("tokio::spawn", |count| in_task(&runner, move || rounds(count, tokios)))
        .compare(criterion, &[("tokio::spawn", 1.2)]);
    Peers::new("5,000 tasks at once, from four tasks")
        .timed(OURS, |count| {
            in_task(&runner, move || rounds(count, |_| four(|| ours(AT_ONCE / 4))))
        })
        .timed("tokio::spawn", |count| {
            in_task(&runner, move || rounds(count, |_| four(|| tokios(AT_ONCE / 4))))
        })
        .compare(criterion, &[("tokio::spawn", 1.2)]);
    Peers::new("5,000 tasks at once, detached")
        .timed(OURS, |count| in_task(&runner, move || rounds(count, detached_ours)))
        .timed("tokio::spawn", |count| in_task(&runner, move || rounds(count, detached_tokios)))
        .compare(criterion, &[("tokio::spawn", 1.2)]);
}

async fn rounds<F: Future<Output = ()>>(count: u64, round: impl Fn(u64) -> F) {
    for _ in 0..count {
        round(AT_ONCE).await;
    }
}

async fn four<F: Future<Output = ()> + Send + 'static>(spawn: impl Fn() -> F) {
    for task in [(); 4].map(|()| tokio::spawn(spawn())) {
        task.await.unwrap();
    }
}

/// Is pending once, as most tasks are.
async fn waits_once() -> u32 {
    tokio::task::yield_now().await;
    black_box(1)
}

async fn ours(tasks: u64) {
    let tasks: Vec<_> = (0..tasks).map(|_| bridgehead::spawn(waits_once())).collect();
    for task in tasks {
        black_box(task.await.unwrap());
    }
}

async fn tokios(tasks: u64) {
    let tasks: Vec<_> = (0..tasks).map(|_| tokio::spawn(waits_once())).collect();
    for task in tasks {
        black_box(task.await.unwrap());
    }
}

async fn detached_ours(tasks: u64) {
    let (ends, mut ended) = mpsc::channel::<()>(1);
    for _ in 0..tasks {
        let ends = ends.clone();
        bridgehead::spawn(async move {
            waits_once().await;
            drop(ends);
        })
        .detach();
    }
    drop(ends);
    ended.recv().await;
}

async fn detached_tokios(tasks: u64) {
    let (ends, mut ended) = mpsc::channel::<()>(1);
    for _ in 0..tasks {
        let ends = ends.clone();
        drop(tokio::spawn(async move {
            waits_once().await;
            drop(ends);
        }));
    }
    drop(ends);
    ended.recv().await;
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

/// The bytes of a live task that was detached: the mean over futures of many sizes, since tokio's
/// own part of a task grows in steps of 128 bytes.
fn memory(_: &mut Criterion) {
    fn of<const SIZE: usize>() -> [usize; 2] {
        [
            bytes(20_000, || bridgehead::spawn(holds([0; SIZE])).detach()),
            bytes(20_000, || drop(tokio::spawn(holds([0; SIZE])))),
        ]
    }
    let sizes = [
        of::<0>(),
        of::<16>(),
        of::<32>(),
        of::<48>(),
        of::<64>(),
        of::<80>(),
        of::<96>(),
        of::<112>(),
    ];
    let sum = |which: usize| sizes.iter().map(|of| of[which]).sum::<usize>() / sizes.len();
    print_memory("live task", [sum(0), sum(1)], Some(1.4));
}

#[expect(clippy::cast_precision_loss, reason = "few bytes")]
fn print_memory(of: &str, [ours, tokios]: [usize; 2], goal: Option<f64>) {
    let ratio = ours as f64 / tokios as f64;
    let verdict = match goal {
        Some(goal) if ratio <= goal => format!(" (goal {goal}: met)"),
        Some(goal) => format!(" (goal {goal}: NOT met)"),
        None => String::new(),
    };
    // `scripts/bench-table` reads the lines that begin with `ratio`. How the memory grows is not in
    // its table.
    let kind = if goal.is_some() { "ratio " } else { "memory" };
    println!(
        "{kind} heap of a {of}, {ours} and {tokios} bytes: {ratio:.2} of tokio::spawn{verdict}"
    );
}

/// The time and memory of one more task, beside many that live already.
fn growth(_: &mut Criterion) {
    for alive in [10, 100, 1_000, 10_000, 100_000, 1_000_000] {
        let heap = [
            bytes(alive, || bridgehead::spawn(pending::<()>()).detach()),
            bytes(alive, || drop(tokio::spawn(pending::<()>()))),
        ];
        print_memory(&format!("task of {alive}"), heap, None);
        let runner = Runner::builder().worker_threads(2).build();
        let mut nanos = [Duration::MAX; 2];
        runner.run(async {
            (0..alive).for_each(|_| bridgehead::spawn(pending::<()>()).detach());
            for _ in 0..20 {
                let begun = Instant::now();
                ours(1_000).await;
                nanos[0] = nanos[0].min(begun.elapsed() / 1_000);
                let begun = Instant::now();
                tokios(1_000).await;
                nanos[1] = nanos[1].min(begun.elapsed() / 1_000);
            }
        });
        println!("time   one more task beside {alive}: {:?} and {:?}", nanos[0], nanos[1]);
    }
}

async fn holds<const SIZE: usize>(bytes: [u8; SIZE]) {
    pending::<()>().await;
    black_box(bytes);
}

fn bytes(tasks: usize, spawn: fn()) -> usize {
    let runner = Runner::new();
    runner.run(async move {
        let before = IN_USE.load(Ordering::Relaxed);
        (0..tasks).for_each(|_| spawn());
        // By then each has been polled once.
        tokio::time::sleep(Duration::from_millis(200)).await;
        (IN_USE.load(Ordering::Relaxed) - before) / tasks
    })
}

criterion_group!(benches, spawn, crowds, memory, growth);
criterion_main!(benches);
