//! The blocking pool of a runtime belongs to the user. Calls on workers take none of its threads,
//! and a pool that blocking work has exhausted is reported.
//!
//! Each case runs in a process of its own, since it uses up the threads of a process.
#![cfg(target_os = "linux")]

use std::fs;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{Builder, CallError, Flavor, sync_call, to_thread, try_sync_call};
use bridgehead_tests::contexts::multi_with_pool;
use bridgehead_tests::reported::{AFTER, assert_reported, reported};
use bridgehead_tests::{DEADLINE, child, within};
use tokio::runtime::{self, Runtime};
use tokio::sync::Semaphore;
use tokio::time::sleep;

/// A future that needs a thread of the blocking pool.
async fn read_a_file() {
    tokio::fs::read("/proc/self/stat").await.expect("the file");
}

fn single(pool: usize) -> Runtime {
    let mut builder = runtime::Builder::new_current_thread();
    builder.max_blocking_threads(pool).enable_all().build().expect("a runtime")
}

/// How many threads there are for workers that were handed off.
fn spare_threads() -> usize {
    let threads = fs::read_dir("/proc/self/task").expect("the list");
    let names =
        threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("comm")).ok());
    // The system truncates the names.
    names.filter(|name| name.starts_with("bridgehead-spar")).count()
}

/// Runs each job in a process of its own.
macro_rules! in_children {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[test]
        fn $name() {
            const NAME: &str = stringify!($name);
            if child::is_child(NAME) {
                within(NAME, cases::$name);
                return;
            }
            child::assert_success(NAME, &child::run(NAME));
        }
    )*};
}

in_children! {
    four_calls_for_files_on_a_pool_of_4
    six_hundred_calls_for_files_on_the_default_pool
    files_are_read_while_512_calls_wait
    spare_threads_are_bounded_by_what_waits_and_end_soon
    calls_after_a_crowd_take_no_more_threads
}

mod cases {
    use super::*;

    async fn calls(count: usize) {
        let call = || {
            sync_call!(
                async {
                    sleep(Duration::from_millis(20)).await;
                    read_a_file().await;
                },
                allow_async
            );
        };
        let calls: Vec<_> = (0..count).map(|_| tokio::spawn(async move { call() })).collect();
        for call in calls {
            call.await.expect("the call");
        }
    }

    pub(super) fn four_calls_for_files_on_a_pool_of_4() {
        for workers in [1, 2, 4] {
            multi_with_pool(workers, 4).block_on(calls(4));
            multi_with_pool(workers, 1).block_on(calls(4));
            Builder::new().worker_threads(workers).max_blocking_threads(4).run(calls(4));
        }
    }

    pub(super) fn six_hundred_calls_for_files_on_the_default_pool() {
        multi_with_pool(2, 512).block_on(calls(600));
    }

    /// Makes `count` calls in tasks, which wait for a permit each.
    async fn waiting(count: usize) -> (Arc<Semaphore>, Vec<tokio::task::JoinHandle<()>>) {
        let gate = Arc::new(Semaphore::new(0));
        let (begun, begins) = mpsc::channel();
        let calls = (0..count)
            .map(|_| {
                let (gate, begun) = (Arc::clone(&gate), begun.clone());
                tokio::spawn(async move {
                    begun.send(()).expect("the test listens");
                    drop(sync_call!(gate.acquire(), allow_async));
                })
            })
            .collect();
        for _ in 0..count {
            while begins.try_recv().is_err() {
                sleep(Duration::from_millis(1)).await;
            }
        }
        (gate, calls)
    }

    async fn end((gate, calls): (Arc<Semaphore>, Vec<tokio::task::JoinHandle<()>>)) {
        gate.add_permits(calls.len());
        for call in calls {
            call.await.expect("the call");
        }
    }

    pub(super) fn files_are_read_while_512_calls_wait() {
        multi_with_pool(2, 512).block_on(async {
            let calls = waiting(512).await;
            read_a_file().await;
            tokio::net::lookup_host("localhost:1").await.expect("its addresses").for_each(drop);
            assert_eq!(tokio::task::spawn_blocking(|| 1).await.expect("the work"), 1);
            assert_eq!(to_thread(|| 2).await.expect("the work"), 2);
            end(calls).await;
        });
    }

