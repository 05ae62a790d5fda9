//! The table of contexts: every state in which synchronous code may find its thread when it waits.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bridgehead::{ThreadContext, fiber, fiber_future};
use tokio::runtime::{Builder, Handle, LocalOptions, LocalRuntime, Runtime};
use tokio::task::{self, LocalSet};

/// The code that runs in a context.
pub type Job = Box<dyn FnOnce() + Send>;

/// A state of a thread.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Its name in messages.
    pub name: &'static str,
    /// The value of `ThreadContext::current()` there.
    pub context: ThreadContext,
    /// Runs the job there.
    pub run: fn(Job),
}

/// Runs `job` in every context, each on a thread of its own with a deadline.
///
/// # Panics
///
/// If the job panics or hangs in a context, with the name of that context.
pub fn everywhere<J: Fn(&Case) + Clone + Send + 'static>(job: J) {
    for case in CASES.iter().filter(|case| case.is_possible()) {
        let job = job.clone();
        crate::within(case.name, move || (case.run)(Box::new(move || job(case))));
    }
}

/// As [`everywhere`], but in all contexts at the same time, for a job that waits.
///
/// # Panics
///
/// As [`everywhere`].
pub fn everywhere_at_once<J: Fn(&Case) + Clone + Send + 'static>(job: J) {
    let threads: Vec<_> = CASES
        .iter()
        .filter(|case| case.is_possible())
        .map(|case| {
            let job = job.clone();
            thread::spawn(move || {
                crate::within(case.name, move || (case.run)(Box::new(move || job(case))));
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap_or_else(|payload| std::panic::resume_unwind(payload));
    }
}

impl Case {
    /// Whether this build supports the context.
    fn is_possible(&self) -> bool {
        let needs_unwinding = [UNWINDS, MAY_UNWIND].contains(&self.name);
        // Miri can't switch stacks, and ThreadSanitizer can't follow a switch.
        let no_fibers = cfg!(any(miri, thread_sanitizer));
        !(cfg!(panic = "abort") && needs_unwinding || no_fibers && self.name.contains("fiber"))
    }
}

const UNWINDS: &str = "a fiber that unwinds";
/// Here the thread looks like a worker of the guard's runtime. If that worker is busy, only a panic
/// of tokio's distinguishes the two.
const MAY_UNWIND: &str = "multi-thread guard in a current-thread task";

/// All contexts.
pub const CASES: &[Case] = &[
    case("plain thread", ThreadContext::Plain, |job| job()),
    case("another executor's thread", ThreadContext::Plain, |job| {
        futures::executor::block_on(async { job() });
    }),
    case("worker, the only one", ThreadContext::Worker, |job| in_task(&multi(1), job)),
    case("worker, one of two", ThreadContext::Worker, |job| in_task(&multi(2), job)),
    case("multi-thread block_on", ThreadContext::BlockOn, |job| multi(1).block_on(async { job() })),
    case("multi-thread block_on, in a join!", ThreadContext::BlockOn, |job| {
        multi(1).block_on(async { tokio::join!(task::yield_now(), async { job() }) });
    }),
    case("multi-thread spawn_blocking", ThreadContext::Entered, |job| in_blocking(&multi(1), job)),
    case("block_in_place on a worker", ThreadContext::Entered, |job| {
        in_task(&multi(1), Box::new(|| task::block_in_place(job)));
    }),
    case("block_in_place in block_on", ThreadContext::Entered, |job| {
        multi(1).block_on(async { task::block_in_place(job) });
    }),
    case("worker, after a block_in_place", ThreadContext::Worker, |job| {
        in_task(&multi(2), Box::new(|| after_handing_off(|| thread::sleep(HANDS_OFF), job)));
    }),
    case("worker, after a block_in_place with a block_on in it", ThreadContext::Worker, |job| {
        let block_on = || Handle::current().block_on(tokio::time::sleep(HANDS_OFF));
        in_task(&multi(2), Box::new(move || after_handing_off(block_on, job)));
    }),
    case("block_in_place on a worker, after a block_on in it", ThreadContext::Entered, |job| {
        in_task(
            &multi(2),
            Box::new(|| {
                task::block_in_place(|| {
                    Handle::current().block_on(tokio::time::sleep(HANDS_OFF));
                    job();
                });
            }),
        );
    }),
    case("on a worker, after a call that handed it off", ThreadContext::Worker, |job| {
        in_task(
            &multi(2),
            Box::new(|| {
                bridgehead::sync_call!(tokio::time::sleep(HANDS_OFF));
                job();
            }),
        );
    }),
    case("multi-thread enter() guard", ThreadContext::Entered, |job| {
        let runtime = multi(1);
        let _guard = runtime.enter();
        job();
    }),
    case("LocalSet in multi-thread block_on", ThreadContext::BlockOn, |job| {
        multi(1).block_on(in_local_set(job));
    }),
    case("current-thread block_on", ThreadContext::Driver, |job| {
        single().block_on(async { job() });
    }),
    case("current-thread task", ThreadContext::Driver, |job| in_task(&single(), job)),
    case("LocalSet on current-thread", ThreadContext::Driver, |job| {
        single().block_on(in_local_set(job));
    }),
    case("LocalRuntime block_on", ThreadContext::Driver, |job| local().block_on(async { job() })),
    case("LocalRuntime task", ThreadContext::Driver, |job| {
        local().block_on(async { task::spawn_local(async { job() }).await.expect("the task") });
    }),
    case("current-thread spawn_blocking", ThreadContext::BlockingPool, |job| {
        in_blocking(&single(), job);
    }),
    case(
        "enter() guard of a current-thread runtime, not driven",
        ThreadContext::EnteredCurrentThread,
        |job| {
            let runtime = single();
            let _guard = runtime.enter();
            job();
        },
    ),
    case(
        "enter() guard of a current-thread runtime, driven elsewhere",
        ThreadContext::EnteredCurrentThread,
        |job| {
            driven_elsewhere(|runtime| {
                let _guard = runtime.enter();
                job();
            });
        },
    ),
    case("second block_on of a current-thread runtime", ThreadContext::BlockOn, |job| {
        driven_elsewhere(|runtime| runtime.block_on(async { job() }));
    }),
    case("multi-thread guard in current-thread block_on", ThreadContext::Driver, |job| {
        let other = multi(1);
        single().block_on(async {
            let _guard = other.enter();
            job();
        });
    }),
    case(MAY_UNWIND, ThreadContext::Worker, |job| {
        let other = multi(1);
        let handle = other.handle().clone();
        // The worker of `other` has to be idle: then no panic is needed to distinguish it from this
        // thread.
        other.block_on(task::yield_now());
        thread::sleep(std::time::Duration::from_millis(20));
        in_task(
            &single(),
            Box::new(move || {
                let _guard = handle.enter();
                job();
            }),
        );
    }),
    case("current-thread guard on a worker", ThreadContext::Driver, |job| {
        let other = single();
        let handle = other.handle().clone();
        in_task(
            &multi(2),
            Box::new(move || {
                let _guard = handle.enter();
                job();
            }),
        );
    }),
    case("inside a call on a plain thread", ThreadContext::InCall, in_call),
    case("inside a call on a worker", ThreadContext::InCall, |job| {
        in_task(&multi(1), Box::new(|| in_call(job)));
    }),
    case("inside a call on a worker, whose future was pending", ThreadContext::InCall, |job| {
        in_task(&multi(1), Box::new(|| after_a_wait_in_call(job)));
    }),
    case("inside a call on a current-thread runtime", ThreadContext::InCall, |job| {
        in_task(&single(), Box::new(|| after_a_wait_in_call(job)));
    }),
    case("on a runtime built inside a call", ThreadContext::Driver, |job| {
        bridgehead::sync_call!(async { single().block_on(async { job() }) });
    }),
    case("on a worker of a runtime built inside a call", ThreadContext::Worker, |job| {
        bridgehead::sync_call!(async { in_task(&multi(1), job) });
    }),
    case("guard of a multi-thread runtime that is gone", ThreadContext::RuntimeGone, |job| {
        let handle = multi(1).handle().clone();
        let _guard = handle.enter();
        job();
    }),
    case("guard of a current-thread runtime that is gone", ThreadContext::RuntimeGone, |job| {
        let handle = single().handle().clone();
        let _guard = handle.enter();
        job();
    }),
    case(
        "current-thread block_on, guard of a runtime that is gone",
        ThreadContext::Driver,
        |job| {
            let handle = single().handle().clone();
            single().block_on(async {
                let _guard = handle.enter();
                job();
            });
        },
    ),
    case(
        "worker, under a guard of a current-thread runtime that is gone",
        ThreadContext::Driver,
        |job| {
            let handle = single().handle().clone();
            let under_guard = move || {
                let _guard = handle.enter();
                job();
            };
            in_task(&multi(1), Box::new(under_guard));
        },
    ),
    case("fiber in current-thread block_on", ThreadContext::Fiber, |job| {
        single().block_on(fiber(job));
    }),
    case("fiber in a task of a LocalSet on current-thread", ThreadContext::Fiber, |job| {
        single().block_on(in_local_set_as(fiber(job)));
    }),
    case("fiber in a LocalRuntime's task", ThreadContext::Fiber, |job| {
        local().block_on(async { task::spawn_local(fiber(job)).await.expect("the task") });
    }),
    case("fiber in multi-thread block_on", ThreadContext::Fiber, |job| {
        multi(1).block_on(fiber(job));
    }),
    case("fiber in a LocalSet in multi-thread block_on", ThreadContext::Fiber, |job| {
        multi(1).block_on(in_local_set_as(fiber(job)));
    }),
    case("fiber on multi-thread spawn_blocking", ThreadContext::Fiber, |job| {
        let runtime = multi(1);
        let handle = runtime.handle().clone();
        in_blocking(&runtime, Box::new(move || handle.block_on(fiber(job))));
    }),
    case("fiber on another executor's thread", ThreadContext::Fiber, |job| {
        futures::executor::block_on(fiber(job));
    }),
    case(
        "fiber, enter() guard of a current-thread runtime, not driven",
        ThreadContext::Fiber,
        |job| {
            let runtime = single();
            let _guard = runtime.enter();
            futures::executor::block_on(fiber(job));
        },
    ),
    case("fiber in the second block_on of a current-thread runtime", ThreadContext::Fiber, |job| {
        driven_elsewhere(|runtime| runtime.block_on(fiber(job)));
    }),
    case("fiber under a guard of a runtime that is gone", ThreadContext::Fiber, |job| {
        let handle = multi(1).handle().clone();
        let _guard = handle.enter();
        futures::executor::block_on(fiber(job));
    }),
    case("fiber in a join!", ThreadContext::Fiber, |job| {
        single().block_on(async { tokio::join!(task::yield_now(), fiber(job), task::yield_now()) });
    }),
    case("fiber in a fiber", ThreadContext::Fiber, |job| {
        single().block_on(fiber(|| bridgehead::sync_call!(fiber(job))));
    }),
    case("fiber in a call on a plain thread", ThreadContext::Fiber, |job| {
        bridgehead::sync_call!(fiber(job));
    }),
    case("fiber in a call on a worker", ThreadContext::Fiber, |job| {
        in_task(&multi(1), Box::new(|| bridgehead::sync_call!(fiber(job))));
    }),
    case("fiber in a call on a current-thread runtime", ThreadContext::Fiber, |job| {
        in_task(&single(), Box::new(|| bridgehead::sync_call!(fiber(job))));
    }),
    case("fiber_future in current-thread block_on", ThreadContext::Fiber, |job| {
        single().block_on(fiber_future(async {
            task::yield_now().await;
            job();
        }));
    }),
    case("inside a call on a fiber, whose future was pending", ThreadContext::InCall, |job| {
        single().block_on(fiber(|| after_a_wait_in_call(job)));
    }),
    case("inside a call on a fiber, on another executor's thread", ThreadContext::InCall, |job| {
        futures::executor::block_on(fiber(|| after_a_wait_in_call(job)));
    }),
    case("another executor on a fiber", ThreadContext::Driver, |job| {
        single().block_on(fiber(|| futures::executor::block_on(async { job() })));
    }),
    case("another executor in a call on a fiber", ThreadContext::Driver, |job| {
        single().block_on(fiber(|| {
            bridgehead::sync_call!(async { futures::executor::block_on(async { job() }) });
        }));
    }),
    case("another runtime's block_on on a fiber", ThreadContext::Driver, |job| {
        futures::executor::block_on(fiber(|| single().block_on(async { job() })));
    }),
    case(
        "block_on, on a fiber, of the runtime that serves the fiber",
        ThreadContext::BlockOn,
        |job| {
            futures::executor::block_on(fiber(|| {
                let handle = bridgehead::sync_call!(async { tokio::runtime::Handle::current() });
                handle.block_on(async { job() });
            }));
        },
    ),
    case("another runtime's guard on a fiber", ThreadContext::Driver, |job| {
        let other = multi(1);
        let handle = other.handle().clone();
        single().block_on(fiber(move || {
            let _guard = handle.enter();
            job();
        }));
    }),
    case(UNWINDS, ThreadContext::Driver, |job| {
        struct OnDrop(Option<Job>);
        impl Drop for OnDrop {
            fn drop(&mut self) {
                self.0.take().expect("dropped once")();
            }
        }
        single().block_on(async {
            let unwinds = fiber(|| {
                let _guard = OnDrop(Some(job));
                std::panic::resume_unwind(Box::new("of the test"));
            });
            let joined =
                LocalSet::new().run_until(async { task::spawn_local(unwinds).await }).await;
            joined.expect_err("the panic");
        });
    }),
    case("bridgehead::run", ThreadContext::BlockOn, |job| bridgehead::run(async { job() })),
    case("a task of bridgehead::run", ThreadContext::Worker, |job| {
        bridgehead::run(async { tokio::spawn(async { job() }).await.expect("the task") });
    }),
    case("bridgehead's local flavor", ThreadContext::Driver, |job| {
        bridgehead::Builder::new().flavor(bridgehead::Flavor::Local).run(async {
            task::spawn_local(async { job() }).await.expect("the task");
        });
    }),
];

const fn case(name: &'static str, context: ThreadContext, run: fn(Job)) -> Case {
    Case { name, context, run }
}

/// A multi-thread runtime.
///
/// # Panics
///
/// If it can't be built.
#[must_use]
pub fn multi(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().expect("a runtime")
}

/// A multi-thread runtime with at most `pool` threads in its blocking pool.
///
/// # Panics
///
/// If it can't be built.
#[must_use]
pub fn multi_with_pool(workers: usize, pool: usize) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(workers).max_blocking_threads(pool).enable_all();
    builder.build().expect("a runtime")
}

/// A current-thread runtime.
///
/// # Panics
///
/// If it can't be built.
#[must_use]
pub fn single() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn local() -> LocalRuntime {
    Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())
        .expect("a runtime")
}

