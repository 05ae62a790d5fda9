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
//! | ship a blocking version of an async function, type or trait | [`#[blocking]`](macro@blocking) |
//! | read, write or iterate synchronously where something is async | [`io()`], [`iter()`] |
//! | run the program's async main | [`#[entry]`](macro@entry) |
//! | run a future on a runtime of its own, to the end | [`run`](run()), [`try_run`], [`Builder`] |
//! | keep a runtime, run on it several times, and close it | [`Runner`] |
//! | start a task, or blocking work, that its run knows | [`spawn`], [`to_thread`] |
//! | clean up when the run ends | [`cancelled`] |
//!
//! Two more are rarely needed: [`ThreadContext::current`] tells where a thread stands and whether it may block, and
//! [`configure_background`] sets how the *background runtime* will be built, a multi-thread runtime that is started when a call first
//! needs it.
//!
//! How a library with an async API ships a blocking one, from its first line to its release, is in [`guide::blocking`].
//!
//! What the compiler says where one of the macros is used wrongly, mistake by mistake, is in [`misuse`].
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
//! | inside another call on this thread ([`InCall`](ThreadContext::InCall)) | as the outer call |
//! | while the current runtime shuts down, or after ([`RuntimeGone`](ThreadContext::RuntimeGone)) | the background runtime serves the call |
//! | in a forked child ([`Forked`](ThreadContext::Forked)) | a fresh background runtime serves the call |
//! | in a thread-local destructor, after tokio's own thread-local state is gone ([`ThreadExiting`](ThreadContext::ThreadExiting)) | a future that needs no tokio runs. `try_sync_call!` returns an error; a `sync_call!` that needs tokio says so and panics, which ends the process there |
//!
//! # How a run ends
//!
//! A run owns its runtime, and closes it in four phases: when [`#[entry]`](macro@entry)'s `main` or the future of [`run`](run()) has
//! ended, on a [signal](Builder::signals), in [`Runner::close`], and when a [`Runner`] is dropped.
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
//! where it was started and how long ago; and every panic and every error of a task that nobody awaits, of the whole run. A run that
//! has nobody to give it to tells what was abandoned and what failed on standard error.
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
//!   future, the run can't close at all, since its own thread is in there.
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
//! - In async code: write `.await`. A `sync_call!` there compiles, and blocks the thread.
//! - Where the caller can be made async with little trouble: a call holds a thread for as long as it waits.
//! - To run heavy computation: that is what [`tokio::task::spawn_blocking`] is for.
//! - To wait for a task of the current-thread runtime that the same thread drives, or for a connection that lives there: nothing can run
//!   it meanwhile, and the call waits for ever. `.await` it, wait in `spawn_blocking`, or use a multi-thread runtime.
//!
//! The limits of each macro are on its page.
//!
//! # Features
//!
//! - `test-util`: `Builder::start_paused`, and the option of that name; turns on tokio's feature `test-util`.
//! - `tracing`: what would be told on standard error is an event of the target `bridgehead` instead, as long as there is a subscriber; the
//!   phases of closing are events of the level debug. A task of [`spawn`] and the work of [`to_thread`] are in the span that was
//!   current where they were started. In a [`sync_call!`] the current span is what it was before, with or without this.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(rust_analyzer)]
mod analyzer;
mod background;
mod call;
mod cancelled;
mod closing;
mod config;
mod context;
mod enter;
mod error;
mod fork;
#[cfg(doc)]
pub mod guide;
mod held;
mod io;
mod iter;
#[cfg(doc)]
pub mod misuse;
mod park;
mod policy;
mod report;
mod run;
mod runner;
mod runtimes;
mod scope;
mod signals;
mod span;
mod spawn;
mod table;
mod task;
mod tell;
mod testing;
mod tracked;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use crate::background::configure_background;
pub use crate::cancelled::cancelled;
pub use crate::config::{Builder, Flavor};
pub use crate::context::ThreadContext;
pub use crate::error::{BackgroundError, CallError, RunError};
pub use crate::io::{Io, io};
pub use crate::iter::{Iter, iter};
pub use crate::policy::{Signal, Signals, Unhandled};
pub use crate::report::{Failure, Kind, Leftover, Report};
pub use crate::run::{run, try_run};
pub use crate::runner::Runner;
pub use crate::spawn::{spawn, to_thread};
pub use crate::task::{Outcome, Task, TaskError};

