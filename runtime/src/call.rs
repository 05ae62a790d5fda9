//! What `sync_call!` and `try_sync_call!` expand to.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::io::{self, Write};
use std::panic::Location;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{EnterGuard, Handle};

use crate::background;
use crate::context::{self, InCall, ThreadContext};
use crate::error::CallError;
use crate::park::{Elapsed, Parker};

/// What can be given to `sync_call!`: anything with `.await`.
///
/// `T` is a parameter, and no associated type, so that a wrong argument is one error instead of two.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a future, there is nothing to wait for",
    label = "expected a future, found `{Self}`",
    note = "`sync_call!` and `try_sync_call!` take what one would `.await` in async code: the future itself"
)]
pub trait Callable<T> {
    /// The future that is waited for.
    type Future: Future<Output = T>;

    /// Converts to the future.
    fn into_callable(self) -> Self::Future;
}

#[diagnostic::do_not_recommend]
impl<F: IntoFuture> Callable<F::Output> for F {
    type Future = F::IntoFuture;

    #[inline]
    fn into_callable(self) -> Self::Future {
        self.into_future()
    }
}

/// How a thread waits for a future that is not ready at once.
#[derive(Debug, Clone, Copy)]
enum Wait {
    /// It parks.
    Park,
    /// It hands the worker that it is over to another thread, and parks.
    HandOver,
    /// It drives a runtime that stands still meanwhile, and parks in short steps.
    Steps,
}

/// A call for which the right runtime is current. The expression is evaluated while this is alive.
#[must_use]
pub struct Entered {
    // In the order in which they are to be dropped.
    explain: Explain,
    _mark: InCall,
    _runtime: Option<EnterGuard<'static>>,
    wait: Wait,
}

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered")
            .field("wait", &self.wait)
            .field("location", &self.explain.location)
            .finish_non_exhaustive()
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
    let location = Location::caller();
    match enter_at(location) {
        Ok(entered) => entered,
        Err(source) => cannot_enter(source, location),
    }
}

#[cold]
fn cannot_enter(source: io::Error, location: &'static Location<'static>) -> ! {
    panic!("{}", CallError::Runtime { source, location })
}

/// Begins a `try_sync_call!`.
///
/// # Errors
///
/// Where no runtime can be made current.
#[inline]
#[track_caller]
pub fn try_enter() -> Result<Entered, CallError> {
    let location = Location::caller();
    let entered = enter_at(location).map_err(|source| CallError::Runtime { source, location })?;
    match entered.explain.context {
        ThreadContext::ThreadExiting => Err(CallError::ThreadExiting { location }),
        _ => Ok(entered),
    }
}

/// The one place that says what is done where.
#[inline]
fn enter_at(location: &'static Location<'static>) -> io::Result<Entered> {
    let (context, current) = context::classify();
    // A nested call waits as the outermost one does, since that is where the thread is.
    let outermost = match context {
        ThreadContext::InCall => context::outermost_call().unwrap_or(context),
        context => context,
    };
    let wait = match outermost {
        ThreadContext::Worker => Wait::HandOver,
        ThreadContext::Driver => Wait::Steps,
        ThreadContext::Plain
        | ThreadContext::BlockOn
        | ThreadContext::Entered
        | ThreadContext::BlockingPool
        | ThreadContext::EnteredCurrentThread
        | ThreadContext::InCall
        | ThreadContext::RuntimeGone
        | ThreadContext::Forked
        | ThreadContext::ThreadExiting => Wait::Park,
    };
    let made_current: Option<&'static Handle> = match context {
        ThreadContext::Plain => Some(background::serving()?),
        ThreadContext::Driver
        | ThreadContext::EnteredCurrentThread
        | ThreadContext::RuntimeGone
        | ThreadContext::Forked => Some(background::handle()?),
        ThreadContext::Worker
        | ThreadContext::BlockOn
        | ThreadContext::Entered
        | ThreadContext::BlockingPool
        | ThreadContext::InCall
        | ThreadContext::ThreadExiting => None,
    };
    let current = made_current.map(Handle::id).or(current);
    Ok(Entered {
        _runtime: made_current.map(Handle::enter),
        _mark: InCall::mark(current, outermost),
        explain: Explain { location, context: outermost, done: false },
        wait,
    })
}

/// Ends a `sync_call!`: waits for the future.
///
/// # Panics
///
/// When the future panics, and when the runtime ends first.
#[inline]
pub fn wait<T, C: Callable<T>>(entered: Entered, callable: C) -> T {
    let location = entered.explain.location;
    match drive(entered, callable.into_callable(), None) {
        Ok(value) => value,
        Err(unfinished) => unfinished.panic(location),
    }
}

