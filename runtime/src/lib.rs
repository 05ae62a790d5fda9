//! Call async code from synchronous code, correctly from any thread.
//!
//! [`sync_call!`] lets an ordinary function wait for a tokio future, whatever the thread it runs on is doing. [`#[entry]`](macro@entry)
//! makes `async fn main` the program's one top-level run. [`run`](run()) is the same for a thread or a test.
//!
//! ```standalone_crate
//! use std::io::{self, Read};
//!
//! use bridgehead::sync_call;
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//! use tokio::net::{TcpListener, TcpStream};
//!
//! /// A synchronous trait, over an async connection.
//! struct Connection(TcpStream);
//!
//! impl Read for Connection {
//!     fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
//!         sync_call!(self.0.read(buffer))
//!     }
//! }
//!
//! #[bridgehead::entry]
//! async fn main() -> io::Result<()> {
//!     let listener = TcpListener::bind("127.0.0.1:0").await?;
//!     let address = listener.local_addr()?;
//!     tokio::spawn(async move { listener.accept().await?.0.write_all(b"hello").await });
//!
//!     let mut connection = Connection(TcpStream::connect(address).await?);
//!     assert_eq!(io::read_to_string(&mut connection)?, "hello");
//!     Ok(())
//! }
//! ```
//!
//! # The problem
//!
//! A trait is synchronous ([`Iterator`], [`Read`](std::io::Read), [`Drop`], a driver's, a callback from C or Python), and what it has to do
//! is async. The usual answers, `block_on`, `block_in_place`, a runtime made on the spot, work on some threads, and on others end in one
//! of tokio's messages:
//!
//! - "Cannot start a runtime from within a runtime"
//! - "can call blocking only when running on the multi-threaded runtime"
//! - "Cannot drop a runtime in a context where blocking is not allowed"
//! - "there is no reactor running, must be called from the context of a Tokio 1.x runtime"
//!
//! or in no message at all: the thread waits for something that nobody runs any more, because the wait itself stopped it. A function
//! that is called from many places can't know where it stands. `sync_call!` finds out, at each call, and does what is right there.
//!
//! # The tools
//!
//! | what is to be done | tool |
//! |---|---|
//! | wait for a future in a synchronous function | [`sync_call!`], or [`try_sync_call!`] for a time limit and errors as values |
//! | have all calls of a client served by one runtime, whatever their threads do | [`sync_call!`] with [`on`](sync_call!#choosing-the-runtime), [`background`] |
//! | build between calls what needs a runtime: an interval, a client | [`enter`] |
//! | ship a blocking version of an async function, type or trait | [`#[blocking]`](macro@blocking) |
//! | read, write or iterate synchronously where something is async | [`io()`], [`iter()`] |
//! | run the program's async main | [`#[entry]`](macro@entry) |
//! | run a future on a runtime of its own, to the end | [`run`](run()), [`try_run`], [`Builder`] |
//! | keep a runtime, run on it several times, and close it | [`Runner`] |
//! | start a task, or blocking work, that its run knows | [`spawn`], [`to_thread`] |
//! | start such a task that is not `Send`, in the flavor "local" or a `LocalSet` | [`spawn_local`] |
//! | wait in synchronous code without holding a thread | `fiber`, `fiber_future` and `spawn_fiber`, with the feature `fiber` |
//! | clean up when the run ends | [`cancelled`] |
//! | end a program or a plugin without an async `main` in order: in `atexit`, at the end of `main` | [`close_background`] |
//! | see what runs and waits now, for a metrics endpoint | [`metrics`](metrics()) |
//! | wait in a thread-local destructor, where tokio is gone | [`on_background`] |
//!
//! Two more are rarely needed: [`ThreadContext::current`] tells where a thread stands and whether it may block, and
//! [`configure_background`] sets how the *background runtime* will be built, a multi-thread runtime that is started when a call first
//! needs it.
//!
//! # Guides
//!
//! | what you do | guide |
//! |---|---|
//! | ship a blocking API for an async one, from its first line to its release | [`guide::blocking`] |
//! | call async code where others call you: in `Drop`, a static, a panic hook, `atexit`, a main loop, rayon, a callback of C, [`Read`](std::io::Read) | [`guide::recipes`] |
//! | wait for async code in a Python extension, with the GIL released, and end on Ctrl-C | [`guide::python`] |
//!
//! Common mistakes with the macros, the compile error that each gets, and what to write instead, are in [`misuse`].
//!
//! # Where a call may stand
//!
//! | a call | what happens |
//! |---|---|
//! | on a thread without a runtime, or of another executor ([`Plain`](ThreadContext::Plain)) | the thread waits. Timers, sockets and tasks made in the call belong to the runtime of a multi-thread `#[entry]` while that runs, else to the background runtime |
//! | in a task on a worker thread ([`Worker`](ThreadContext::Worker)) | the future is polled in place. If it isn't ready, another thread takes over the worker's tasks, and this one waits |
//! | in a `block_on` of a multi-thread runtime, also in a `LocalSet` there ([`BlockOn`](ThreadContext::BlockOn)) | the thread waits, the workers go on |
//! | in `spawn_blocking`, `block_in_place`, under the `enter()` guard of a multi-thread runtime ([`Entered`](ThreadContext::Entered), [`BlockingPool`](ThreadContext::BlockingPool)) | the thread waits, the runtime goes on |
//! | under the `enter()` guard of a current-thread runtime ([`EnteredCurrentThread`](ThreadContext::EnteredCurrentThread)) | the background runtime serves the call, since nobody may be driving the other one |
//! | on the thread that drives a current-thread runtime, a `LocalRuntime`, or a `LocalSet` on one ([`Driver`](ThreadContext::Driver)) | the background runtime serves the call. The thread's own runtime stands still until the call returns |
//! | on a fiber ([`Fiber`](ThreadContext::Fiber)) | the fiber is suspended, and the thread goes on with other tasks of its runtime |
//! | inside another call on this thread ([`InCall`](ThreadContext::InCall)) | as the outer call |
//! | while the current runtime shuts down, or after ([`RuntimeGone`](ThreadContext::RuntimeGone)) | the background runtime serves the call |
//! | in a forked child ([`Forked`](ThreadContext::Forked)) | a fresh background runtime serves the call |
//! | in a thread-local destructor, after tokio's own thread-local state is gone ([`ThreadExiting`](ThreadContext::ThreadExiting)) | a future that needs no tokio runs. `try_sync_call!` returns an error; a `sync_call!` that needs tokio says so and panics, which ends the process there |
//!
//! # When a call holds up what it waits for
//!
//! A call that has waited for [`stall_after`](Builder::stall_after) (1 s) gives the runtime that its thread is in, and the one that serves
//! it, a task that does nothing. If that isn't run for another second, or for `stall_after` if that is less, the runtime stands still.
//! That is told once, on standard error or as an event: the call's file and line, where its thread stands, which runtime it is and where
//! it was started, how long the call has waited, what may be the matter, and what to do.
//!
//! | what is found | what is sure | what to do |
//! |---|---|---|
//! | the thread drives a current-thread runtime, and the call holds it up | the runtime stands still until the call returns; if the future needs a task, a timer or a socket there, for ever | `.await`, `spawn_blocking`, a fiber, the multi-thread flavor |
//! | the thread is under the `enter()` guard of a current-thread runtime that nobody drives, or in its `spawn_blocking` while a call holds it up | the same, until somebody drives it | a thread in its `block_on`; `.await` instead of the other call, which is named; a multi-thread runtime |
//! | the thread runs a task under the `enter()` guard of another runtime, a current-thread one that others drive or one that is gone; a task of a multi-thread runtime that is gone looks the same | this thread does nothing for the task's runtime until the call returns; if the future needs that, for ever | drop the guard before the call |
//! | the thread is a worker, and the system has no thread left to take its place | the runtime stands still until it has | a higher limit, fewer threads at a time |
//! | all workers of the runtime that serves the call are busy or blocked | the same | `spawn_blocking` for code that doesn't `.await`; in an initialiser or under a std lock that other workers wait for, a [`tokio::sync::OnceCell`], a lock of tokio's, or [`on_background`] |
//! | the call is in `spawn_blocking`, and the blocking pool has no thread for more work | files, DNS and other blocking work wait until one of its threads is free; if the future needs that, for ever | a larger [`max_blocking_threads`](Builder::max_blocking_threads), less blocking work at a time |
//! | the future is that of a lock: [`Mutex::lock`](tokio::sync::Mutex::lock), [`RwLock::read`](tokio::sync::RwLock::read), … | nothing: somebody else may hold it | if the same task or thread holds it, let go of it before the call |
//! | the call has a `stall_after` of its own | that it takes longer | look for what holds up what it waits for |
//!
//! A call that is merely slow is left alone wherever its runtimes run. On a thread that drives a current-thread runtime it is told of: it
//! can't be known whether the future depends on that runtime, only that everything else there waits. It gets its value all the same.
//!
//! What is done is set for a run with [`on_stall`](Builder::on_stall), and for a call as in `sync_call!(future, on_stall = "ignore")`:
//!
//! - `"report"`, the default except in [`#[bridgehead::test]`](macro@test): it is told, once for a place as long as a call is stuck
//!   there, and later only for twice the time. A [`try_sync_call!`] for which the system has no thread isn't told of, but ends with
//!   [`CallError::Stalled`]: its own thread is one that the runtime lacks.
//! - `"panic"`, the default in [`#[bridgehead::test]`](macro@test): whatever would be told ends the call: [`sync_call!`] panics,
//!   [`try_sync_call!`] ends with [`CallError::Stalled`]. For tests, and for programs that rather end than hang. A `sync_call!` on a
//!   thread that unwinds is told of instead: a second panic would end the process.
//! - `"ignore"`: nothing.
//!
//! The options of the run count whose runtime the thread is in, or is served by; for other runtimes those of [`configure_background`].
//!
//! ```
//! use std::time::Duration;
//!
//! use bridgehead::{Builder, CallError, Flavor, OnStall, try_sync_call};
//! use tokio::task::JoinHandle;
//!
//! fn wait_for(task: JoinHandle<u32>) -> Result<u32, CallError> {
//!     Ok(try_sync_call!(task)?.expect("no panic"))
//! }
//!
//! fn wait() -> Result<(), CallError> {
//!     // The background runtime serves this call, which is merely slow.
//!     try_sync_call!(tokio::time::sleep(Duration::from_millis(200)), on_stall = "ignore")
//! }
//!
//! let builder = Builder::new().flavor(Flavor::CurrentThread);
//! let builder = builder.stall_after(Duration::from_millis(20)).on_stall(OnStall::Panic);
//! builder.run(async {
//!     // The task would have to run on this thread, which waits.
//!     let error = wait_for(tokio::spawn(async { 1 })).unwrap_err();
//!     assert!(matches!(error, CallError::Stalled { .. }));
//!     assert!(wait().is_ok());
//! });
//! ```
//!
//! Not seen: what waits for another branch of the same `join!` or `select!`, for a task of a `LocalSet` in a multi-thread runtime, for a
//! lock in the depth of another future, for a semaphore, for a message that nobody sends, for another call that waits for this one, and for
//! a current-thread runtime that the thread isn't in. There the runtimes run, and the call looks like one that is slow. A `stall_after` of
//! its own has it told.
//!
//! # How a run ends
//!
//! A run owns its runtime, and closes it in four phases: when [`#[entry]`](macro@entry)'s `main` or the future of [`run`](run()) has
//! ended, on a [signal](Builder::signals), in [`Runner::close`], and when a [`Runner`] is dropped. [`close_background`] closes the background
//! runtime in the same way.
//!
//! 1. **Ask.** [`cancelled`] resolves everywhere in the run. What is [spawned](spawn) from now on isn't started.
//! 2. **Drain.** Who awaits [`cancelled`], alone or in a `select!`, has the [`grace_period`](Builder::grace_period) to finish (5 s unless
//!    set otherwise); timers, sockets and tokio's tasks still work. Every other task of [`spawn`], and any other future that is being run,
//!    is dropped at its next `.await` at once.
//! 3. **Join.** Blocking work is waited for until the [`shutdown_timeout`](Builder::shutdown_timeout) (10 s).
//! 4. **Leave.** Plain tokio tasks are dropped. Calls that wait still are given up: [`CallError::Shutdown`], or a panic with the call's
//!    file and line. What runs even then, up to a second later, is abandoned and named.
//!
//! What became of everything is in the [`Report`]: what finished in time, what was dropped, what is running still, each by the place
//! where it was started and for how long it has been running at least; and every panic and every error of a task that nobody awaits, of the
//! whole run. Such a failure is also reported on standard error when it happens. A run that has nobody to give its [`Report`] to reports
//! there what it has abandoned, and tasks that it had to drop when the grace period had passed. Each end that takes longer than a second
//! reports once what it waits for, and for how long at most.
//!
//! If closing is requested while the main future still runs, by a signal for one, the main future has the grace period, too. After it, the
//! main future is dropped at its next `.await`, and calls that still wait are interrupted: [`CallError::Shutdown`], or a panic.
//!
//! ```
//! use std::future;
//! use std::time::Duration;
//!
//! use bridgehead::{Flavor, Runner, cancelled, spawn};
//! use tokio::task::yield_now;
//! use tokio::time::sleep;
//!
//! let builder = Runner::builder().flavor(Flavor::CurrentThread);
//! let runner = builder.grace_period(Duration::from_secs(30)).build();
//! runner.run(async {
//!     spawn(async {
//!         cancelled().await;
//!         sleep(Duration::from_millis(5)).await; // Say goodbye, flush, commit.
//!     })
//!     .detach();
//!     spawn(future::pending::<()>()).detach();
//!     spawn(async { Err::<(), _>("the disk is full") }).detach();
//!     yield_now().await;
//! });
//! let report = runner.close();
//! assert_eq!(report.finished().len(), 1);
//! assert_eq!(report.dropped().len(), 1);
//! assert_eq!(report.failures()[0].message, "the disk is full");
//! assert!(report.abandoned().is_empty());
//! ```
//!
//! Limits:
//!
//! - **Plain `tokio::spawn` tasks** can't be dropped one by one, since tokio doesn't name them. They go on until the runtime is shut down,
//!   after the work of [`to_thread`] has been joined, and no report lists them. One that awaits [`cancelled`] is waited for, but can't be
//!   seen to finish: as long as any task of the runtime is alive, the rest of the grace period may pass. A panic of theirs is seen by who
//!   awaits them, and by nobody else.
//! - **Work of [`to_thread`] can't be stopped**, only abandoned; nor can a future that doesn't return from its poll. If that is the main
//!   future, the run can't close, since its own thread is in there; a program with [`#[entry]`](macro@entry) ends all the same.
//! - **A read of standard input can't be interrupted.** On Linux the end of a run recognises threads that are blocked in one, and waits for
//!   nothing else than those for less than a second. Elsewhere it waits until the `shutdown_timeout`.
//! - **A [`Runner`] can't have [`Flavor::Local`]**, whose runtime belongs to one thread.
//!
//! # From `#[tokio::main]`
//!
//! All of tokio goes on working in a run: its tasks, timers, sockets and synchronisation. What can be replaced, one at a time:
//!
//! | what you had | what you write | what is different |
//! |---|---|---|
//! | `#[tokio::main]`, with its options | [`#[bridgehead::entry]`](macro@entry), with the same ones and more | the end is bounded, and tells what was lost; calls on plain threads are served by this runtime; all drivers are on |
//! | `Runtime::new()?.block_on(future)` | [`run(future)`](run()) | inside async code it is refused before anything is polled, with what to do instead |
//! | a `Runtime` that is kept, and its `block_on` | a [`Runner`], and its [`run`](Runner::run) | it is built when first needed; closing gives a [`Report`]; dropping it in async code doesn't panic |
//! | `Handle::block_on`, `block_in_place` around it, or a thread made for it, in a synchronous function | [`sync_call!(future)`](sync_call!) | it works wherever the function is called from |
//! | `tokio::spawn(future)` | [`spawn(future)`](spawn) | dropping the [`Task`] cancels it, [`detach`](Task::detach) lets it run on; its failure isn't lost; at the end it is dropped or given time, and listed |
//! | `spawn_local(future)` | [`spawn_local(future)`](spawn_local) | the same as for `spawn`; outside of a `LocalSet` and a local runtime the panic names the caller, and says what to do |
//! | `spawn_blocking(f)` | [`to_thread(f)`](to_thread) | the same threads; what goes on for too long at the end is named |
//! | a `CancellationToken` or a channel that says "shut down", a `TaskTracker`, `ctrl_c()` | [`cancelled`], and the option [`signals = true`](Builder::signals) | the run does the waiting, for no longer than the [`grace_period`](Builder::grace_period); a second signal ends the process at once |
//! | `runtime.shutdown_timeout(duration)` | the option [`shutdown_timeout`](Builder::shutdown_timeout) | a run has one without being asked |
//! | `#[tokio::test]` | [`#[bridgehead::test]`](macro@test) | the test ends as a run does |
//!
//! # From asyncio
//!
//! Python's rules hold here: a run has a runtime of its own, refuses to nest, and leaves nothing behind.
//!
//! | what you had | what you write | what is different |
//! |---|---|---|
//! | `asyncio.run(main())` | [`#[bridgehead::entry]`](macro@entry) on `async fn main()`; elsewhere [`run(future)`](run()) | tasks run on several threads at once, and are `Send`; with `flavor = "local"` there is one thread, as in Python |
//! | `asyncio.Runner` | [`Runner`] | any thread may use it; dropping it closes it |
//! | `await coroutine` | `future.await` | |
//! | `asyncio.create_task(coroutine)` | [`spawn(future)`](spawn) | dropping the [`Task`] cancels it, where Python forgets it; to let it go is a word: [`detach`](Task::detach) |
//! | `task.cancel()` | [`task.abort()`](Task::abort) | nothing is raised in the task: it is dropped at its `.await`, and `Drop` cleans up |
//! | `finally:` with an `await`, when the loop ends | [`cancelled().await`](cancelled) in a `select!`, then clean up | it isn't skipped, and has the [`grace_period`](Builder::grace_period) |
//! | `asyncio.to_thread(f)` | [`to_thread(f)`](to_thread) | `f` takes no arguments; at the end it is waited for until the [`shutdown_timeout`](Builder::shutdown_timeout) |
//! | `loop.run_until_complete(…)` where a loop runs already, `nest_asyncio` | [`sync_call!(future)`](sync_call!) in a synchronous function | allowed, from every thread; nothing is nested |
//! | `run_coroutine_threadsafe(coroutine, loop).result(timeout)` | [`try_sync_call!(runner.spawn(future), timeout = "5s")`](try_sync_call!) | a task that isn't ready in time is cancelled |
//! | `asyncio.get_running_loop()` | [`ThreadContext::current()`](ThreadContext::current) | says also whether the thread may block |
//! | `new_event_loop()`, `set_event_loop(loop)` in a thread | nothing: a call there is served; or a [`Runner`] | no thread has to be given a loop |
//! | `loop.set_exception_handler(f)` | [`Builder::on_unhandled(f)`](Builder::on_unhandled) | called when it happens, also while the run closes; for errors, too |
//! | debug mode, `slow_callback_duration` | the option [`slow_poll_threshold`](Builder::slow_poll_threshold) | |
//! | Ctrl-C | the option [`signals = true`](Builder::signals) | the first closes the run, the second ends the process at once, as in Python; off unless asked for |
//! | `IsolatedAsyncioTestCase` | [`#[bridgehead::test]`](macro@test) | |
//!
//! # When not to use it
//!
//! - In async code: write `.await`. A `sync_call!` written there is a compile error; one in a function that is called there holds its thread.
//! - Where the caller can be made async with little trouble: a call holds a thread for as long as it waits.
//! - To run heavy computation: that is what [`tokio::task::spawn_blocking`] is for.
//! - To wait for a task of the current-thread runtime that the same thread drives, or for a connection that lives there: nothing can run
//!   it meanwhile, and the call waits for ever. `.await` it, wait in `spawn_blocking` or on a fiber, or use a multi-thread runtime.
//!
//! The limits of each macro are on its page. What is promised where, what can't be, and how that is tested, is in [`promises`].
//!
//! # Features
//!
//! - `fiber`: `fiber`, `fiber_future` and `spawn_fiber`, which run synchronous code on stacks of its own, and the options `fiber`,
//!   `fiber_stack_size` and `fiber_threads`. Not on all targets.
//! - `test-util`: `Builder::start_paused`, and the option of that name; turns on tokio's feature `test-util`.
//! - `tracing`: what would be told on standard error is an event of the target `bridgehead` instead, as long as there is a subscriber; the
//!   phases of closing are events of the level debug. A task of [`spawn`] and the work of [`to_thread`] are in the span that was
//!   current where they were started. In a [`sync_call!`] the current span is what it was before, with or without this. A call whose future
//!   isn't ready at once is a span of the level debug, named `sync_call`, of the same target: its fields are the `location`, the `context`
//!   (a [`ThreadContext`]) and the `runtime` that serves it, and it is entered around each further poll, so that what the future does is in it.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod call;
mod config;
mod context;
mod error;
mod fiber;
#[cfg(doc)]
pub mod guide;
mod interrupted;
mod large;
mod log;
#[cfg(doc)]
pub mod misuse;
#[cfg(doc)]
pub mod promises;
mod report;
mod run;
mod runtime_guard;
mod runtimes;
mod signal;
mod span;
mod stall;
mod stall_report;
mod sync;
mod task;
mod thread_context;
mod thread_exit;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use crate::call::guard::{EnterGuard, enter};
pub use crate::call::io::{Io, io};
pub use crate::call::iter::{Iter, iter};
pub use crate::call::on::background;
pub use crate::call::on_background::on_background;
pub use crate::config::builder::Builder;
pub use crate::config::flavor::Flavor;
pub use crate::config::policy::{SignalStatus, Signals, Unhandled};
pub use crate::config::stalls::OnStall;
pub use crate::error::{BackgroundError, CallError, RunError};
pub use crate::report::{Failure, Kind, Leftover, Report};
pub use crate::run::cancelled::cancelled;
pub use crate::run::close_background::close_background;
pub use crate::run::metrics::{Metrics, RuntimeMetrics, metrics};
pub use crate::run::runner::Runner;
pub use crate::run::spawn::{spawn, to_thread};
pub use crate::run::spawn_local::spawn_local;
pub use crate::run::{run, try_run};
pub use crate::runtimes::background::configure_background;
pub use crate::signal::Signal;
pub use crate::stall_report::Stall;
pub use crate::task::handle::{Outcome, Task, TaskError};
pub use crate::thread_context::ThreadContext;

#[cfg(feature = "fiber")]
#[cfg_attr(docsrs, doc(cfg(feature = "fiber")))]
pub use crate::{
    call::fiber::{Fiber, FiberError, fiber, fiber_future},
    run::fiber::spawn_fiber,
};

#[doc = include_str!("../docs/blocking.md")]
pub use bridgehead_macros::blocking;

#[doc = include_str!("../docs/deny_blocking.md")]
pub use bridgehead_macros::deny_blocking;

#[doc = include_str!("../docs/entry.md")]
pub use bridgehead_macros::entry;

#[doc = include_str!("../docs/sync_call.md")]
#[macro_export]
macro_rules! sync_call {
    ($($input:tt)*) => { $crate::__private::sync_call!($crate; $($input)*) };
}

#[doc = include_str!("../docs/test.md")]
pub use bridgehead_macros::test;

#[doc = include_str!("../docs/try_sync_call.md")]
#[macro_export]
macro_rules! try_sync_call {
    ($($input:tt)*) => { $crate::__private::try_sync_call!($crate; $($input)*) };
}
