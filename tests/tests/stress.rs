//! The same many times: no wake-up is lost, and nothing is leaked. `scripts/stress` runs it for
//! longer, with `STRESS_PAIRS`, `STRESS_FIRST_USES` and `STRESS_SECONDS`.
#![expect(unsafe_code, reason = "an allocator can't be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::env;
use std::future::{pending, poll_fn};
use std::panic;
use std::process;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering};
use std::sync::{Arc, Barrier};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{Runner, io, iter, sync_call, to_thread, try_sync_call};
use bridgehead_tests::contexts::{Job, in_task, multi, single};
use bridgehead_tests::{Outcome, child, outcome};
use futures::stream;
use futures::task::AtomicWaker;
use tokio::runtime::Handle;
use tokio::time::sleep;

/// The system's allocator, which counts the bytes that are in use.
struct Counting;

static BYTES: AtomicIsize = AtomicIsize::new(0);

fn count(size: usize, sign: isize) {
    BYTES.fetch_add(sign * isize::try_from(size).unwrap_or(0), Ordering::Relaxed);
}

// SAFETY: every call is passed to the system's allocator unchanged. Counting neither allocates nor
// unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        // SAFETY: the caller's promises are those of this method.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(layout.size(), -1);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The value of the environment variable, or a small default.
fn setting<T: FromStr>(name: &str, short: T) -> T {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(short)
}

/// One of two threads that take turns: it waits in calls until the other one gives it the turn.
#[derive(Default)]
struct Turn {
    is_here: AtomicBool,
    waker: AtomicWaker,
}

impl Turn {
    fn give(&self) {
        self.is_here.store(true, Ordering::Release);
        self.waker.wake();
    }

    fn wait(&self) {
        sync_call!(poll_fn(|cx| {
            self.waker.register(cx.waker());
            if self.is_here.swap(false, Ordering::AcqRel) { Poll::Ready(()) } else { Poll::Pending }
        }));
    }
}

/// Runs a job in a context.
type Place = fn(Job);

/// Two threads take turns `pairs` times. Each wakes the other one, and then parks, while it may
/// already be woken in turn.
fn take_turns(pairs: u32, place: Place) {
    let turns = [(); 2].map(|()| Arc::new(Turn::default()));
    turns[0].give();
    let threads = [(0, 1), (1, 0)].map(|(own, other)| {
        let (own, other) = (Arc::clone(&turns[own]), Arc::clone(&turns[other]));
        let job = move || {
            for _ in 0..pairs / 2 {
                own.wait();
                other.give();
            }
        };
        thread::spawn(move || place(Box::new(job)))
    });
    for thread in threads {
        thread.join().expect("the thread");
    }
}

#[test]
fn no_wake_up_of_a_million_is_lost() {
    let pairs: u32 = setting("STRESS_PAIRS", 20_000);
    // A lost wake-up hangs both threads, so it is enough to check that they finish.
    let deadline = Duration::from_secs(30) + pairs * Duration::from_micros(200);
    let places: [(&str, Place); 4] = [
        ("on plain threads", |job| job()),
        ("on workers", |job| in_task(&multi(2), job)),
        ("in the block_on of a multi-thread runtime", |job| multi(1).block_on(async { job() })),
        ("within a call", |job| sync_call!(async { job() })),
    ];
    for (name, place) in places {
        match outcome(deadline, move || take_turns(pairs, place)) {
            Outcome::Done(()) => {}
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn sixty_four_threads_begin_at_once() {
    const NAME: &str = "sixty_four_threads_begin_at_once";
    if child::is_child(NAME) {
        let barrier = Barrier::new(64);
        let begin = || {
            barrier.wait();
            sync_call!(async {
                sleep(Duration::from_millis(1)).await;
                Handle::current().id()
            })
        };
        let ids: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..64).map(|_| scope.spawn(begin)).collect();
            threads.into_iter().map(|thread| thread.join().expect("the call")).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "it was built twice");
        return;
    }
    for _ in 0..setting("STRESS_FIRST_USES", 5) {
        child::assert_success(NAME, &child::run(NAME));
    }
}

/// Everything that a program does with this crate, once.
fn day() {
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(calls);
        }
    });
    for runtime in [multi(2), single()] {
        in_task(&runtime, Box::new(calls));
    }
    let runner = Runner::new();
    runner.run(async {
        bridgehead::spawn(pending::<()>()).detach();
        to_thread(calls).await.expect("the work");
    });
    assert!(runner.close().is_clean());
}

fn calls() {
    sync_call!(async { tokio::spawn(sleep(Duration::from_micros(100))).await.expect("the task") });
    assert!(try_sync_call!(pending::<()>(), timeout = "100us").is_err());
    assert_eq!(iter(stream::iter([1, 2, 3])).sum::<i32>(), 6);
    let mut bytes = [0; 7];
    std::io::Read::read_exact(&mut io(tokio::io::repeat(7)), &mut bytes).expect("to read");
    let unwound = panic::catch_unwind(|| sync_call!(async { panic::resume_unwind(Box::new(7)) }));
    assert!(unwound.is_err());
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Usage {
    threads: usize,
    descriptors: usize,
    bytes: isize,
}

impl Usage {
    /// Waits until everything that is ending has ended.
    fn now() -> Self {
        thread::sleep(Duration::from_millis(300));
        let count = |folder| std::fs::read_dir(folder).map_or(0, Iterator::count);
        Self {
            threads: count("/proc/self/task"),
            descriptors: count("/proc/self/fd"),
            bytes: BYTES.load(Ordering::Relaxed),
        }
    }
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn nothing_is_left_behind() {
    const NAME: &str = "nothing_is_left_behind";
    /// The memory that a map which has grown may take, or a thread of the background runtime which
    /// comes and goes.
    const SOME: isize = 16 << 10;
    if child::is_child(NAME) {
        (0..20).for_each(|_| day());
        let before = Usage::now();
        let end = Instant::now() + Duration::from_secs(setting("STRESS_SECONDS", 4));
        let mut days = 0;
        while Instant::now() < end || days < 20 {
            day();
            days += 1;
        }
        let after = Usage::now();
        println!("{days} rounds: {before:?}, then {after:?}");
        // The background runtime keeps its blocking threads for some seconds.
        assert!(after.threads <= before.threads + 4, "threads: {before:?}, then {after:?}");
        assert!(after.descriptors <= before.descriptors, "descriptors: {before:?}, then {after:?}");
        assert!(after.bytes <= before.bytes + SOME, "bytes: {before:?}, then {after:?}");
        process::exit(0);
    }
    let ended = child::run_within(NAME, Duration::from_secs(60 + setting("STRESS_SECONDS", 4) * 2));
    println!("{}", ended.stdout);
    assert!(
        ended.status.is_some_and(|status| status.success()),
        "{}\n{}",
        ended.stdout,
        ended.stderr
    );
}
