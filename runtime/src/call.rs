//! What `sync_call!` and `try_sync_call!` expand to.

use std::any::type_name;
use std::future::{Future, IntoFuture};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Instant;

use crate::context::{self, NotHandedOver};
use crate::enter::{Entered, Wait};
use crate::error::CallError;
#[cfg(feature = "fiber")]
use crate::fiber;
use crate::options::CallOptions;
use crate::park::{self, Elapsed, Parker};
use crate::pool;
use crate::unfinished::Unfinished;
use crate::watch::Watch;
use crate::work;

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
/// When the future panics, when the runtime ends first, and where a stall is to be a panic.
// No way of waiting goes through another one: a future is slow to hand on.
#[inline]
#[expect(clippy::needless_pass_by_value, reason = "it ends with this, and is read where it is")]
pub fn wait<T, C: Callable<T>>(entered: Entered, callable: C) -> T {
    match drive(&entered, callable.into_callable(), CallOptions::new()) {
        Ok(value) => value,
        Err(unfinished) => unfinished.panic(entered.location()),
    }
}

/// As [`wait`], with options.
///
/// # Panics
///
/// As there.
#[inline]
#[expect(clippy::needless_pass_by_value, reason = "it ends with this, and is read where it is")]
pub fn wait_with<T, C: Callable<T>>(entered: Entered, callable: C, options: CallOptions) -> T {
    match drive(&entered, callable.into_callable(), options) {
        Ok(value) => value,
        Err(unfinished) => unfinished.panic(entered.location()),
    }
}

/// As [`wait`], but leaves the call where it is.
#[inline]
pub(crate) fn wait_in<F: Future>(entered: &Entered, future: F) -> F::Output {
    match drive(entered, future, CallOptions::new()) {
        Ok(value) => value,
        Err(unfinished) => unfinished.panic(entered.location()),
    }
}

/// Ends a `try_sync_call!`.
///
/// # Errors
///
/// [`CallError::Shutdown`] when the runtime ends first, and [`CallError::Stalled`].
#[inline]
#[expect(clippy::needless_pass_by_value, reason = "it ends with this, and is read where it is")]
pub fn try_wait<T, C: Callable<T>>(entered: Entered, callable: C) -> Result<T, CallError> {
    drive(&entered, callable.into_callable(), CallOptions::new().refusing())
        .map_err(|unfinished| unfinished.into_error(None, entered.location()))
}

/// As [`try_wait`], with options.
///
/// # Errors
///
/// As there, and [`CallError::Timeout`].
#[inline]
#[expect(clippy::needless_pass_by_value, reason = "it ends with this, and is read where it is")]
pub fn try_wait_with<T, C: Callable<T>>(
    entered: Entered,
    callable: C,
    options: CallOptions,
) -> Result<T, CallError> {
    drive(&entered, callable.into_callable(), options.refusing())
        .map_err(|unfinished| unfinished.into_error(options.timeout, entered.location()))
}

/// As [`try_wait_with`], but leaves the call where it is.
#[inline]
pub(crate) fn try_wait_in<F: Future>(
    entered: &Entered,
    future: F,
    options: CallOptions,
) -> Result<F::Output, CallError> {
    drive(entered, future, options.refusing())
        .map_err(|unfinished| unfinished.into_error(options.timeout, entered.location()))
}

#[inline]
fn drive<F: Future>(entered: &Entered, future: F, options: CallOptions) -> Result<F::Output, Unfinished> {
    // A deadline that no clock can hold never passes.
    let deadline = options.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    #[cfg(feature = "fiber")]
    if let Wait::Suspend = entered.wait() {
        return fiber::wait(entered, future, options, deadline);
    }
    let result = Parker::with(|parker| {
        // Polled in place on every thread: a future that is ready costs no more than this.
        let mut future = pin!(future);
        if let Poll::Ready(value) = parker.poll(future.as_mut()) {
            return Ok(value);
        }
        wait_for(parker, future, entered, options, deadline)
    });
    entered.done();
    result
}

/// Waits for a future that was not ready at once. Not inlined, so that those that are find no more on their way.
#[inline(never)]
fn wait_for<F: Future>(
    parker: &Parker,
    future: Pin<&mut F>,
    entered: &Entered,
    options: CallOptions,
    deadline: Option<Instant>,
) -> Result<F::Output, Unfinished> {
    // With no time at all a call has polled once, and hands no worker over.
    if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
        return Err(Unfinished::Elapsed);
    }
    let mut waiting = Waiting { parker, deadline, watch: Watch::new(entered, options, type_name::<F>()) };
    let mut cancelled = pin!(work::cancelled(options.refuses));
    if let Some(cancelled) = cancelled.as_mut().as_pin_mut()
        && parker.poll(cancelled).is_ready()
    {
        return Err(Unfinished::Cancelled);
    }
    let future = pin!(work::unless_cancelled(future, cancelled));
    let result = match entered.wait() {
        Wait::Park => waiting.park(future, Parker::park),
        Wait::HandOver => waiting.hand_over(future),
        Wait::Steps => waiting.park(future, Parker::park_in_steps),
        #[cfg(feature = "fiber")]
        Wait::Suspend => unreachable!("it isn't polled here"),
    };
    result?
}

/// A call that has not been ready at once.
struct Waiting<'a> {
    parker: &'a Parker,
    deadline: Option<Instant>,
    watch: Watch<'a>,
}

impl Waiting<'_> {
    /// Hands over the worker that the thread may be, and parks.
    fn hand_over<F: Future>(&mut self, mut future: Pin<&mut F>) -> Result<F::Output, Unfinished> {
        // Wakes whom tokio has deferred on this thread, too.
        let handed_over = match context::hand_over(|| self.park_at_first(future.as_mut())) {
            Ok(Some(result)) => return result,
            Ok(None) => {
                // The threads of the pool may all be held by others. Then the worker is this thread again, and is handed over once more.
                if park::is_worker() {
                    context::has_no_thread();
                }
                context::hand_over(|| self.park(future.as_mut(), Parker::park))
            }
            Err(why) => Err(why),
        };
        handed_over.unwrap_or_else(|why| {
            self.watch.found = Some(why);
            match why {
                NotHandedOver::Driver => self.park(future, Parker::park_in_steps),
                NotHandedOver::NoThread => self.park(future, Parker::park),
            }
        })
    }

    /// Parks for as long as it may take a thread to take over the worker. `None` if that wasn't enough.
    fn park_at_first<F: Future>(&self, future: Pin<&mut F>) -> Option<Result<F::Output, Unfinished>> {
        let until = Instant::now() + pool::PATIENCE;
        if let Some(deadline) = self.deadline.filter(|deadline| *deadline <= until) {
            return Some(self.parker.park(future, Some(deadline)).map_err(Unfinished::from));
        }
        self.parker.park(future, Some(until)).ok().map(Ok)
    }

    /// Parks, and looks from time to time whether the current runtime still runs: tokio wakes nobody when it ends, or stands still.
    fn park<F: Future>(
        &mut self,
        mut future: Pin<&mut F>,
        park: impl Fn(&Parker, Pin<&mut F>, Option<Instant>) -> Result<F::Output, Elapsed>,
    ) -> Result<F::Output, Unfinished> {
        loop {
            let look = self.watch.next_look();
            if self.deadline.is_some_and(|deadline| deadline <= look) {
                return Ok(park(self.parker, future, self.deadline)?);
            }
            if let Ok(value) = park(self.parker, future.as_mut(), Some(look)) {
                return Ok(value);
            }
            self.watch.look()?;
        }
    }
}
