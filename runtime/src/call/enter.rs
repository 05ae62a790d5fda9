//! The beginning of a call: where the thread stands, and what is done there.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::panic::Location;
use std::rc::Rc;
use std::thread;

use tokio::runtime::{Handle, Id};

use crate::config::call_options::CallOptions;
use crate::context::active_call::{self, ActiveCallGuard};
use crate::context::detect;
use crate::context::stack;
use crate::error::CallError;
use crate::fiber::{self, current};
use crate::log;
use crate::runtime_guard::RuntimeGuard;
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
    /// It drives a runtime that stands still meanwhile, or may do so, and parks in short steps.
    Steps,
    /// It goes on without the fiber that the call is made on.
    Suspend,
}

/// A call for which the right runtime is current. The expression is evaluated while this is alive.
#[must_use]
pub struct Entered {
    // In the order in which they are to be dropped.
    explain: Explain,
    _active: ActiveCallGuard,
    _runtime: Option<RuntimeGuard>,
}

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered")
            .field("context", &self.explain.context)
            .field("location", &self.explain.location)
            .finish_non_exhaustive()
    }
}

impl Entered {
    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.explain.location
    }

    pub(crate) fn context(&self) -> ThreadContext {
        self.explain.context
    }

    /// What the stall detector is given of the call.
    pub(crate) fn blocked(&self, future: &'static str, options: CallOptions) -> BlockedCall {
        BlockedCall { location: self.explain.location, context: self.explain.context, future, options }
    }

    #[inline]
    pub(crate) fn wait(&self) -> Wait {
        match self.explain.context {
            ThreadContext::Entered | ThreadContext::Worker | ThreadContext::BlockOn => Wait::HandOff,
            // Another runtime may be driven there, behind the one that is gone, or was left behind.
            ThreadContext::Driver | ThreadContext::RuntimeGone | ThreadContext::Forked => Wait::Steps,
            ThreadContext::Fiber => Wait::Suspend,
            ThreadContext::Plain
            | ThreadContext::BlockingPool
            | ThreadContext::EnteredCurrentThread
            | ThreadContext::InCall
            | ThreadContext::ThreadExiting => Wait::Park,
        }
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
pub fn enter() -> Entered {
    enter_at(Location::caller())
}

/// As [`enter`], for a call that stands elsewhere in the source.
// Not inlined: the result is then written once, where the caller wants it. It is slow to move, since tokio has just written the guard.
#[inline(never)]
pub(crate) fn enter_at(location: &'static Location<'static>) -> Entered {
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
fn cannot_enter(error: &CallError) -> ! {
    panic!("{error}")
}

/// Begins a `try_sync_call!`.
///
/// # Errors
///
/// Where no runtime can be made current.
#[inline]
#[track_caller]
pub fn try_enter() -> Result<Entered, CallError> {
    try_enter_at(Location::caller())
}

/// As [`try_enter`], for a call that stands elsewhere in the source.
#[inline(never)]
pub(crate) fn try_enter_at(location: &'static Location<'static>) -> Result<Entered, CallError> {
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
struct Detected {
    context: ThreadContext,
    /// A nested call waits as the outermost one does, since that is where the thread is.
    outer_context: ThreadContext,
    /// The runtime that the thread was in before the outermost call.
    origin: Option<Id>,
    current: Option<Id>,
}

impl Detected {
    #[inline]
    fn find() -> Self {
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
    fn is_too_deep(&self) -> bool {
        self.context == ThreadContext::InCall && stack::is_used_up()
    }

    /// The runtime that the call needs, where that is not the current one.
    #[inline]
    fn made_current(&self) -> io::Result<Option<Rc<Handle>>> {
        match self.context {
            ThreadContext::Plain => background::serving().map(Some),
            ThreadContext::Driver
            | ThreadContext::EnteredCurrentThread
            | ThreadContext::RuntimeGone
            | ThreadContext::Forked => background::handle().map(Some),
            ThreadContext::Worker
            | ThreadContext::BlockOn
            | ThreadContext::Entered
            | ThreadContext::BlockingPool
            | ThreadContext::InCall
            | ThreadContext::ThreadExiting => Ok(None),
            ThreadContext::Fiber => {
                // Not for the call, but for as long as the fiber has the thread: it may be suspended meanwhile.
                current::serve(background::serving)?;
                Ok(None)
            }
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what it returns is slow to move")]
    fn enter(&self, made_current: Option<Rc<Handle>>, location: &'static Location<'static>) -> Entered {
        let Self { outer_context, origin, current, .. } = *self;
        if outer_context == ThreadContext::ThreadExiting {
            thread_exit::begin_call(location);
        }
        // It may have been made current for a fiber just now.
        let is_on_fiber = fiber::ENABLED && self.context == ThreadContext::Fiber;
        let current = if is_on_fiber { current::runtime() } else { current };
        // Nothing is made beforehand that would have to be moved into the result, and the guard not in an `Option` of its own.
        let serving = made_current.as_ref().map(|handle| handle.id());
        match made_current {
            Some(handle) => Entered {
                _runtime: Some(RuntimeGuard::new(handle)),
                _active: ActiveCallGuard::new(serving, origin, outer_context),
                explain: Explain { location, context: outer_context, done: Cell::new(false) },
            },
            None => Entered {
                _runtime: None,
                _active: ActiveCallGuard::new(current, origin, outer_context),
                explain: Explain { location, context: outer_context, done: Cell::new(false) },
            },
        }
    }
}

/// Says why, if the thread panics where the future could not have worked: the message is tokio's or std's then, and names neither the
/// call nor the remedy.
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
