//! The beginning of a call: detects the context of the thread, and makes the right runtime current.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::panic::Location;
use std::thread;

use tokio::runtime::{self, Id};

use crate::config::call_options::CallOptions;
use crate::context::active_call::{self, ActiveCallGuard};
use crate::context::detect::{self, Glance};
use crate::context::stack;
use crate::error::CallError;
use crate::fiber::{self, current};
use crate::log;
use crate::runtime_guard::{MadeCurrent, RuntimeGuard};
use crate::runtimes::background;
use crate::stall::diagnosis::BlockedCall;
use crate::thread_context::ThreadContext;
use crate::thread_exit;

/// How a thread waits for a future that is not ready at once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wait {
    /// It parks.
    Park,
    /// It parks. If it is a worker, the worker is handed off to another thread first.
    HandOff,
    /// It parks, and also polls at intervals, see [`Pace::InSteps`](crate::call::park::Pace). The
    /// thread drives a runtime, which makes no progress meanwhile; or it may drive one that isn't
    /// detected.
    Steps,
    /// It suspends the fiber that makes the call, and runs other tasks.
    Suspend,
}

/// A call that has begun: the right runtime is current. The expression of the call is evaluated
/// while this value is alive.
#[must_use]
pub struct Entered<'a> {
    // Fields are dropped in the order of their declaration, the reverse of their creation.
    explain: Explain,
    _active: ActiveCallGuard,
    #[cfg_attr(
        not(feature = "fiber"),
        expect(dead_code, reason = "only a fiber goes on elsewhere")
    )]
    runtime: Cell<Option<RuntimeGuard<'a>>>,
}

impl fmt::Debug for Entered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered")
            .field("context", &self.explain.context)
            .field("location", &self.explain.location)
            .finish_non_exhaustive()
    }
}

impl<'a> Entered<'a> {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what it returns is slow to move")]
    fn at(
        made_current: Option<MadeCurrent<'a>>,
        serving: Option<Id>,
        origin: Option<Id>,
        context: ThreadContext,
        location: &'static Location<'static>,
    ) -> Self {
        // Each arm creates the whole value in place. A guard that was created first, in an `Option`
        // of its own, would have to be moved into the value.
        match made_current {
            Some(made_current) => Self {
                runtime: Cell::new(Some(RuntimeGuard::new(made_current))),
                _active: ActiveCallGuard::new(serving, origin, context),
                explain: Explain { location, context, done: Cell::new(false) },
            },
            None => Self {
                runtime: Cell::new(None),
                _active: ActiveCallGuard::new(serving, origin, context),
                explain: Explain { location, context, done: Cell::new(false) },
            },
        }
    }

    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.explain.location
    }

    pub(crate) fn context(&self) -> ThreadContext {
        self.explain.context
    }

    /// Drops the guard of the runtime that was made current for the call.
    #[cfg(feature = "fiber")]
    pub(crate) fn leave_runtime(&self) {
        self.runtime.set(None);
    }

    /// The description of the call for the stall detector.
    pub(crate) fn blocked(&self, future: &'static str, options: CallOptions) -> BlockedCall {
        let Explain { location, context, .. } = self.explain;
        BlockedCall { location, context, future, options, is_served_elsewhere: false }
    }

    #[inline]
    pub(crate) fn wait(&self) -> Wait {
        match self.explain.context {
            ThreadContext::Entered | ThreadContext::Worker | ThreadContext::BlockOn => {
                Wait::HandOff
            }
            // With `RuntimeGone` and `Forked` the thread may drive another runtime, which isn't
            // detected behind the one that is gone or inherited.
            ThreadContext::Driver | ThreadContext::RuntimeGone | ThreadContext::Forked => {
                Wait::Steps
            }
            ThreadContext::Fiber => Wait::Suspend,
            ThreadContext::Plain
            | ThreadContext::BlockingPool
            | ThreadContext::EnteredCurrentThread
            | ThreadContext::InCall
            | ThreadContext::ThreadExiting => Wait::Park,
        }
    }

    /// Whether tokio is surely polling a future on this thread, under a cooperative budget.
    #[inline]
    pub(crate) fn has_budget(&self) -> bool {
        matches!(self.explain.context, ThreadContext::Entered | ThreadContext::Driver)
            && runtime::worker_index().is_some()
    }

    /// Marks the call as completed: it isn't the cause of a later panic.
    #[inline]
    pub(crate) fn done(&self) {
        self.explain.done.set(true);
    }
}

/// Begins a `sync_call!`.
///
/// # Panics
///
/// It panics if the background runtime is needed and can't be started, and if the enclosing calls
/// have used up the stack.
#[inline]
#[track_caller]
pub fn enter() -> Entered<'static> {
    enter_at(Location::caller())
}

/// Like [`enter`], for a call at the given location.
// Not inlined, so that the result is written directly to its final place. It is slow to move, since
// tokio has just written the guard in it.
#[inline(never)]
pub(crate) fn enter_at(location: &'static Location<'static>) -> Entered<'static> {
    match detect::glance() {
        Glance::Stays(id) => {
            Entered::at(None, Some(id), Some(id), ThreadContext::Entered, location)
        }
        Glance::Plain(serving) => {
            let id = serving.id();
            let serving = MadeCurrent::Kept(serving);
            Entered::at(Some(serving), Some(id), None, ThreadContext::Plain, location)
        }
        Glance::Other => enter_slowly(location),
    }
}