/// Finds what blocks a thread directly in async code: a compile error at each.
///
/// ```compile_fail
/// use std::time::Duration;
///
/// #[bridgehead::deny_blocking]
/// mod service {
///     use super::*;
///
///     pub async fn poll_slowly() {
///         std::thread::sleep(Duration::from_secs(1));
///     }
/// }
/// ```
///
/// ```text
/// error: `thread::sleep` inside `async fn poll_slowly` would block its thread: use `tokio::time::sleep(…).await`
/// ```
///
/// It stands on a function, an `impl`, a trait, or a module with its body, takes no options, and changes nothing. What it looks for
/// are names:
///
/// | name | what to write instead |
/// |---|---|
/// | `sync_call!`, `try_sync_call!` without `allow_async` | `.await` |
/// | `thread::sleep(…)` | `tokio::time::sleep(…).await` |
/// | `block_on(…)`, of whatever | `.await` |
/// | `blocking_recv(…)` and all that begin with `blocking_` | `recv(…).await` |
///
/// In synchronous functions and closures within the async code all of them are in order, as in `spawn_blocking(|| …)`.
///
/// [`sync_call!`] finds itself [written directly in async code](sync_call!#written-directly-in-async-code) without the attribute, where it
/// can read its own source. The attribute sees the code itself, and so works in doc tests and in what macros generate.
///
/// # Limits
///
/// What blocks under other names isn't found, nor what a called function does. A name is all that is looked at: a `block_on` of your own is
/// taken for a call that blocks.
pub use bridgehead_macros::deny_blocking;

/// Makes `async fn main` the program's single top-level run: builds a runtime, runs `main` on it, shuts it down.
///
/// While it runs, a multi-thread runtime also serves the [calls](crate::sync_call) on threads that have no runtime.
///
/// ```standalone_crate
/// #[bridgehead::entry(worker_threads = 2, thread_keep_alive = "5s")]
/// async fn main() -> Result<(), tokio::task::JoinError> {
///     let sum = tokio::spawn(async { 40 + 2 }).await?;
///     println!("{sum}");
///     Ok(())
/// }
/// ```
///
/// # What it expands to
///
/// ```
/// # use std::time::Duration;
/// # use bridgehead::__private::{Builder, ExitCode, ExitValue, entry};
/// fn main() -> ExitCode {
///     async fn main() -> Result<(), tokio::task::JoinError> {
///         // … as it was written
/// #       Ok(())
///     }
///     let builder = Builder::new().worker_threads(2).thread_keep_alive(Duration::new(5, 0));
///     entry(builder, main()).report()
/// }
/// ```
///
/// Here `entry` is as [`Builder::run`], and serves plain threads as well; `report` is std's
/// [`Termination::report`](std::process::Termination::report). The inner function is an ordinary `async fn`, so what the compiler says of
/// its body is what it always says.
///
/// # Arguments
///
/// `option = value`, separated by commas, each at most once. All but `crate` are methods of [`Builder`], where their defaults stand. A
/// value may be any expression of the method's type; literals are checked when the program is compiled.
///
/// | option | value |
/// |---|---|
/// | `flavor` | `"multi_thread"` (default), `"current_thread"`, `"local"`, or a [`Flavor`] |
/// | `worker_threads` | number of threads that run tasks, at least 1; multi-thread only |
/// | `max_blocking_threads` | number of further threads for blocking work, at least 1 |
/// | `thread_name` | a string without NUL |
/// | `thread_stack_size` | bytes |
/// | `thread_keep_alive` | a duration: how long an idle blocking thread is kept |
/// | `start_paused` | `true` or `false`; needs the feature `test-util` and a flavor other than multi-thread |
/// | `event_interval` | number of task polls, at least 1 |
/// | `global_queue_interval` | number of task polls, at least 1 |
/// | `grace_period` | a duration: how long who awaits [`cancelled`] has to finish at the end |
/// | `shutdown_timeout` | a duration: how long blocking work is waited for after that |
/// | `signals` | `true`: SIGINT and SIGTERM begin to close the run, a second one ends the process; `false`; or a list of [`Signal`]s |
/// | `unhandled` | `"report"` (default), `"fail"`, or an [`Unhandled`]: what a failed task that nobody awaits does to the program |
/// | `slow_poll_threshold` | a duration: a poll that takes longer is told |
/// | `crate` | the path of this crate, where it isn't `::bridgehead` |
///
/// A duration is a [`Duration`](std::time::Duration), or a literal such as `"250ms"`, `"5s"`, `"1m30s"`: its units are `h`, `m`, `s`, `ms`,
/// `us` and `ns`, after whole numbers, the longest unit first.
///
/// # How the program ends
///
/// When `main` has ended, or a signal has come, the run is closed in [four phases](crate#how-a-run-ends), and what was abandoned or has
/// failed is told on standard error. Then the program ends with `main`'s exit status; with the signal's, if one has closed the run; with
/// a failure if a task failed that nobody awaits and `unhandled` is `"fail"`.
///
/// # Errors
///
/// `main` may return whatever an ordinary `main` may: `()`, [`ExitCode`](std::process::ExitCode), or a `Result` whose error is printed
/// with `Debug` and makes the program fail.
///
/// It is a compile error on a function that isn't `async fn main()` without parameters or generics, and together with `#[tokio::main]`.
///
/// # Panics
///
/// Before `main`'s first line runs, if the runtime can't be built (an option that can't be used, no threads or descriptors left), and
/// if `main` is called where async code is running already. Both messages name the line. A panic in `main` is passed on.
///
/// # Limits
///
/// - A `main` that doesn't return from its poll can't be closed: the first signal asks, the second one ends the process.
/// - Those of [every run's end](crate#how-a-run-ends).
/// - A current-thread or local runtime doesn't serve other threads, since it stands still whenever `main`'s thread does; they get the
///   background runtime.
pub use bridgehead_macros::entry;

