//! A call that is blocked for long and blocks a runtime is reported.
//!
//! The cases hang. So each runs in a process of its own, which ends all the same, and whose reports
//! are checked.

use std::future::{Future, pending};
use std::io::Write;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use bridgehead::{Builder, Flavor, Runner, sync_call};
use bridgehead_tests::contexts::{in_task, multi, single};
use bridgehead_tests::reported::{AFTER, LONG, assert_reported, pending_thread, reported};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, RwLock, oneshot};
use tokio::task;
use tokio::time::sleep;

/// Runs each job in a child. The one report has to contain the location of the call, which is in
/// `legacy`, and the parts that are listed for the job.
macro_rules! stalls {
    ($($(#[$doc:meta])* $name:ident: $($part:expr),+;)*) => {$(
        $(#[$doc])*
        #[test]
        fn $name() {
            let place = format!("bridgehead: `sync_call!` at tests/tests/stalls/reports.rs:{LEGACY}:5 has been blocked for ");
            assert_reported(&reported(stringify!($name), 1, cases::$name), &[&place, $($part),+]);
        }
    )*};
}

/// A synchronous function that makes the call.
fn legacy<T>(future: impl Future<Output = T>) -> T {
    sync_call!(future)
}
/// The line of its call.
const LEGACY: u32 = line!() - 3;

const DRIVER: &str = "on the thread that drives a current-thread runtime (runtime with the id ";
const GUARD: &str = "under the `enter()` guard of a current-thread runtime (runtime with the id ";
const GONE: &str =
    "in the context of a runtime that is shutting down or gone (runtime with the id ";

stalls! {
    /// Only the runtime that this thread drives could run the task.
    a_sibling_task_of_the_driver:
        "note: the call may just be slow: it deadlocks only if its future needs a task, a timer or a socket of the runtime whose thread it blocks",
        DRIVER, "blocks that thread", "make no progress", "help: `.await`", "`spawn_blocking`", "multi-thread", "on_stall";
    a_sibling_task_in_a_task: DRIVER, "blocks that thread";
    a_sibling_task_in_a_local_set: DRIVER, "blocks that thread";
    a_sibling_task_in_a_nested_call: DRIVER, "blocks that thread";
    a_timer_of_the_driver: DRIVER, "timers";
    a_socket_of_the_driver: DRIVER, "sockets";
    a_sibling_task_of_a_run: "(runtime started at tests/tests/stalls/reports.rs:", "blocks that thread";
    a_driver_behind_the_guard_of_another_runtime: "on the thread that drives a current-thread runtime\n", "blocks that thread";
    a_driver_behind_the_guard_of_a_runtime_that_is_gone: GUARD, "hide the runtime", "drop the guard";
    a_worker_behind_the_guard_of_a_runtime_that_is_gone: GONE, "hide the runtime", "drop the guard";
    a_worker_behind_the_guard_of_a_runtime_that_is_driven: GUARD, "hide the runtime", "drop the guard";
    a_runtime_that_no_thread_drives: GUARD, "no thread drives that runtime", "`block_on`", "multi-thread";
    a_runner_that_no_thread_drives: "(runtime started at tests/tests/stalls/reports.rs:", "no thread drives that runtime";
    a_runtime_that_is_not_driven_any_more: GUARD, "no thread drives that runtime";
    a_driver_and_its_blocking_work_that_wait_for_each_other:
        "on a blocking thread of a current-thread runtime (runtime with the id ",
        "the call at tests/tests/stalls/reports.rs:", "blocks the thread that drives that runtime";
    all_workers_in_code_that_blocks:
        "in the context of a multi-thread runtime", "all workers of that runtime are busy or blocked", "`spawn_blocking`", "tokio::sync::OnceCell";
    /// The call has found for seconds that the runtime makes progress, and so checks less often by
    /// then.
    all_workers_in_code_that_blocks_later: "all workers of that runtime are busy or blocked";
    all_workers_of_the_background_runtime_in_code_that_blocks:
        "on a thread without a runtime, served by the background runtime", "all workers of that runtime";
    all_workers_on_spare_threads_in_code_that_blocks: "on a worker", "all workers of that runtime are busy or blocked";
    a_lock_that_the_same_task_holds: "on a worker", "its runtime makes progress", "`tokio::sync::mutex::Mutex<", "release it before the call";
    a_lock_that_the_same_thread_holds: "on a thread without a runtime", "its runtime makes progress", "release it before the call";
    a_read_lock_that_the_same_task_holds: "RwLock<", "its runtime makes progress", "release it before the call";
    a_lock_that_the_same_task_of_the_driver_holds: DRIVER, "`tokio::sync::mutex::Mutex<", "release it before the call";
}

mod cases {
    use super::*;

    pub(super) fn a_sibling_task_of_the_driver() {
        single().block_on(async { legacy(tokio::spawn(async {})) }).expect("the task");
    }

    pub(super) fn a_sibling_task_in_a_task() {
        in_task(&single(), Box::new(|| drop(legacy(tokio::spawn(async {})))));
    }

    pub(super) fn a_sibling_task_in_a_local_set() {
        let set = task::LocalSet::new();
        single()
            .block_on(set.run_until(async { legacy(task::spawn_local(async {})) }))
            .expect("the task");
    }

    pub(super) fn a_sibling_task_in_a_nested_call() {
        single().block_on(async {
            let sibling = tokio::spawn(async {});
            sync_call!(async { legacy(sibling) }, allow_async).expect("the task");
        });
    }

    pub(super) fn a_timer_of_the_driver() {
        single().block_on(async { legacy(sleep(Duration::from_millis(1))) });
    }

    pub(super) fn a_socket_of_the_driver() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a socket");
        let address = listener.local_addr().expect("its address");
        thread::spawn(move || {
            let (mut peer, _) = listener.accept().expect("the client");
            thread::sleep(AFTER / 2);
            peer.write_all(b"hello").expect("the client listens");
            pending_thread();
        });
        single().block_on(async {
            let stream = tokio::net::TcpStream::connect(address).await.expect("the peer");
            legacy(stream.readable()).expect("the peer");
        });
    }

    pub(super) fn a_sibling_task_of_a_run() {
        let builder = Builder::new().flavor(Flavor::CurrentThread).stall_after(AFTER);
        builder.run(async { legacy(tokio::spawn(async {})) }).expect("the task");
    }

    pub(super) fn a_driver_behind_the_guard_of_another_runtime() {
        let other = multi(1);
        single().block_on(async {
            let sibling = tokio::spawn(async {});
            let _guard = other.enter();
            legacy(sibling).expect("the task");
        });
    }

    /// Waits, under the guard, for a task of the runtime that the thread is in.
    fn behind(guard: &Handle) {
        let sibling = tokio::spawn(async {});
        let _guard = guard.enter();
        legacy(sibling).expect("the task");
    }

    pub(super) fn a_driver_behind_the_guard_of_a_runtime_that_is_gone() {
        let gone = single().handle().clone();
        single().block_on(async { behind(&gone) });
    }

    pub(super) fn a_worker_behind_the_guard_of_a_runtime_that_is_gone() {
        let (gone, runtime) = (multi(1).handle().clone(), multi(1));
        in_task(&runtime, Box::new(move || behind(&gone)));
    }

    pub(super) fn a_worker_behind_the_guard_of_a_runtime_that_is_driven() {
        let (driven, runtime) = (single(), multi(1));
        let handle = driven.handle().clone();
        thread::spawn(move || driven.block_on(std::future::pending::<()>()));
        in_task(&runtime, Box::new(move || behind(&handle)));
    }

    pub(super) fn a_runtime_that_no_thread_drives() {
        let runtime = single();
        let task = runtime.spawn(async {});
        let _guard = runtime.enter();
        legacy(task).expect("the task");
    }

    pub(super) fn a_runner_that_no_thread_drives() {
        let runner = Runner::builder().flavor(Flavor::CurrentThread).stall_after(AFTER).build();
        let task = runner.spawn(async { sleep(AFTER / 4).await });
        let handle = runner.handle().expect("its runtime");
        let _guard = handle.enter();
        legacy(task).expect("the task");
    }

    pub(super) fn a_runtime_that_is_not_driven_any_more() {
        let runtime = Arc::new(single());
        let driven = Arc::clone(&runtime);
        let (stop, stopped) = oneshot::channel::<()>();
        thread::spawn(move || driven.block_on(stopped));
        let task = runtime.spawn(async { sleep(LONG / 2).await });
        let _guard = runtime.enter();
        thread::spawn(move || {
            // By then the call has found that the runtime is driven.
            thread::sleep(3 * AFTER);
            drop(stop);
        });
        legacy(task).expect("the task");
    }

    pub(super) fn a_driver_and_its_blocking_work_that_wait_for_each_other() {
        single().block_on(async {
            let handle = tokio::runtime::Handle::current();
            let work = task::spawn_blocking(move || legacy(handle.spawn(async {})));
            // This call is not to be reported, so that there is one report.
            sync_call!(work, on_stall = "ignore", allow_async)
                .expect("the work")
                .expect("the task");
        });
    }

    /// Returns when the last worker is blocked. Until then the runtime would pass a liveness check.
    fn block_workers(handle: &Handle) {
        let (begun, begins) = mpsc::channel();
        let count = handle.metrics().num_workers();
        for _ in 0..count {
            let begun = begun.clone();
            handle.spawn(async move {
                begun.send(()).expect("somebody counts");
                pending_thread();
            });
        }
        begins.iter().take(count).for_each(drop);
    }

    pub(super) fn all_workers_in_code_that_blocks() {
        let runtime = multi(2);
        block_workers(runtime.handle());
        let handle = runtime.handle().clone();
        let work = runtime.spawn_blocking(move || legacy(handle.spawn(async {})));
        runtime.block_on(work).expect("the work").expect("the task");
    }

    pub(super) fn all_workers_in_code_that_blocks_later() {
        let runtime = multi(2);
        let handle = runtime.handle().clone();
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(5));
            block_workers(&handle);
        });
        let work = runtime.spawn_blocking(|| legacy(pending::<()>()));
        runtime.block_on(work).expect("the work");
    }

    pub(super) fn all_workers_of_the_background_runtime_in_code_that_blocks() {
        block_workers(&sync_call!(async { Handle::current() }));
        legacy(async { sleep(Duration::from_millis(1)).await });
    }

    /// Other work has taken all threads of the pool, so that the worker is handed off to a spare
    /// thread of this crate.
    pub(super) fn all_workers_on_spare_threads_in_code_that_blocks() {
        let builder = &mut tokio::runtime::Builder::new_multi_thread();
        let builder = builder.worker_threads(1).max_blocking_threads(1).enable_all();
        let runtime = builder.build().expect("a runtime");
        let (begun, begins) = mpsc::channel();
        runtime.spawn_blocking(move || {
            begun.send(()).expect("the test listens");
            pending_thread();
        });
        begins.recv().expect("the work");
        in_task(
            &runtime,
            Box::new(|| legacy(tokio::spawn(async { pending_thread() })).expect("the task")),
        );
    }

    async fn lock_twice() {
        let lock = Mutex::new(1);
        let _guard = lock.lock().await;
        drop(legacy(lock.lock()));
    }

    pub(super) fn a_lock_that_the_same_task_holds() {
        let runtime = multi(2);
        runtime.block_on(runtime.spawn(lock_twice())).expect("the task");
    }

    pub(super) fn a_lock_that_the_same_thread_holds() {
        let lock = Mutex::new(1);
        let _guard = sync_call!(lock.lock());
        drop(legacy(lock.lock()));
    }

    pub(super) fn a_read_lock_that_the_same_task_holds() {
        let runtime = multi(2);
        let twice = async {
            let lock = RwLock::new(1);
            let _guard = lock.read().await;
            drop(legacy(lock.write()));
        };
        runtime.block_on(runtime.spawn(twice)).expect("the task");
    }

    pub(super) fn a_lock_that_the_same_task_of_the_driver_holds() {
        single().block_on(lock_twice());
    }
}
