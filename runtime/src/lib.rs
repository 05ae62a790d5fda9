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
//! | run the program's async main | [`#[entry]`](macro@entry) |
//! | run a future on a runtime of its own, to the end | [`run`](run()), [`try_run`], [`Builder`] |
//!
//! Two more are rarely needed: [`ThreadContext::current`] tells where a thread stands and whether it may block, and
//! [`configure_background`] sets how the *background runtime* will be built, a multi-thread runtime that is started when a call first
//! needs it.
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
//! `test-util`: `Builder::start_paused`, and the option of that name; turns on tokio's feature `test-util`.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod background;
mod call;
mod config;
mod context;
mod enter;
mod error;
mod fork;
mod park;
mod run;
mod runtimes;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use crate::background::configure_background;
pub use crate::config::{Builder, Flavor};
pub use crate::context::ThreadContext;
pub use crate::error::{BackgroundError, CallError, RunError};
pub use crate::run::{run, try_run};

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
/// | `thread_keep_alive` | how long an idle blocking thread is kept: a [`Duration`](std::time::Duration), or a literal such as `"250ms"`, `"5s"`, `"1m30s"` |
/// | `start_paused` | `true` or `false`; needs the feature `test-util` and a flavor other than multi-thread |
/// | `event_interval` | number of task polls, at least 1 |
/// | `global_queue_interval` | number of task polls, at least 1 |
/// | `crate` | the path of this crate, where it isn't `::bridgehead` |
///
/// The units of a duration are `h`, `m`, `s`, `ms`, `us` and `ns`, after whole numbers, the longest unit first.
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
/// - Tasks that are left over when `main` ends are dropped at their next `.await`. Blocking work that has begun is waited for, however long
///   it takes.
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
/// statements go into an `async { … }` block. After it there may be `crate = path`, where this crate isn't `::bridgehead`.
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
/// - **Directly in async code** it compiles, and blocks the thread. Write `.await` there.
/// - **When its runtime ends** a call that waits there is given up a second or two later, see [Panics](#panics). One that begins while the
///   runtime ends is served by the background runtime. In the `Drop` of a task, on a worker of a runtime that this crate did not start,
///   timers and sockets may fail then.
/// - **A task of a current-thread runtime under the `enter()` guard of a multi-thread runtime** looks like one of that runtime's workers. If
///   that worker is busy just then, only a panic of tokio's tells: it is caught, but its message is seen, and with `panic = "abort"` it ends
///   the process.
/// - **A runtime that this crate did not start** gets one task more at the first call there. It is never woken.
/// - **A forked child** is recognised if the crate was used before the fork. tokio calls any use of it in a forked child unsupported.
///
/// [`IntoFuture`]: std::future::IntoFuture
pub use bridgehead_macros::sync_call;

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
/// `"5s"`, `"1m30s"` with the units `h`, `m`, `s`, `ms`, `us` and `ns`; and `crate = path` as for `sync_call!`.
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
pub use bridgehead_macros::try_sync_call;