/// Waits for a future in a synchronous function, on any thread, and returns its output.
///
/// ```
/// use std::io;
/// use std::time::Duration;
///
/// use bridgehead::sync_call;
/// use tokio::time::sleep;
///
/// async fn fetch(id: &str) -> io::Result<String> {
///     sleep(Duration::from_millis(1)).await;
///     Ok(format!("value of {id}"))
/// }
///
/// fn fetch_twice(id: &str) -> io::Result<String> {
///     // `?` and borrowed arguments are what they are in any call.
///     let first = sync_call!(fetch(&format!("the first {id}")))?;
///     let second = sync_call!(fetch(id))?;
///     Ok(format!("{first}, {second}"))
/// }
///
/// // Without a runtime,
/// assert_eq!(fetch_twice("a")?, "value of the first a, value of a");
/// // and in a task on a worker thread.
/// let in_task = bridgehead::run(async { tokio::spawn(async { fetch_twice("b") }).await })?;
/// assert_eq!(in_task?, "value of the first b, value of b");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Which runtime serves the call and how the thread waits is in the table of the [crate's documentation](crate#where-a-call-may-stand).
///
/// # What it expands to
///
/// ```
/// # use bridgehead::__private::{enter, wait};
/// # async fn fetch(id: u32) -> u32 { id }
/// # let id = 1;
/// # let value =
/// wait(enter(), fetch(id))
/// # ;
/// # assert_eq!(value, 1);
/// ```
///
/// `enter` makes the right runtime current, so that timers, sockets and `tokio::spawn` work in the expression itself. `wait` polls the
/// future on the calling thread, which is why it need be neither `Send` nor `'static`, and why thread-locals and task-locals stay visible.
/// There is no closure and no async block around the expression: `?` and `return` in it leave the enclosing function.
///
/// # Arguments
///
/// One expression: what one would `.await` in async code, a future or anything that is [`IntoFuture`]. An async closure is called first,
/// statements go into an `async { … }` block. After it there may be
///
/// - `allow_async`, where the call is [written directly in async code](#written-directly-in-async-code) on purpose,
/// - `crate = path`, where this crate isn't `::bridgehead`.
///
/// # Written directly in async code
///
/// In an `async fn`, block or closure a call would hold up the very task that it is in, where `.await` would do. It is a compile error:
///
/// ```text
/// error: `sync_call!` inside `async fn outer` would block its thread: use `.await` here
///        help: write `fetch(id).await`
/// ```
///
/// In a synchronous function or closure within async code it is in order: `spawn_blocking(|| sync_call!(fetch(id)))`. In a `const`, a
/// `static` and a `const fn`, where nothing can wait, it is a compile error as well.
///
/// The macro reads its own source file and looks up what is around its position, also through other macros: `println!`, `select!`,
/// `macro_rules!` of your own. Where it can't, there is no error: in output of procedural macros, in an expression that is `include!`d, in most
/// doc tests, under a name that another file gives it. [`#[deny_blocking]`](deny_blocking) works there, and finds other calls that block.
///
/// Where an attribute macro takes the `async` away, as [`maybe_async`](https://docs.rs/maybe-async) does, the position says otherwise than what
/// is compiled. That is what `allow_async` is for.
///
/// # Errors
///
/// None of its own. [`try_sync_call!`] has them.
///
/// # Panics
///
/// - A panic of the future is passed on, after which the next call works as ever.
/// - If the background runtime is needed and can't be started. The message has the call's file and line.
/// - If the call's runtime ends, and the future isn't ready within a second or two.
/// - If the thread is ending, tokio's thread-local state is gone, and the future needs tokio. In a thread-local destructor this ends the
///   process, after a message with the call's file and line.
///
/// # Limits
///
/// - **On the thread of a current-thread runtime** a future that needs a task of that runtime waits for ever; nobody can run it. So does
///   one that gets hold of a connection opened there, such as those a client keeps in a pool. Use `.await`, `spawn_blocking`, a multi-thread
///   runtime, or [`try_sync_call!`] with a timeout.
/// - **On a worker** each waiting call needs a thread of the runtime's blocking pool, of which there are
///   [`max_blocking_threads`](Builder::max_blocking_threads). When none is left, the runtime stands still until one is.
/// - **Around the call** nothing else on this thread goes on: the other branches of a `join!` or `select!` wait, and aborting the task has no
///   effect until the call returns. A lock held over the call stays held.
/// - **When its runtime ends** a call that waits there is given up a second or two later, see [Panics](#panics). One that begins while the
///   runtime ends is served by the background runtime. In the `Drop` of a task, on a worker of a runtime that this crate did not start,
///   timers and sockets may fail then.
/// - **A task of a current-thread runtime under the `enter()` guard of a multi-thread runtime** looks like one of that runtime's workers. If
///   that worker is busy just then, only a panic of tokio's tells: it is caught, but its message is seen, and with `panic = "abort"` it ends
///   the process.
/// - **A runtime that this crate did not start** gets one task more at the first call there. It is never woken.
/// - **A forked child** is recognised if the crate was used before the fork. tokio calls any use of it in a forked child unsupported.
///   With tokio's feature `parking_lot`, part of `full`, the child may crash in that crate's table of parked threads.
///
/// [`IntoFuture`]: std::future::IntoFuture
#[cfg(not(rust_analyzer))]
pub use bridgehead_macros::sync_call;

