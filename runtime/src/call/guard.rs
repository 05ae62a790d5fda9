//! Making the right runtime current for values that are built between calls.

use std::fmt;
use std::panic::Location;

use crate::call::enter::{Detected, cannot_enter};
use crate::context::active_call::ActiveCallGuard;
use crate::context::detect;
use crate::error::CallError;
use crate::runtime_guard::RuntimeGuard;
use crate::runtimes::background;
use crate::thread_context::ThreadContext;

/// Makes a runtime current until the guard is dropped: the runtime that would serve a
/// [`sync_call!`](crate::sync_call) on this thread.
///
/// Use this guard to create or drop a value outside of a call, if the value needs a current runtime
/// for that. On a thread without a runtime, tokio otherwise panics with "there is no reactor
/// running". Examples are a [`tokio::time::Interval`], a socket that is made from one of std, a
/// `reqwest::Client`, and a value whose `Drop` spawns a task.
///
/// You need no guard in the expression of a `sync_call!`, and while [`iter`](crate::iter()) and
/// [`io`](crate::io()) poll their values: a runtime is current there.
///
/// ```
/// use std::time::Duration;
///
/// use bridgehead::{enter, sync_call};
/// use tokio::time::{Interval, interval};
///
/// /// A synchronous metronome.
/// struct Ticks(Interval);
///
/// impl Iterator for Ticks {
///     type Item = ();
///
///     fn next(&mut self) -> Option<()> {
///         sync_call!(self.0.tick());
///         Some(())
///     }
/// }
///
/// // On a thread without a runtime.
/// let runtime = enter();
/// let ticks = Ticks(interval(Duration::from_millis(1)));
/// drop(runtime);
/// assert_eq!(ticks.take(3).count(), 3);
/// ```
///
/// Which runtime that is depends on the kind of thread, see [the table](crate::guide::contexts). On
/// a thread of a multi-thread runtime, that runtime stays current. On a thread that drives a
/// current-thread runtime, the guard makes the background runtime current. So timers and sockets
/// that you create while you hold the guard make progress while a call blocks the thread. The
/// runtime of the guard also serves calls that are made while you hold it.
///
/// # Panics
///
/// It panics if the background runtime is needed and can't be started.
///
/// # Limits
///
/// - Drop guards in the reverse order of their creation. Otherwise tokio panics.
/// - Don't hold a guard across an `.await`: it belongs to the thread and not to the task. The guard
///   isn't `Send`, so the compiler rejects this in a spawned task.
/// - The guard has no effect in a thread-local destructor after tokio's own thread-local state is
///   gone.
#[track_caller]
pub fn enter() -> EnterGuard {
    let detected = Detected::find();
    let made_current = match detected.made_current() {
        Ok(made_current) => made_current,
        Err(source) => cannot_enter(&CallError::Runtime { source, location: Location::caller() }),
    };
    // `worker_index` is set on a thread that drives a runtime. Without the mark of a call, the
    // thread would look like a worker of the runtime that is made current.
    let is_driving = matches!(
        detected.context,
        ThreadContext::Driver | ThreadContext::RuntimeGone | ThreadContext::Forked
    );
    let marked = made_current.as_ref().filter(|_| is_driving && detect::is_polled());
    EnterGuard {
        _active: marked.map(|handle| {
            ActiveCallGuard::new(Some(handle.id()), detected.origin, detected.outer_context)
        }),
        runtime: made_current.map(RuntimeGuard::new),
    }
}

/// Like [`enter`], for dropping a value that may spawn a task in its `Drop`. It does nothing if a
/// runtime is current. It also does nothing if none can be started, since a drop must not panic.
pub(super) fn enter_to_drop() -> EnterGuard {
    let is_plain = detect::classify().0 == ThreadContext::Plain;
    let serving = is_plain.then(background::serving).and_then(Result::ok);
    EnterGuard { _active: None, runtime: serving.map(RuntimeGuard::keeping) }
}

/// A guard that keeps a runtime current until it is dropped. [`enter()`] returns it.
#[must_use = "the runtime is current only until the guard is dropped"]
pub struct EnterGuard {
    _active: Option<ActiveCallGuard>,
    runtime: Option<RuntimeGuard<'static>>,
}

impl fmt::Debug for EnterGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterGuard").field("runtime", &self.runtime).finish_non_exhaustive()
    }
}