/// Ends a `try_sync_call!` without a `timeout`.
///
/// # Errors
///
/// [`CallError::Shutdown`] when the runtime ends first.
#[inline]
pub fn try_wait<T, C: Callable<T>>(entered: Entered, callable: C) -> Result<T, CallError> {
    let location = entered.explain.location;
    drive(entered, callable.into_callable(), None).map_err(|unfinished| unfinished.into_error(None, location))
}

/// Ends a `try_sync_call!` with a `timeout`.
///
/// # Errors
///
/// [`CallError::Timeout`], and [`CallError::Shutdown`] when the runtime ends first.
#[inline]
pub fn try_wait_for<T, C: Callable<T>>(
    entered: Entered,
    callable: C,
    timeout: Duration,
) -> Result<T, CallError> {
    let location = entered.explain.location;
    // A deadline that no clock can hold never passes.
    let deadline = Instant::now().checked_add(timeout);
    drive(entered, callable.into_callable(), deadline)
        .map_err(|unfinished| unfinished.into_error(Some(timeout), location))
}

/// Why a wait ended without a value.
enum Unfinished {
    Elapsed,
    Shutdown,
}

impl Unfinished {
    fn into_error(self, timeout: Option<Duration>, location: &'static Location<'static>) -> CallError {
        match self {
            Self::Elapsed => CallError::Timeout { timeout: timeout.unwrap_or(Duration::MAX), location },
            Self::Shutdown => CallError::Shutdown { location },
        }
    }

    #[cold]
    fn panic(self, location: &'static Location<'static>) -> ! {
        panic!("{}", self.into_error(None, location))
    }
}

impl From<Elapsed> for Unfinished {
    fn from(Elapsed: Elapsed) -> Self {
        Self::Elapsed
    }
}

#[inline]
fn drive<F: Future>(
    mut entered: Entered,
    future: F,
    deadline: Option<Instant>,
) -> Result<F::Output, Unfinished> {
    let result = Parker::with(|parker| {
        // Polled in place on every thread: a future that is ready costs no more than this.
        let mut future = pin!(future);
        if let Poll::Ready(value) = parker.poll(future.as_mut()) {
            return Ok(value);
        }
        match entered.wait {
            Wait::Park => park_while_served(parker, future, deadline),
            Wait::HandOver => {
                // Wakes whom tokio has deferred on this thread, too.
                let handed_over = context::hand_over(|| park_while_served(parker, future.as_mut(), deadline));
                handed_over.unwrap_or_else(|| Ok(parker.park_in_steps(future, deadline)?))
            }
            Wait::Steps => Ok(parker.park_in_steps(future, deadline)?),
        }
    });
    entered.explain.done = true;
    result
}

/// Parks, and looks from time to time whether the current runtime still runs: tokio wakes nobody when it ends. The future may depend
/// on other things, so it is given until the next look before the call is given up.
fn park_while_served<F: Future>(
    parker: &Parker,
    mut future: Pin<&mut F>,
    deadline: Option<Instant>,
) -> Result<F::Output, Unfinished> {
    const INTERVAL: Duration = Duration::from_secs(1);
    let mut has_ended = false;
    loop {
        let look = Instant::now() + INTERVAL;
        if deadline.is_some_and(|deadline| deadline <= look) {
            return Ok(parker.park(future, deadline)?);
        }
        if let Ok(value) = parker.park(future.as_mut(), Some(look)) {
            return Ok(value);
        }
        if has_ended {
            return Err(Unfinished::Shutdown);
        }
        has_ended = context::runtime_has_ended();
    }
}

/// Says why, if the thread panics where the future could not have worked: the message is tokio's or std's then, and names neither the
/// call nor the remedy.
struct Explain {
    location: &'static Location<'static>,
    context: ThreadContext,
    /// The call is over, and a panic is none of its own.
    done: bool,
}

impl Drop for Explain {
    fn drop(&mut self) {
        if self.done || !thread::panicking() {
            return;
        }
        let location = self.location;
        let reason = match self.context {
            ThreadContext::ThreadExiting => format!(
                "{}; a future that needs tokio can't run there",
                CallError::ThreadExiting { location }
            ),
            _ if context::runtime_has_ended() => CallError::Shutdown { location }.to_string(),
            _ => return,
        };
        // Standard error may be closed, and there is nobody else to tell.
        let _ = writeln!(io::stderr(), "bridgehead: {reason}");
    }
}
