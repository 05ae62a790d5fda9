//! Call async code from synchronous code, on any thread.
//!
//! [`sync_call!`] waits for a tokio future in a synchronous function. The function may run on a
//! thread without a runtime, on a worker, on a thread of the blocking pool, or on a thread that
//! drives a current-thread runtime. [`#[entry]`](macro@entry) takes the place of `#[tokio::main]`.
//! It ends the program with a graceful shutdown that has a time limit, and reports the work
//! that did not finish in time: tasks of [`spawn`], and functions on the blocking pool.
//!
//! ```standalone_crate
//! use std::io::{self, Read};
//!
//! use bridgehead::sync_call;
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//! use tokio::net::{TcpListener, TcpStream};
//!
//! /// An async connection, on which the synchronous trait `Read` is implemented.
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
//! You implement a synchronous trait, such as [`Iterator`], [`Read`](std::io::Read) or [`Drop`], or
//! write a callback for C or Python, and need an async function there. The usual ways are
//! `block_on`, `block_in_place` and a new runtime. Each of them works on some threads. On others it
//! hangs, or panics with one of tokio's messages:
//!
//! - "Cannot start a runtime from within a runtime"
//! - "can call blocking only when running on the multi-threaded runtime"
//! - "Cannot drop a runtime in a context where blocking is not allowed"
//! - "there is no reactor running, must be called from the context of a Tokio 1.x runtime"
//!
//! A function that is called from many places can't know on which kind of thread it runs.
//! `sync_call!` detects that at each call, and waits [in the way that works
//! there](guide::contexts). On a thread that drives a current-thread runtime, the future must not
//! wait for a task, a timer or a socket of that runtime.
//!
//! # Terms
//!
//! - A *call* is a [`sync_call!`] or a [`try_sync_call!`]. The calling thread polls the future.
//! - A runtime *serves* a call if it is the current runtime while the future is polled: the future
//!   uses its timers, its sockets and its `tokio::spawn`.
//! - A *run* is what [`#[entry]`](macro@entry), [`run`](run()) or a [`Runner`] does: it starts a
//!   runtime, polls futures on it, and shuts it down gracefully.
//! - The *background runtime* is a multi-thread runtime that this crate starts when it is first
//!   needed. It serves calls on threads that drive a current-thread runtime. It also serves calls
//!   on threads without a runtime, unless a multi-thread `#[entry]` is running.
//! - A *tracked* task is spawned with [`spawn`] or [`spawn_local`]. The graceful shutdown of its
//!   run waits for the task if the task awaits [`cancelled`], and drops it otherwise.
//!
//! # What there is
//!
//! | item | what it does |
//! |---|---|
//! | [`sync_call!`] | waits for a future in a synchronous function |
//! | [`try_sync_call!`] | waits for a future, and returns an error where `sync_call!` panics; it may have a time limit |
//! | [`iter()`] | makes an `Iterator` of a `Stream` |
//! | [`io()`] | makes a `Read` or `Write` of an `AsyncRead` or `AsyncWrite` |
//! | [`#[blocking]`](macro@blocking) | adds a blocking API to an async function, type or trait |
//! | [`#[entry]`](macro@entry) | runs `async fn main`, and shuts down gracefully |
//! | [`#[bridgehead::test]`](macro@test) | makes a test of an `async fn`, on a runtime of its own |
//! | [`#[deny_blocking]`](macro@deny_blocking) | turns each blocking call that is written in async code into a compile error |
//! | [`run`](run()) | runs one future on a new runtime |
//! | [`Runner`] | keeps a runtime, and runs one future after another on it |
//! | [`Builder`] | sets the options of the runtime and of its shutdown |
//! | [`spawn`], [`spawn_local`] | spawn a tracked task |
//! | [`to_thread`] | runs a blocking function on the blocking pool; the shutdown waits for it |
//! | [`cancelled`] | completes when the shutdown of the run begins |
//! | [`enter`] | makes a runtime current outside of calls, to create a timer, a socket or a client |
//! | [`background`], [`configure_background`], [`close_background`] | return the handle of the background runtime, configure it, and shut it down |
//! | [`on_background`] | waits for a future in a thread-local destructor, where `sync_call!` can't use tokio |
//! | [`metrics`](metrics()) | counts waiting calls, threads, tasks and stalls |
//! | [`ThreadContext::current`] | returns the kind of the current thread, and whether it may block |
//! | `fiber`, `fiber_future`, `spawn_fiber` | run synchronous code that waits without blocking its thread, with the feature `fiber` |
//!
//! # Guides
//!
//! | question | page |
//! |---|---|
//! | Which call do I use, and when should I not use this crate? | [`guide::choose`] |
//! | What replaces `#[tokio::main]`, `Runtime`, `ctrl_c()`? | [`guide::from_tokio`] |
//! | What replaces `asyncio.run`, `create_task`, `nest_asyncio`? | [`guide::from_asyncio`] |
//! | How does a library with an async API ship a blocking one? | [`guide::blocking`] |
//! | What does a call do on each kind of thread? | [`guide::contexts`] |
//! | How does a run end, within which time, and what is reported? | [`guide::shutdown`] |
//! | Why is my call blocked? What is reported, and what isn't? | [`guide::stalls`] |
//! | How can synchronous code wait without blocking its thread? | [`guide::fibers`] |
//! | How does a Python extension wait, and stop on Ctrl-C? | [`guide::python`] |
//! | How do the handlers of actix-web share one client? | [`guide::actix_web`] |
//! | How do I call async code in `Drop`, in statics, in a panic hook, and at exit? | [`guide::recipes`] |
//! | How do I call async code in the main loop of a GUI, from rayon, and in a C callback? | [`guide::recipes`] |
//! | How do I find the calls that block async code? | [`guide::check`] |
//! | How do I test async code, and synchronous code that makes calls? | [`guide::testing`] |
//! | How do other ways to wait compare, on each kind of thread? | [`guide::compared`] |
//! | What does a call cost, and what is slower than with tokio alone? | [`guide::performance`] |
//! | How do I see which calls are waiting? | [`guide::observability`] |
//! | What can't work? | [`guide::limits`] |
//! | What do tokio's panic messages mean? | [`guide::faq`] |
//! | Which mistakes are compile errors, and what do I write instead? | [`misuse`] |
//! | What is promised, and how is it tested? | [`promises`] |
//!
//! # Features
//!
//! - `fiber` adds the functions `fiber`, `fiber_future` and `spawn_fiber`, and the options `fiber`,
//!   `fiber_stack_size` and `fiber_threads`. Not all targets have it.
//! - `test-util` adds the option `start_paused`, and enables tokio's feature `test-util`.
//! - `tracing` emits events and spans instead of lines on standard error. See
//!   [`guide::observability`].
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(target_family = "wasm")]
compile_error!(
    "bridgehead does not support wasm: a call blocks its thread until another one wakes it, and tokio has only one there; \
     `.await` the future instead"
);

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
mod os_thread;
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
#[doc(alias("block_on", "block_in_place", "run_until_complete", "nest_asyncio", "async_to_sync"))]
#[macro_export]
macro_rules! sync_call {
    ($($input:tt)*) => { $crate::__private::sync_call!($crate; $($input)*) };
}

#[doc = include_str!("../docs/test.md")]
pub use bridgehead_macros::test;

#[doc = include_str!("../docs/try_sync_call.md")]
#[doc(alias("timeout", "interrupt"))]
#[macro_export]
macro_rules! try_sync_call {
    ($($input:tt)*) => { $crate::__private::try_sync_call!($crate; $($input)*) };
}
