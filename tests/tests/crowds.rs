//! Very many calls at once: more than there are workers, threads of a blocking pool, or frames on a
//! usual stack.
//!
//! Each case runs in a process of its own, since it uses up the threads of a process.

use std::panic;
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use bridgehead::{Builder, CallError, fiber, spawn_fiber, sync_call, try_sync_call};
use bridgehead_tests::contexts::{Job, in_task, multi, multi_with_pool, single};
use bridgehead_tests::{child, message, within};
use tokio::runtime::{self, Handle};
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
    a_run_that_went_on_on_spare_threads
    calls_with_work_between_them
    calls_beside_work_on_all_threads_of_1
    calls_beside_work_on_all_threads_of_4
    calls_beside_work_on_all_threads_of_512
    calls_for_what_a_task_of_their_runtime_does
    ten_thousand_tasks_that_sleep
    ten_thousand_threads
    ten_thousand_fibers
    a_thousand_levels_everywhere
    #[cfg_attr(panic = "abort", ignore = "something panics")]
    levels_without_end_everywhere
    #[cfg_attr(panic = "abort", ignore = "something panics")]
    levels_without_end_on_a_small_stack
    #[cfg_attr(panic = "abort", ignore = "something panics")]
    levels_without_end_on_a_fiber
}

mod cases {
    use super::*;

    /// Makes `count` calls at once, in tasks of the current runtime.
    async fn sleepers(count: usize) {
        let calls: Vec<_> = (0..count)
            .map(|_| {
                tokio::spawn(async { sync_call!(sleep(Duration::from_millis(5)), allow_async) })
            })
            .collect();
        for call in calls {
            call.await.expect("the call");
        }
    }

    pub(super) fn sixteen_sleepers_on_a_pool_of_4() {
        for workers in [1, 2, 4] {
            multi_with_pool(workers, 4).block_on(sleepers(16));
        }
    }

    pub(super) fn sixteen_sleepers_on_a_pool_of_1() {
        for workers in [1, 2, 4] {
            multi_with_pool(workers, 1).block_on(sleepers(16));
        }
    }

    pub(super) fn two_thousand_sleepers_on_the_default_pool() {
        multi(2).block_on(sleepers(2000));
    }

    pub(super) fn a_run_with_more_sleepers_than_threads() {
        Builder::new().worker_threads(2).max_blocking_threads(4).run(sleepers(16));
    }