/// Makes a test of an `async fn`: on a fresh runtime of its own, which is shut down when the test ends. Write it qualified,
/// `#[bridgehead::test]`.
///
/// ```
/// #[bridgehead::test]
/// async fn adds() {
///     let task = bridgehead::spawn(async { 40 });
///     assert_eq!(task.await.unwrap() + 2, 42);
/// }
///
/// #[bridgehead::test(flavor = "multi_thread", worker_threads = 2, leaks = "fail", timeout = "10s")]
/// async fn reads() -> std::io::Result<()> {
///     let text = bridgehead::to_thread(|| std::fs::read_to_string("/dev/null"));
///     assert_eq!(text.await.expect("no panic")?, "");
///     Ok(())
/// }
///
/// #[bridgehead::test]
/// #[should_panic(expected = "on purpose")]
/// async fn fails() {
///     panic!("on purpose");
/// }
/// ```
///
/// # What it expands to
///
/// ```
/// # use std::convert::identity;
/// # use bridgehead::__private::{Builder, Flavor, Leaks, test};
/// #[core::prelude::v1::test]
/// fn adds() {
///     async fn adds() {
///         // … as it was written
///     }
///     test(Builder::new().flavor(Flavor::CurrentThread), Leaks::Ignore, adds(), identity)
/// }
/// ```
///
/// A test that returns a `Result` is as one of std's: an error is printed with `Debug`, and fails it.
///
/// # Arguments
///
/// All of [`#[entry]`](macro@entry#arguments), and:
///
/// | option | value |
/// |---|---|
/// | `leaks` | `"ignore"` (default), or `"fail"`: the test fails if something is there still when its body has ended, and says where it was started |
/// | `timeout` | after what time the test fails, and says what was running: a [`Duration`](std::time::Duration) or a literal such as `"10s"` |
///
/// The default `flavor` is `"current_thread"`, unlike that of `#[entry]`: as in `#[tokio::test]`, so that a test can be taken over from there
/// and runs in the same order each time; tests run side by side anyway, and need no threads of their own.
///
/// `leaks = "fail"` is about tasks, blocking work and threads of the runtime. Tasks that await [`cancelled`] and finish within the
/// [`grace_period`](Builder::grace_period) are in order, and so is what was aborted. Plain `tokio::spawn` tasks are counted, since nobody knows
/// where they were started, and not at all if one of them awaits `cancelled`. Plain `spawn_blocking` work counts if it can't be
/// waited for to its end. It isn't the default, since a task that goes on until its runtime ends is a common thing to have.
///
/// With `timeout` the body runs on a thread of its own, under the test's name. When the time is over it is dropped at its `.await`. A thread
/// that doesn't come to an `.await` within a second or two is left behind, and the test fails all the same. The time is the system's, also
/// where tokio's clock stands still.
///
/// # With arguments
///
/// Attributes that pass arguments go along, with [`rstest`](https://docs.rs/rstest) in either order:
///
/// ```ignore
/// #[rstest]
/// #[case(1)]
/// #[case(2)]
/// #[bridgehead::test]
/// async fn is_small(#[case] number: u32) {
///     assert!(number < 3);
/// }
/// ```
///
/// An attribute *below* this one finds a synchronous function with the same arguments, which is no test yet. With `timeout` these have to be
/// `Send` and `'static`. It is a compile error to have arguments, and no other attribute.
///
/// # Errors
///
/// It is a compile error on what isn't an `async fn`, on a method or a generic function, and together with `#[test]` or `#[tokio::test]`.
///
/// # Panics
///
/// A panic of the body is passed on, as `#[should_panic]` expects. The test panics as well if the runtime can't be built, for what `leaks` and
/// `timeout` say, and with `unhandled = "fail"` if a task failed that nobody awaits. For `#[should_panic]` without `expected` these are as
/// good as any other panic.
///
/// # Limits
///
/// - After `use bridgehead::*` a plain `#[test]` is ambiguous. Import by name, or write std's as `#[core::prelude::v1::test]`.
/// - Threads without a runtime get the background runtime for their calls, which all tests of a process share.
pub use bridgehead_macros::test;