/// Runs the job in a task of the runtime.
///
/// # Panics
///
/// If the job panics, with its payload.
pub fn in_task(runtime: &Runtime, job: Job) {
    let joined = runtime.block_on(runtime.spawn(async { job() }));
    joined.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
}

fn in_blocking(runtime: &Runtime, job: Job) {
    let joined = runtime.block_on(runtime.spawn_blocking(job));
    joined.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
}

async fn in_local_set(job: Job) {
    in_local_set_as(async { job() }).await;
}

async fn in_local_set_as(future: impl Future<Output = ()> + 'static) {
    let joined = LocalSet::new().run_until(async { task::spawn_local(future).await }).await;
    joined.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
}

/// Long enough for another thread to take over the worker.
const HANDS_OFF: Duration = Duration::from_millis(20);

/// Runs `block` in a `block_in_place`, and then the job in the same poll of the same task.
fn after_handing_off(block: impl FnOnce(), job: Job) {
    task::block_in_place(block);
    job();
}

fn in_call(job: Job) {
    bridgehead::sync_call!(async { job() });
}

fn after_a_wait_in_call(job: Job) {
    bridgehead::sync_call!(async {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        job();
    });
}

/// Runs `f` while another thread drives the runtime.
fn driven_elsewhere(f: impl FnOnce(&Runtime)) {
    let runtime = single();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (ready, driving) = mpsc::channel();
    thread::scope(|scope| {
        let runtime = &runtime;
        scope.spawn(move || {
            runtime.block_on(async {
                ready.send(()).expect("the other thread listens");
                let _ = stopped.await;
            });
        });
        driving.recv().expect("the runtime is driven");
        f(runtime);
        // Dropping the sender stops the driver. An unwinding `f` drops it as well.
        drop(stop);
    });
}