    #[expect(
        clippy::large_stack_arrays,
        reason = "it is larger than the stack that threads usually have"
    )]
    fn deep() -> usize {
        std::hint::black_box([1_u8; 3 << 20]).iter().map(|byte| usize::from(*byte)).sum()
    }

    /// Spare threads have the configured stack size, and the run waits for their tasks at its end.
    pub(super) fn a_run_that_went_on_on_spare_threads() {
        struct Slow(mpsc::Sender<()>);
        impl Drop for Slow {
            fn drop(&mut self) {
                thread::sleep(Duration::from_millis(100));
                self.0.send(()).expect("the test listens");
            }
        }
        let (dropped, drops) = mpsc::channel();
        let builder =
            Builder::new().worker_threads(1).max_blocking_threads(1).thread_stack_size(32 << 20);
        let (name, sum) = builder.run(async move {
            sleepers(4).await;
            let (begun, begins) = tokio::sync::oneshot::channel();
            tokio::spawn(async move {
                let _slow = Slow(dropped);
                begun.send(()).expect("the run waits");
                std::future::pending::<()>().await;
            });
            begins.await.expect("the task");
            tokio::spawn(async { (thread::current().name().map(str::to_owned), deep()) })
                .await
                .expect("the task")
        });
        drops.try_recv().expect("the task was dropped before the run returned");
        assert_eq!((name.as_deref(), sum), (Some("bridgehead-spare"), 3 << 20));
    }

    /// The first task holds the only thread of the pool between its two calls. The call of the
    /// second task must not count that thread as free.
    pub(super) fn calls_with_work_between_them() {
        const STEP: Duration = Duration::from_millis(50);
        multi_with_pool(1, 1).block_on(async {
            let (begun, begins) = tokio::sync::oneshot::channel();
            let twice = tokio::spawn(async {
                sync_call!(sleep(STEP), allow_async);
                begun.send(()).expect("the other one waits");
                thread::sleep(3 * STEP);
                sync_call!(sleep(STEP), allow_async);
            });
            begins.await.expect("the work");
            let other = tokio::spawn(async { sync_call!(sleep(4 * STEP), allow_async) });
            other.await.expect("the call");
            twice.await.expect("the calls");
        });
    }

    /// The work holds all threads of the pool before the first call is made.
    fn calls_beside_work_on_all_threads_of(count: usize) {
        let runtime = multi_with_pool(2, count);
        let (begun, begins) = mpsc::channel();
        let release = Arc::new(Barrier::new(count + 1));
        for _ in 0..count {
            let (begun, release) = (begun.clone(), Arc::clone(&release));
            runtime.spawn_blocking(move || {
                begun.send(()).expect("somebody counts");
                release.wait();
            });
        }
        begins.iter().take(count).for_each(drop);
        runtime.block_on(sleepers(16));
        release.wait();
    }

    pub(super) fn calls_beside_work_on_all_threads_of_1() {
        calls_beside_work_on_all_threads_of(1);
    }

    pub(super) fn calls_beside_work_on_all_threads_of_4() {
        calls_beside_work_on_all_threads_of(4);
    }

    pub(super) fn calls_beside_work_on_all_threads_of_512() {
        calls_beside_work_on_all_threads_of(512);
    }

    /// More calls than the runtime has threads wait for a task that is spawned after them.
    pub(super) fn calls_for_what_a_task_of_their_runtime_does() {
        for (workers, pool) in [(1, 1), (2, 4), (4, 512)] {
            let runtime = multi_with_pool(workers, pool);
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

    /// All fibers wait at the same time, and none of them holds a thread.
    pub(super) fn ten_thousand_fibers() {
        const COUNT: usize = 10_000;
        let meet = |barrier: Arc<tokio::sync::Barrier>| {
            move || {
                sync_call!(sleep(Duration::from_millis(5)));
                sync_call!(barrier.wait());
            }
        };
        let barrier = Arc::new(tokio::sync::Barrier::new(COUNT));
        let fibers = (0..COUNT).map(|_| fiber(meet(Arc::clone(&barrier))));
        single().block_on(futures::future::join_all(fibers));
        Builder::new().fiber_threads(2).run(async {
            let tasks: Vec<_> =
                (0..COUNT).map(|_| spawn_fiber(meet(Arc::clone(&barrier)))).collect();
            assert!(threads() < 50, "{} threads", threads());
            for task in tasks {
                task.await.expect("the fiber");
            }
        });
    }

    #[cfg(target_os = "linux")]
    fn threads() -> usize {
        std::fs::read_dir("/proc/self/task").expect("the list").count()
    }

    #[cfg(not(target_os = "linux"))]
    fn threads() -> usize {
        0
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

    /// A synchronous function that waits for an async one, which calls it again.
    fn down(levels: usize) -> usize {
        sync_call!(async move {
            tokio::task::yield_now().await;
            if levels == 0 { 0 } else { 1 + down(levels - 1) }
        })
    }

    /// Runs the job on a plain thread, on a worker, and on a thread that drives a runtime, each
    /// with a stack of `size` bytes.
    fn on_stacks_of(size: usize, job: fn()) {
        let spawn =
            |job: Job| thread::Builder::new().stack_size(size).spawn(job).expect("a thread");
        let driver = move || in_task(&single(), Box::new(job));
        for job in [Box::new(job) as Job, Box::new(driver)] {
            spawn(job).join().expect("no panic");
        }
        let mut builder = runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(2).thread_stack_size(size).enable_all().build();
        in_task(&runtime.expect("a runtime"), Box::new(job));
    }

    pub(super) fn a_thousand_levels_everywhere() {
        // In debug builds a level takes four times as much as in release builds.
        on_stacks_of(8 << 20, || assert_eq!(down(1000), 1000));
    }

    /// Makes nested calls until one is refused.
    fn refused() -> CallError {
        let deeper = try_sync_call!(async {
            tokio::task::yield_now().await;
            refused()
        });
        deeper.unwrap_or_else(|error| error)
    }

    fn assert_is_refused() {
        let error = refused();
        assert!(matches!(error, CallError::StackExhausted { .. }), "{error}");
        assert!(error.to_string().contains("crowds.rs"), "{error}");
    }

    fn without_end() {
        assert_is_refused();
        let payload = panic::catch_unwind(|| down(usize::MAX)).expect_err("the end of the stack");
        let text = message(payload.as_ref());
        assert!(text.contains("crowds.rs") && text.contains("stack"), "{text}");
        // Calls work again afterwards.
        assert_eq!(down(10), 10);
    }

    pub(super) fn levels_without_end_everywhere() {
        on_stacks_of(2 << 20, without_end);
    }

    pub(super) fn levels_without_end_on_a_small_stack() {
        on_stacks_of(256 << 10, without_end);
    }

    pub(super) fn levels_without_end_on_a_fiber() {
        for size in [256 << 10, 1 << 20] {
            single().block_on(fiber(without_end).stack_size(size));
            let within_another = move || sync_call!(fiber(without_end).stack_size(size));
            single().block_on(fiber(within_another));
            futures::executor::block_on(fiber(without_end).stack_size(size));
        }
        // The smallest stack has room for two calls, but not for the backtrace of a panic.
        single().block_on(fiber(|| assert_eq!(down(1), 1)).stack_size(0));
        single().block_on(fiber(assert_is_refused).stack_size(0));
    }
}
