//! Making the right runtime current for what is built between calls.

use std::fmt;
use std::panic::Location;

use crate::call::enter::{Detected, cannot_enter};
use crate::context::active_call::ActiveCallGuard;
use crate::context::detect;
use crate::error::CallError;
use crate::runtime_guard::RuntimeGuard;
use crate::runtimes::background;
use crate::thread_context::ThreadContext;

/// Makes the runtime current that would serve a [`sync_call!`](crate::sync_call) here, until the guard is dropped.
///
/// Some values need a current runtime where they are created or dropped, and not only where they are polled: a
/// [`tokio::time::Interval`], a socket made from one of std's, a `reqwest::Client`, a value whose `Drop` spawns a task. On a thread without
/// a runtime tokio panics there with "there is no reactor running". In the expression of a call a runtime is current already, and so
/// it is while [`iter`](crate::iter()) and [`io`](crate::io()) poll what they were given. For all that is done between calls there is
/// this guard.
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
/// Which runtime that is follows from what the thread is doing, see [the table](crate::guide::contexts). On a thread in a
/// multi-thread runtime nothing changes. On one that drives a current-thread runtime it is the background runtime: what is built under
/// the guard there makes progress while a call blocks the thread. A call under the guard is served by the same runtime.
///
/// # Panics
///
/// If the background runtime is needed and can't be started.
///
/// # Limits
///
/// - Drop guards in the reverse order of their creation; tokio panics otherwise. Don't hold one across an `.await`: it belongs to the
///   thread and not to the task. It isn't `Send`, so that a spawned task can't do so.
/// - In a thread-local destructor after tokio's own thread-local state is gone, no runtime can be made current, and the guard has no
///   effect.
#[track_caller]
pub fn enter() -> EnterGuard {
    let detected = Detected::find();
    let made_current = match detected.made_current() {
        Ok(made_current) => made_current,
        Err(source) => cannot_enter(&CallError::Runtime { source, location: Location::caller() }),
    };
    // Otherwise the thread would look like a worker of the runtime that is made current.
    let is_driving = matches!(
        detected.context,
        ThreadContext::Driver | ThreadContext::RuntimeGone | ThreadContext::Forked
    );
    let marked = made_current.as_ref().filter(|_| is_driving && detect::is_polled());
    EnterGuard {
        _active: marked
            .map(|handle| ActiveCallGuard::new(Some(handle.id()), detected.origin, detected.outer_context)),
        runtime: made_current.map(RuntimeGuard::new),
    }
}

/// As [`enter`] on a thread without a runtime, to drop what may spawn a task in its `Drop`. No effect elsewhere, or where no runtime can be
/// started: a drop must not panic.
pub(super) fn enter_to_drop() -> EnterGuard {
    let is_plain = detect::classify().0 == ThreadContext::Plain;
    let serving = is_plain.then(background::serving).and_then(Result::ok);
    EnterGuard { _active: None, runtime: serving.map(RuntimeGuard::keeping) }
}

/// Keeps a runtime current: what [`enter()`] returns.
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