    pub(super) fn spare_threads_are_bounded_by_what_waits_and_end_soon() {
        const CALLS: usize = 64;
        const WORKERS: usize = 2;
        multi_with_pool(WORKERS, 512).block_on(async {
            let calls = waiting(CALLS).await;
            let threads = spare_threads();
            // Each call has handed off one worker. A thread that blocks in a call itself counts
            // only once.
            assert!((1..=CALLS + WORKERS).contains(&threads), "{threads}");
            end(calls).await;
        });
        // A spare thread keeps its worker until that is handed off again. Without a worker it ends.
        let begun = Instant::now();
        while spare_threads() > 0 {
            assert!(begun.elapsed() < DEADLINE / 2, "{} are left", spare_threads());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// A crowd of calls has no lasting effect on later ones.
    pub(super) fn calls_after_a_crowd_take_no_more_threads() {
        const WORKERS: usize = 2;
        let runtime = multi_with_pool(WORKERS, 512);
        runtime.block_on(async {
            end(waiting(64).await).await;
            let begun = Instant::now();
            while spare_threads() > WORKERS {
                assert!(begun.elapsed() < DEADLINE / 2, "{} are left", spare_threads());
                sleep(Duration::from_millis(50)).await;
            }
            let calls = waiting(4).await;
            assert!(spare_threads() <= 4 + WORKERS, "{}", spare_threads());
            end(calls).await;
        });
    }
}

/// Fills the pool with blocking work whose calls need the pool.
fn fills(runtime: &Runtime, pool: usize) {
    let works: Vec<_> = (0..pool)
        .map(|_| {
            runtime.spawn_blocking(|| {
                // By then all of the work has begun.
                thread::sleep(AFTER / 4);
                sync_call!(read_a_file());
            })
        })
        .collect();
    for work in works {
        runtime.block_on(work).expect("the work");
    }
}

/// All calls are on one line, and so are reported once.
const HELP: [&str; 3] = [
    "all of its threads are blocked",
    "in calls at tests/tests/stalls/blocking_pools.rs:",
    "`max_blocking_threads`",
];

#[test]
fn a_pool_of_a_multi_thread_runtime_that_is_exhausted_is_reported() {
    const NAME: &str = "a_pool_of_a_multi_thread_runtime_that_is_exhausted_is_reported";
    let messages = reported(NAME, 1, || fills(&multi_with_pool(2, 4), 4));
    assert_reported(&messages, &["the blocking pool of the runtime", "is exhausted"]);
    assert_reported(&messages, &HELP);
}

#[test]
fn a_pool_of_a_current_thread_runtime_that_is_exhausted_is_reported() {
    const NAME: &str = "a_pool_of_a_current_thread_runtime_that_is_exhausted_is_reported";
    let messages = reported(NAME, 1, || fills(&single(4), 4));
    assert_reported(&messages, &["the blocking pool of the runtime", "is exhausted"]);
    assert_reported(&messages, &HELP);
}

#[test]
fn the_pool_of_a_run_that_is_exhausted_is_reported_with_its_size() {
    const NAME: &str = "the_pool_of_a_run_that_is_exhausted_is_reported_with_its_size";
    let run = || {
        Builder::new().max_blocking_threads(3).stall_after(AFTER).run(async {
            let work = || {
                thread::sleep(AFTER / 4);
                sync_call!(read_a_file());
            };
            let works: Vec<_> = (0..3).map(|_| to_thread(work)).collect();
            for work in works {
                work.await.expect("the work");
            }
        });
    };
    assert_reported(
        &reported(NAME, 1, run),
        &[
            "the blocking pool of the runtime started at tests/tests/stalls/blocking_pools.rs:",
            "3 of 3 threads are blocked",
        ],
    );
}

#[test]
fn where_it_is_asked_for_an_exhausted_pool_is_an_error() {
    for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
        within("an error", move || {
            let builder = Builder::new().flavor(flavor).max_blocking_threads(2);
            builder.stall_after(AFTER).on_stall(bridgehead::OnStall::Panic).run(async {
                let work = || {
                    thread::sleep(AFTER / 4);
                    try_sync_call!(read_a_file())
                };
                let works = [to_thread(work), to_thread(work)];
                let mut stalled = 0;
                for work in works {
                    match work.await.expect("the work") {
                        // The other call has released a thread by then.
                        Ok(()) => {}
                        Err(CallError::Stalled { stall, .. }) => {
                            assert!(stall.to_string().contains("is exhausted"), "{stall}");
                            stalled += 1;
                        }
                        Err(error) => panic!("{error}"),
                    }
                }
                assert!(stalled > 0);
            });
        });
    }
}

/// A pool whose threads are busy with long work without calls is not exhausted.
#[test]
fn a_slow_call_beside_a_free_pool_is_not_reported() {
    const NAME: &str = "a_slow_call_beside_a_free_pool_is_not_reported";
    let job = || {
        let runtime = multi_with_pool(1, 2);
        let work = runtime.spawn_blocking(|| sync_call!(sleep(3 * AFTER)));
        runtime.block_on(work).expect("the work");
    };
    assert!(reported(NAME, 0, job).is_empty());
}
