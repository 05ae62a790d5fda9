//! Very many calls at once: more than there are workers, threads of a blocking pool, or frames on a usual stack.
//!
//! Each case runs in a process of its own, since it takes what there is of threads.

use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use bridgehead::{Builder, sync_call};
use bridgehead_tests::contexts::{in_task, multi, single};
use bridgehead_tests::{child, within};
use tokio::runtime::{self, Handle, Runtime};
use tokio::sync::Notify;
use tokio::time::sleep;

/// Runs each job in a process of its own.
macro_rules! crowds {
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

crowds! {
    sixteen_sleepers_on_a_pool_of_4
    sixteen_sleepers_on_a_pool_of_1
    two_thousand_sleepers_on_the_default_pool
    a_run_with_more_sleepers_than_threads
    calls_for_what_a_task_of_their_runtime_does
    ten_thousand_tasks_that_sleep
    ten_thousand_threads



}

mod cases {
    use super::*;

    fn runtime(workers: usize, pool: usize) -> Runtime {
        let mut builder = runtime::Builder::new_multi_thread();
        builder.worker_threads(workers).max_blocking_threads(pool).enable_all().build().expect("a runtime")
    }

    /// Makes so many calls at once in tasks of the current runtime.
    async fn sleepers(count: usize) {
        let calls: Vec<_> = (0..count)
            .map(|_| tokio::spawn(async { sync_call!(sleep(Duration::from_millis(5)), allow_async) }))
            .collect();
        for call in calls {
            call.await.expect("the call");
        }
    }

    pub(super) fn sixteen_sleepers_on_a_pool_of_4() {
        for workers in [1, 2, 4] {
            runtime(workers, 4).block_on(sleepers(16));
        }
    }

    pub(super) fn sixteen_sleepers_on_a_pool_of_1() {
        for workers in [1, 2, 4] {
            runtime(workers, 1).block_on(sleepers(16));
        }
    }

    pub(super) fn two_thousand_sleepers_on_the_default_pool() {
        multi(2).block_on(sleepers(2000));
    }

    pub(super) fn a_run_with_more_sleepers_than_threads() {
        Builder::new().worker_threads(2).max_blocking_threads(4).run(sleepers(16));
    }

    /// They hold more threads than the pool has, and wait for a task that none of them runs.
    pub(super) fn calls_for_what_a_task_of_their_runtime_does() {
        for (workers, pool) in [(1, 1), (2, 4), (4, 512)] {
            let runtime = runtime(workers, pool);
            let count = workers + pool + 1;
            let (begun, begins) = mpsc::channel();
            let notify = Arc::new(Notify::new());
            let calls: Vec<_> = (0..count)
                .map(|_| {
                    let (notify, begun) = (Arc::clone(&notify), begun.clone());
                    runtime.spawn(async move {
                        let notified = notify.notified();
                        begun.send(()).expect("somebody counts");
                        sync_call!(notified, allow_async);
                        Handle::current().id()
                    })
                })
                .collect();
            begins.iter().take(count).for_each(drop);
            runtime.spawn(async move { notify.notify_waiters() });
            for call in calls {
                assert_eq!(runtime.block_on(call).expect("the call"), runtime.handle().id());
            }
        }
    }

    pub(super) fn ten_thousand_tasks_that_sleep() {
        multi(2).block_on(sleepers(10_000));
    }

    pub(super) fn ten_thousand_threads() {
        const COUNT: usize = 10_000;
        let barrier = Arc::new(Barrier::new(COUNT));
        let threads: Vec<_> = (0..COUNT)
            .map(|_| {
                let barrier = Arc::clone(&barrier);
                let call = move || {
                    barrier.wait();
                    sync_call!(async {
                        sleep(Duration::from_millis(20)).await;
                        tokio::spawn(async { 1 }).await.expect("the task")
                    })
                };
                thread::Builder::new().stack_size(64 * 1024).spawn(call).expect("a thread")
            })
            .collect();
        let sum: usize = threads.into_iter().map(|thread| thread.join().expect("the call")).sum();
        assert_eq!(sum, COUNT);
    }

    /// A synchronous function that waits for an asynchronous one, which calls a synchronous one.
    fn down(levels: usize) -> usize {
        sync_call!(async move {
            tokio::task::yield_now().await;
            if levels == 0 { 0 } else { 1 + down(levels - 1) }
        })
    }

    fn a_thousand() {
        assert_eq!(down(1000), 1000);
    }

    pub(super) fn a_thousand_levels_on_a_plain_thread() {
        thread::spawn(a_thousand).join().expect("the thread");
    }

    pub(super) fn a_thousand_levels_on_a_worker() {
        in_task(&multi(2), Box::new(a_thousand));
    }

    pub(super) fn a_thousand_levels_on_the_thread_that_drives() {
        in_task(&single(), Box::new(a_thousand));
    }
}
