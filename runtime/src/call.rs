//! What `sync_call!` and `try_sync_call!` expand to.

use std::future::{Future, IntoFuture};
use std::panic::Location;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

use crate::context;
use crate::enter::{Entered, Wait};
use crate::error::CallError;
use crate::park::{Elapsed, Parker};

/// What can be given to `sync_call!`: anything with `.await`.
///
/// `T` is a parameter, and no associated type, so that a wrong argument is one error instead of two.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a future, there is nothing to wait for",
    label = "expected a future",
    note = "call a function or closure: `fetch()`; unwrap an `Option` or `Result`: `maybe.unwrap()`; pin what is behind `&mut`: `pin!(future)`",
    note = "make several one: `async {{ tokio::join!(a, b) }}`; ask a stream, channel or `JoinSet` for its next: `receiver.recv()`"
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

/// Ends a `sync_call!`: waits for the future.
///
/// # Panics
///
/// When the future panics, and when the runtime ends first.
#[inline]
#[expect(clippy::needless_pass_by_value, reason = "it ends with this, and is read where it is")]
pub fn wait<T, C: Callable<T>>(entered: Entered, callable: C) -> T {
    let location = entered.location();
    match drive(&entered, callable.into_callable(), None) {
        Ok(value) => value,
        Err(unfinished) => unfinished.panic(location),
    }
}

/// As [`wait`], but leaves the call where it is. Neither goes through the other, since a future is slow to hand on, too.
#[inline]
pub(crate) fn wait_in<F: Future>(entered: &Entered, future: F) -> F::Output {
    match drive(entered, future, None) {
        Ok(value) => value,
        Err(unfinished) => unfinished.panic(entered.location()),
    }
}

/// Ends a `try_sync_call!` without a `timeout`.
///
/// # Errors
///
/// [`CallError::Shutdown`] when the runtime ends first.
#[inline]
#[expect(clippy::needless_pass_by_value, reason = "it ends with this, and is read where it is")]
pub fn try_wait<T, C: Callable<T>>(entered: Entered, callable: C) -> Result<T, CallError> {
    let location = entered.location();
    drive(&entered, callable.into_callable(), None)
        .map_err(|unfinished| unfinished.into_error(None, location))
}

/// Ends a `try_sync_call!` with a `timeout`.
///
/// # Errors
///
/// [`CallError::Timeout`], and [`CallError::Shutdown`] when the runtime ends first.
#[inline]
#[expect(clippy::needless_pass_by_value, reason = "it ends with this, and is read where it is")]
pub fn try_wait_for<T, C: Callable<T>>(
    entered: Entered,
    callable: C,
    timeout: Duration,
) -> Result<T, CallError> {
    let location = entered.location();
    // A deadline that no clock can hold never passes.
    let deadline = Instant::now().checked_add(timeout);
    drive(&entered, callable.into_callable(), deadline)
        .map_err(|unfinished| unfinished.into_error(Some(timeout), location))
}

/// As [`wait_in`], for [`try_wait`] and [`try_wait_for`].
#[inline]
pub(crate) fn try_wait_in<F: Future>(
    entered: &Entered,
    future: F,
    timeout: Option<Duration>,
) -> Result<F::Output, CallError> {
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    drive(entered, future, deadline).map_err(|unfinished| unfinished.into_error(timeout, entered.location()))
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
    entered: &Entered,
    future: F,
    deadline: Option<Instant>,
) -> Result<F::Output, Unfinished> {
    let result = Parker::with(|parker| {
        // Polled in place on every thread: a future that is ready costs no more than this.
        let mut future = pin!(future);
        if let Poll::Ready(value) = parker.poll(future.as_mut()) {
            return Ok(value);
        }
        match entered.wait() {
            Wait::Park => park_while_served(parker, future, deadline),
            Wait::HandOver => {
                // Wakes whom tokio has deferred on this thread, too.
                let handed_over = context::hand_over(|| park_while_served(parker, future.as_mut(), deadline));
                handed_over.unwrap_or_else(|| Ok(parker.park_in_steps(future, deadline)?))
            }
            Wait::Steps => Ok(parker.park_in_steps(future, deadline)?),
        }
    });
    entered.done();
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