/// As [`sync_call!`], with a time limit if one is given, and a [`CallError`] where that would panic for a reason of its own.
///
/// ```
/// use std::future;
/// use std::time::Duration;
///
/// use bridgehead::{CallError, try_sync_call};
///
/// let answer = try_sync_call!(future::ready(42))?;
/// assert_eq!(answer, 42);
///
/// let never = try_sync_call!(future::pending::<u32>(), timeout = "10ms");
/// assert!(matches!(never, Err(CallError::Timeout { .. })));
///
/// let limit = Duration::from_secs(60);
/// let in_time = try_sync_call!(tokio::time::sleep(Duration::from_millis(1)), timeout = limit);
/// assert!(in_time.is_ok());
/// # Ok::<(), CallError>(())
/// ```
///
/// # What it expands to
///
/// ```
/// # use std::{future, time::Duration};
/// # use bridgehead::__private::{try_enter, try_wait_for};
/// # let result =
/// match try_enter() {
///     Ok(entered) => try_wait_for(entered, future::pending::<u32>(), Duration::new(0, 10_000_000)),
///     Err(error) => Err(error),
/// }
/// # ;
/// # assert!(result.is_err());
/// ```
///
/// The expression isn't evaluated if there is an error before.
///
/// # Arguments
///
/// An expression as for [`sync_call!`], then, if wanted, `timeout = …`: a [`Duration`](std::time::Duration), or a literal such as `"250ms"`,
/// `"5s"`, `"1m30s"` with the units `h`, `m`, `s`, `ms`, `us` and `ns`; and `allow_async` and `crate = path` as for `sync_call!`.
///
/// The time runs from the first poll, on the system's clock, also where tokio's is paused. A future that is ready at the first poll is in
/// time, even if the timeout is zero.
///
/// # Errors
///
/// The result is a `Result<T, CallError>`, where `T` is the future's output; if that is a `Result` itself, `??` unwraps both.
///
/// - [`CallError::Timeout`]: the future was not ready in time. It has been dropped, on this thread.
/// - [`CallError::Runtime`]: the background runtime is needed and could not be started. The next call tries again.
/// - [`CallError::ThreadExiting`]: the thread is ending and tokio's thread-local state is gone.
/// - [`CallError::Shutdown`]: the call's runtime ended, and the future was not ready within a second or two.
///
/// # Panics
///
/// A panic of the future is passed on.
///
/// # Limits
///
/// Those of [`sync_call!`], but that a timeout ends the wait. It can't interrupt a future that blocks the thread instead of returning
/// from its poll.
#[cfg(not(rust_analyzer))]
pub use bridgehead_macros::try_sync_call;

#[doc = include_str!("../docs/blocking.md")]
pub use bridgehead_macros::blocking;
