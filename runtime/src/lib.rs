//! Call async code from synchronous code, correctly from any thread.
//!
//! [`sync_call!`] lets a synchronous function wait for a tokio future, whatever the thread that it
//! runs on is doing. [`#[entry]`](macro@entry) makes `async fn main` the program's one top-level
//! run, which ends in order and reports what was lost.
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
//! A trait is synchronous ([`Iterator`], [`Read`](std::io::Read), [`Drop`], a driver's, a callback
//! from C or Python), and what it has to do is async. The usual answers are `block_on`,
//! `block_in_place`, or a runtime made on the spot. They work on some threads, and on others they
//! end in one of tokio's messages:
//!
//! - "Cannot start a runtime from within a runtime"
//! - "can call blocking only when running on the multi-threaded runtime"
//! - "Cannot drop a runtime in a context where blocking is not allowed"
//! - "there is no reactor running, must be called from the context of a Tokio 1.x runtime"
//!
//! or in a hang without a message. A function that is called from many places can't know what its
//! thread is doing. `sync_call!` finds out at each call, and does [what is right
//! there](guide::contexts).
//!
//! # What there is
//!
//! | item | what it does |
//! |---|---|
//! | [`sync_call!`] | waits for a future in a synchronous function |
//! | [`try_sync_call!`] | the same with a time limit, and with errors as values |
//! | [`iter()`], [`io()`] | a `Stream` as an `Iterator`; an `AsyncRead` or `AsyncWrite` as std's `Read` or `Write` |
//! | [`#[blocking]`](macro@blocking) | adds a blocking API to an async function, type or trait |
//! | [`#[entry]`](macro@entry) | makes `async fn main` the program's one run, which ends in order |
//! | [`#[bridgehead::test]`](macro@test) | makes a test of an `async fn`, on a runtime of its own |
//! | [`#[deny_blocking]`](macro@deny_blocking) | makes blocking calls that are written in async code compile errors |
//! | [`run`](run()), [`Builder`], [`Runner`] | a runtime for one future; its options; a runtime for many |
//! | [`spawn`], [`spawn_local`], [`to_thread`] | tasks and blocking work that their run tracks |
//! | [`cancelled`] | resolves when the run begins to close |
//! | [`enter`], [`background`], [`close_background`], [`configure_background`] | the runtime that serves calls: for what is built between calls, its handle, its end, its options |
//! | [`on_background`] | waits in a thread-local destructor, where tokio can't be entered |
//! | [`metrics`](metrics()), [`ThreadContext::current`] | what runs and waits now; what this thread does |
//! | `fiber`, `fiber_future`, `spawn_fiber` | synchronous code that waits without blocking its thread, with the feature `fiber` |
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
//! | How does a Python extension wait, and end on Ctrl-C? | [`guide::python`] |
//! | How do I share a client between the handlers of actix-web? | [`guide::actix_web`] |
//! | How do I call async code in `Drop`, statics, panic hooks, `atexit`, GUI main loops, rayon, C callbacks, over object stores? | [`guide::recipes`] |
//! | How do I find calls that block async code? | [`guide::check`] |
//! | How do I test synchronous code that calls, and async code? | [`guide::testing`] |
//! | How do other bridges compare, in every context? | [`guide::compared`] |
//! | What does a call cost, and what is slower? | [`guide::performance`] |
//! | How do I see which calls wait? | [`guide::observability`] |
//! | What can't work? | [`guide::limits`] |
//! | What does tokio's message mean? | [`guide::faq`] |
//! | Which mistakes are compile errors, and what do I write instead? | [`misuse`] |
//! | What is promised, and how is it tested? | [`promises`] |
//!
//! # Features
//!
//! - `fiber`: `fiber`, `fiber_future` and `spawn_fiber`, and the options `fiber`,
//!   `fiber_stack_size` and `fiber_threads`. Not on all targets.
//! - `test-util`: `Builder::start_paused`, and the option of that name. It enables tokio's feature
//!   `test-util`.
//! - `tracing`: events and spans instead of lines on standard error, see [`guide::observability`].
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