#[inline(never)]
fn enter_slowly(location: &'static Location<'static>) -> Entered<'static> {
    let detected = Detected::find();
    if detected.is_too_deep() {
        cannot_enter(&CallError::StackExhausted { location });
    }
    match detected.made_current() {
        Ok(made_current) => detected.enter(made_current, location),
        Err(source) => cannot_enter(&CallError::Runtime { source, location }),
    }
}

#[cold]
pub(super) fn cannot_enter(error: &CallError) -> ! {
    panic!("{error}")
}

/// Begins a `try_sync_call!`.
///
/// # Errors
///
/// [`CallError::Runtime`] if the background runtime is needed and can't be started,
/// [`CallError::ThreadExiting`], and [`CallError::StackExhausted`].
#[inline]
#[track_caller]
pub fn try_enter() -> Result<Entered<'static>, CallError> {
    try_enter_at(Location::caller())
}

/// Like [`try_enter`], for a call at the given location.
#[inline(never)]
pub(crate) fn try_enter_at(
    location: &'static Location<'static>,
) -> Result<Entered<'static>, CallError> {
    let detected = Detected::find();
    if detected.outer_context == ThreadContext::ThreadExiting {
        return Err(CallError::ThreadExiting { location });
    }
    if detected.is_too_deep() {
        return Err(CallError::StackExhausted { location });
    }
    match detected.made_current() {
        Ok(made_current) => Ok(detected.enter(made_current, location)),
        Err(source) => Err(CallError::Runtime { source, location }),
    }
}

/// The context in which a call is made.
pub(super) struct Detected {
    pub(super) context: ThreadContext,
    /// The context of the outermost call on the thread. It decides how a nested call waits.
    pub(super) outer_context: ThreadContext,
    /// The runtime that was current before the outermost call.
    pub(super) origin: Option<Id>,
    current: Option<Id>,
}

impl Detected {
    #[inline]
    pub(super) fn find() -> Self {
        let (context, current) = detect::classify();
        let (outer_context, origin) = match context {
            ThreadContext::InCall => {
                (active_call::outer_context().unwrap_or(context), active_call::origin_runtime())
            }
            context => (context, current),
        };
        Self { context, outer_context, origin, current }
    }

    /// Whether the enclosing calls have left too little stack for this one.
    #[inline]
    pub(super) fn is_too_deep(&self) -> bool {
        self.context == ThreadContext::InCall && stack::is_used_up()
    }

    /// The runtime that has to be made current for the call. `None` if the current one serves the
    /// call, or if none can be entered.
    #[inline]
    pub(super) fn made_current(&self) -> io::Result<Option<MadeCurrent<'static>>> {
        match self.context {
            ThreadContext::Plain => background::serving().map(MadeCurrent::Kept).map(Some),
            ThreadContext::Driver
            | ThreadContext::EnteredCurrentThread
            | ThreadContext::RuntimeGone
            | ThreadContext::Forked => background::handle().map(MadeCurrent::Kept).map(Some),
            ThreadContext::Worker
            | ThreadContext::BlockOn
            | ThreadContext::Entered
            | ThreadContext::BlockingPool
            | ThreadContext::InCall
            | ThreadContext::ThreadExiting => Ok(None),
            ThreadContext::Fiber => {
                // The runtime is made current for the fiber instead of the call: its guard has to
                // be dropped whenever the fiber is suspended.
                current::serve(background::serving)?;
                Ok(None)
            }
        }
    }

    #[inline]
    pub(super) fn enter<'a>(
        &self,
        made_current: Option<MadeCurrent<'a>>,
        location: &'static Location<'static>,
    ) -> Entered<'a> {
        let Self { outer_context, origin, current, .. } = *self;
        if outer_context == ThreadContext::ThreadExiting {
            thread_exit::begin_call(location);
        }
        // On a fiber, `made_current` may have changed the current runtime since `find`.
        let is_on_fiber = fiber::ENABLED && self.context == ThreadContext::Fiber;
        let current = if is_on_fiber { current::runtime() } else { current };
        let serving = made_current.as_ref().map(MadeCurrent::id).or(current);
        Entered::at(made_current, serving, origin, outer_context, location)
    }
}

/// Reports the cause if the call panics because its runtime has ended or its thread is exiting. The
/// panic message is then tokio's or std's, and names neither the call nor a remedy.
struct Explain {
    location: &'static Location<'static>,
    context: ThreadContext,
    /// Whether the call has completed, and isn't the cause of a later panic.
    done: Cell<bool>,
}

impl Drop for Explain {
    #[inline]
    fn drop(&mut self) {
        if self.context == ThreadContext::ThreadExiting {
            thread_exit::end_call(self.location, !self.done.get() && thread::panicking());
        } else if !self.done.get() && thread::panicking() {
            self.explain();
        }
    }
}

impl Explain {
    #[cold]
    fn explain(&self) {
        if detect::runtime_has_ended() {
            log::print(CallError::Shutdown { location: self.location });
        }
    }
}
