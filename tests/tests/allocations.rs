//! A call of a ready future allocates nothing in any context, and neither does reading or
//! iterating.
#![expect(unsafe_code, reason = "an allocator can't be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::ready;
use std::hint::black_box;
use std::io::Read;

use bridgehead::{Builder, Flavor, io, iter, sync_call};
use futures::stream::repeat;

/// The system's allocator, which counts the allocations of each thread.
struct Counting;

thread_local! {
    // Neither allocated nor dropped, so that the allocator may use it at any time.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    ALLOCATIONS.set(ALLOCATIONS.get() + 1);
}

// SAFETY: every call is passed to the system's allocator unchanged. Counting neither allocates nor
// unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are those of this method.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often this thread allocates in many runs of `call`. The first run is not counted, since it
/// allocates what later runs reuse. Of several measurements the least counts: when a runtime of
/// another test ends meanwhile, the thread looks up once more which runtime serves it.
fn allocations(mut call: impl FnMut()) -> u64 {
    call();
    let measure = |_| {
        let before = ALLOCATIONS.get();
        for _ in 0..100 {
            call();
        }
        ALLOCATIONS.get() - before
    };
    (0..10).map(measure).min().expect("there are ten")
}

fn call() {
    assert_eq!(sync_call!(ready(black_box(7))), 7);
}

fn nested_call() {
    assert_eq!(sync_call!(async { sync_call!(ready(black_box(7)), allow_async) }), 7);
}

/// A call, a nested call, and calls of the adapters.
fn nothing_is_allocated() {
    assert_eq!(allocations(call), 0);
    assert_eq!(allocations(nested_call), 0);
    let mut numbers = iter(repeat(black_box(7)));
    assert_eq!(allocations(|| assert_eq!(numbers.next(), Some(7))), 0);
    let mut sevens = io(tokio::io::repeat(7));
    assert_eq!(allocations(|| sevens.read_exact(&mut [0; 7]).expect("to read")), 0);
}

fn current_thread() -> Builder {
    Builder::new().flavor(Flavor::CurrentThread)
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(black_box(Box::new(7)))), 100);
    assert_eq!(allocations(|| sync_call!(async { drop(black_box(Box::new(7))) })), 100);
}

#[test]
fn on_a_plain_thread() {
    nothing_is_allocated();
}

#[test]
fn on_a_worker() {
    bridgehead::run(async { tokio::spawn(async { nothing_is_allocated() }).await.unwrap() });
}

#[test]
fn in_the_block_on_of_a_multi_thread_runtime() {
    bridgehead::run(async { nothing_is_allocated() });
}

#[test]
fn on_a_blocking_thread_of_a_multi_thread_runtime() {
    bridgehead::run(async { tokio::task::spawn_blocking(nothing_is_allocated).await.unwrap() });
}

#[test]
fn on_a_thread_that_drives_a_runtime() {
    current_thread().run(async { nothing_is_allocated() });
}

#[test]
fn in_a_task_on_a_thread_that_drives_a_runtime() {
    current_thread().run(async { tokio::spawn(async { nothing_is_allocated() }).await.unwrap() });
}

#[test]
fn on_a_fiber() {
    current_thread().run(async { bridgehead::fiber(nothing_is_allocated).await });
    futures::executor::block_on(bridgehead::fiber(nothing_is_allocated));
}

#[test]
fn a_call_that_suspends_its_fiber() {
    let suspends = || assert_eq!(allocations(|| sync_call!(tokio::task::yield_now())), 0);
    current_thread().run(async { bridgehead::fiber(suspends).await });
}

#[test]
fn on_a_blocking_thread_of_a_current_thread_runtime() {
    current_thread()
        .run(async { tokio::task::spawn_blocking(nothing_is_allocated).await.unwrap() });
}

#[test]
fn under_the_guard_of_a_current_thread_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _guard = runtime.enter();
    nothing_is_allocated();
}
