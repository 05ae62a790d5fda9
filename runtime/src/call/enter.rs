//! The beginning of a call: the context of the thread, and what is done there.

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
    /// It hands the worker off to another thread, if it is one, and parks.
    HandOff,
    /// It drives a runtime that makes no progress meanwhile, or may not, and parks in short steps.
    Steps,
    /// It goes on without the fiber that the call is made on.
    Suspend,
}

/// A call for which the right runtime is current. The expression is evaluated while this is alive.
#[must_use]
pub struct Entered<'a> {
    // In the order in which they are to be dropped.
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
        // Nothing is made beforehand that would have to be moved into the result, and the guard not
        // in an `Option` of its own.
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

    /// Leaves the runtime that was made current for the call.
    #[cfg(feature = "fiber")]
    pub(crate) fn leave_runtime(&self) {
        self.runtime.set(None);
    }

    /// What the stall detector is given of the call.
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
            // Another runtime may be driven there, behind the one that is gone, or was left behind.
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

    /// Whether tokio surely polls something on the thread, and has given that a budget.
    #[inline]
    pub(crate) fn has_budget(&self) -> bool {
        matches!(self.explain.context, ThreadContext::Entered | ThreadContext::Driver)
            && runtime::worker_index().is_some()
    }

    /// The call is over: a panic from here on is none of its own.
    #[inline]
    pub(crate) fn done(&self) {
        self.explain.done.set(true);
    }
}

/// Begins a `sync_call!`.
///
/// # Panics
///
/// Where the background runtime is needed and can't be started.
#[inline]
#[track_caller]
pub fn enter() -> Entered<'static> {
    enter_at(Location::caller())
}

/// As [`enter`], for a call that is elsewhere in the source.
// Not inlined: the result is then written once, where the caller wants it. It is slow to move,
// since tokio has just written the guard.
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
/// Where no runtime can be made current.
#[inline]
#[track_caller]
pub fn try_enter() -> Result<Entered<'static>, CallError> {
    try_enter_at(Location::caller())
}

/// As [`try_enter`], for a call that is elsewhere in the source.
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

/// Where a call is made, and what is done there.
pub(super) struct Detected {
    pub(super) context: ThreadContext,
    /// A nested call waits as the outermost one does, since that is where the thread is.
    pub(super) outer_context: ThreadContext,
    /// The runtime that the thread was in before the outermost call.
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

    /// Whether the calls around this one have left too little of the stack.
    #[inline]
    pub(super) fn is_too_deep(&self) -> bool {
        self.context == ThreadContext::InCall && stack::is_used_up()
    }

    /// The runtime that the call needs, where that is not the current one.
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
                // Not for the call, but for as long as the fiber has the thread: it may be
                // suspended meanwhile.
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
        // It may have been made current for a fiber just now.
        let is_on_fiber = fiber::ENABLED && self.context == ThreadContext::Fiber;
        let current = if is_on_fiber { current::runtime() } else { current };
        let serving = made_current.as_ref().map(MadeCurrent::id).or(current);
        Entered::at(made_current, serving, origin, outer_context, location)
    }
}

/// Reports why, if the thread panics where the future could not have worked: the message is tokio's
/// or std's then, and names neither the call nor the remedy.
struct Explain {
    location: &'static Location<'static>,
    context: ThreadContext,
    /// The call is over, and a panic is none of its own.
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
