//! The functions that `sync_call!` and `try_sync_call!` expand to.

use std::any::type_name;
use std::future::{Future, IntoFuture};
use std::panic::{self, AssertUnwindSafe, Location};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Instant;

use crate::call::enter::{Entered, Wait};
use crate::call::fiber;
use crate::call::on::{Begun, Chosen};
use crate::call::on_runner;
use crate::call::park::{Pace, Parker};
use crate::call::waiting;
use crate::config::call_options::CallOptions;
use crate::context::detect;
use crate::context::hand_off::{self, NotHandedOff};
use crate::error::CallError;
use crate::fiber::ENABLED;
use crate::interrupted::{AskToInterrupt, Interrupted};
use crate::large::is_large;
use crate::stall::detector::Detector;
use crate::task::blocking_task;

/// The types that `sync_call!` takes: everything that can be awaited.
///
/// `T` is a type parameter and not an associated type, so that a wrong argument causes one compiler
/// error instead of two.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a future, there is nothing to wait for",
    label = "expected a future",
    note = "if this calls a function that isn't async, drop the macro",
    note = "call a function or closure: `fetch()`; unwrap an `Option` or `Result`: `maybe.unwrap()`; pin what is behind `&mut`: `pin!(future)`",
    note = "make several one: `async {{ tokio::join!(a, b) }}`; ask a stream, channel or `JoinSet` for its next: `receiver.recv()`"
)]
pub trait Callable<T>: IntoFuture<Output = T> {}

#[diagnostic::do_not_recommend]
impl<F: IntoFuture> Callable<F::Output> for F {}

/// Drives the future that `$make` evaluates to. A large future is boxed, and any other is pinned on
/// the stack.
// A macro, since a function that takes the future by value would copy it on the stack once more.
macro_rules! drive {
    ($begun:expr, $make:expr, $type:ty, $options:expr, $interrupt:expr, $finish:expr) => {
        // The condition is a constant, so the other branch isn't compiled and takes no stack.
        if const { is_large::<$type>() } {
            let mut future = Box::pin($make);
            drive($begun, future.as_mut(), $options, $interrupt, $finish)
        } else {
            drive($begun, pin!($make), $options, $interrupt, $finish)
        }
    };
}

/// Completes a `sync_call!`: blocks until the future is ready.
///
/// # Panics
///
/// It panics if the future panics, if the runtime shuts down first, or if the call stalls and
/// `on_stall` is `"panic"`.
// This and the functions below don't call each other, since a future is slow to pass on by value.
#[inline]
#[expect(clippy::needless_pass_by_value, reason = "it ends with this, and is read where it is")]
pub fn wait<T, C: Callable<T>>(entered: Entered<'_>, callable: C) -> T {
    let finish = |result| value_or_panic(result, entered.location());
    drive!(&entered, callable.into_future(), C::IntoFuture, CallOptions::new(), None, finish)
}

/// Like [`wait`], with options. `begun` may be a reference, since an `Entered` is slow to move.
///
/// # Panics
///
/// As [`wait`] does.
#[inline]
pub fn wait_with<'a, T, C: Callable<T>>(
    begun: impl Begun<'a>,
    callable: C,
    options: CallOptions,
) -> T {
    let finish = |result| value_or_panic(result, begun.entered().location());
    drive!(&begun, callable.into_future(), C::IntoFuture, options, None, finish)
}

#[inline]
fn value_or_panic<T>(result: Result<T, Interrupted>, location: &'static Location<'static>) -> T {
    result.unwrap_or_else(|interrupted| interrupted.panic(location))
}

/// Completes a `try_sync_call!`: blocks until the future is ready.
///
/// # Errors
///
/// [`CallError::Shutdown`] if the runtime shuts down first, [`CallError::Timeout`],
/// [`CallError::Stalled`], [`CallError::Cancelled`], and [`CallError::Runtime`].
#[inline]
pub fn try_wait<'a, T, C: Callable<T>>(
    begun: impl Begun<'a>,
    callable: C,
    options: CallOptions,
) -> Result<T, CallError> {
    let finish = |result: Result<T, Interrupted>| {
        value_or_error(result, options, begun.entered().location())
    };
    drive!(&begun, callable.into_future(), C::IntoFuture, options.refusing(), None, finish)
}

/// Like [`try_wait`], but calls `interrupt` periodically while it waits.
///
/// # Errors
///
/// Those of [`try_wait`], and [`CallError::Interrupted`] if `interrupt` returns `true`.
#[inline]
pub fn try_wait_unless<'a, T, C: Callable<T>>(
    begun: impl Begun<'a>,
    callable: C,
    options: CallOptions,
    mut interrupt: impl FnMut() -> bool,
) -> Result<T, CallError> {
    let finish = |result: Result<T, Interrupted>| {
        value_or_error(result, options, begun.entered().location())
    };
    let interrupt: AskToInterrupt<'_> = &mut interrupt;
    drive!(
        &begun,
        callable.into_future(),
        C::IntoFuture,
        options.refusing(),
        Some(interrupt),
        finish
    )
}

#[inline]
fn value_or_error<T>(
    result: Result<T, Interrupted>,
    options: CallOptions,
    location: &'static Location<'static>,
) -> Result<T, CallError> {
    result.map_err(|interrupted| interrupted.into_error(options.timeout, location))
}

/// Polls the future of a call of any kind until it is ready. `finish` converts the result into the
/// return value of the call.
// The value of a future that is ready at once is passed to `finish` directly. Joining the two paths
// in one `Result` first makes such a call a third slower.
#[inline]
fn drive<'a, F: Future, R>(
    begun: &impl Begun<'a>,
    mut future: Pin<&mut F>,
    options: CallOptions,
    interrupt: Option<AskToInterrupt<'_>>,
    finish: impl FnOnce(Result<F::Output, Interrupted>) -> R,
) -> R {
    let entered = begun.entered();
    let is_here =
        begun.chosen().is_none_or(|chosen| chosen.driver_here(entered.context()).is_none());
    if !is_here || ENABLED && matches!(entered.wait(), Wait::Suspend) {
        return finish(drive_elsewhere(begun, future, options, interrupt));
    }
    let deadline = deadline(options);
    let parker = Parker::lend();
    // Every call polls once before anything else, so that a ready future costs no more than this.
    let first = poll(options, || parker.poll_first(future.as_mut(), entered.has_budget()));
    if let Ok(Poll::Ready(value)) = first {
        entered.done();
        return finish(Ok(value));
    }
    let result = first.and_then(|_| {
        wait_for(&parker, future, entered, begun.chosen(), options, deadline, interrupt)
    });
    entered.done();
    finish(result)
}

/// Drives the future on a fiber, or in the `block_on` of the current-thread runtime that was chosen
/// for the call.
fn drive_elsewhere<'a, F: Future>(
    begun: &impl Begun<'a>,
    future: Pin<&mut F>,
    options: CallOptions,
    interrupt: Option<AskToInterrupt<'_>>,
) -> Result<F::Output, Interrupted> {
    let (entered, chosen, deadline) = (begun.entered(), begun.chosen(), deadline(options));
    match chosen.and_then(|chosen| chosen.driver_here(entered.context())) {
        Some(driver) => on_runner::wait(driver, entered, future, options, deadline, interrupt),
        None => fiber::wait(entered, chosen, future, options, deadline, interrupt),
    }
}

#[inline]
fn deadline(options: CallOptions) -> Option<Instant> {
    // A deadline that `Instant` can't represent never passes.
    options.timeout.and_then(|timeout| Instant::now().checked_add(timeout))
}

/// Polls once. tokio panics if a timer is polled after its runtime has shut down, and a
/// `try_sync_call!` returns that panic as an error. A check of the runtime before the poll isn't
/// enough: the runtime may shut down in between.
#[inline]
fn poll<T>(options: CallOptions, poll: impl FnOnce() -> Poll<T>) -> Result<Poll<T>, Interrupted> {
    if options.refuses { poll_or_refuse(poll) } else { Ok(poll()) }
}

fn poll_or_refuse<T>(poll: impl FnOnce() -> Poll<T>) -> Result<Poll<T>, Interrupted> {
    match panic::catch_unwind(AssertUnwindSafe(poll)) {
        Ok(poll) => Ok(poll),
        Err(payload) if detect::is_shutdown_panic(payload.as_ref()) => Err(Interrupted::Shutdown),
        Err(payload) => panic::resume_unwind(payload),
    }
}

/// Waits for a future that was not ready at once. It is not inlined, which keeps the path of a
/// ready future short.
#[inline(never)]
fn wait_for<F: Future>(
    parker: &Parker,
    future: Pin<&mut F>,
    entered: &Entered<'_>,
    chosen: Option<Chosen<'_>>,
    options: CallOptions,
    deadline: Option<Instant>,
    interrupt: Option<AskToInterrupt<'_>>,
) -> Result<F::Output, Interrupted> {
    // With a timeout of zero the call is over after the first poll, and hands off no worker.
    if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
        return Err(Interrupted::Elapsed);
    }
    let _driven = chosen.map(Chosen::drive_elsewhere).transpose()?;
    let detector = Detector::new(
        entered.blocked(type_name::<F>(), options),
        parker.waker(),
        interrupt.map(|ask| -> AskToInterrupt<'_> { ask }),
    );
    let mut waiting = Waiting { parker, deadline, options, detector };
    let mut cancelled = pin!(blocking_task::cancelled(options.refuses));
    if let Some(cancelled) = cancelled.as_mut().as_pin_mut()
        && parker.poll(cancelled).is_ready()
    {
        return Err(Interrupted::Cancelled);
    }
    let (_counted, span) = waiting::begin(entered);
    let future = pin!(blocking_task::unless_cancelled(future, cancelled));
    let future = pin!(span.around(future));
    let result = match entered.wait() {
        Wait::Park => waiting.park(future, Pace::OnWake),
        Wait::HandOff => waiting.hand_off(future),
        Wait::Steps => waiting.park(future, Pace::in_steps()),
        Wait::Suspend => unreachable!("it isn't polled here"),
    };
    result?
}

/// A call whose future was not ready at once.
struct Waiting<'a> {
    parker: &'a Parker,
    deadline: Option<Instant>,
    options: CallOptions,
    detector: Detector<'a>,
}

impl Waiting<'_> {
    /// Parks. If the thread is a worker, the worker is handed off first.
    fn hand_off<F: Future>(&mut self, mut future: Pin<&mut F>) -> Result<F::Output, Interrupted> {
        // The hand-off also wakes the tasks whose wake-ups tokio has deferred on this thread.
        hand_off::hand_off(|| self.park(future.as_mut(), Pace::OnWake)).unwrap_or_else(|why| {
            self.detector.found = Some(why);
            let pace = match why {
                NotHandedOff::Driver => Pace::in_steps(),
                NotHandedOff::NoThread => Pace::OnWake,
            };
            self.park(future, pace)
        })
    }

    /// Parks until the future is ready. The detector checks the call periodically, since tokio
    /// wakes no task when a runtime shuts down or makes no progress.
    fn park<F: Future>(
        &mut self,
        mut future: Pin<&mut F>,
        mut pace: Pace,
    ) -> Result<F::Output, Interrupted> {
        loop {
            let check = self.detector.next_check();
            let until = self.deadline.map_or(check, |deadline| deadline.min(check));
            let step = pace.next();
            let is_woken = self.parker.sleep(Some(step.map_or(until, |step| step.min(until))));
            if is_woken {
                pace.restart();
            }
            if is_woken || step.is_some() {
                // Checked before the poll, since tokio panics if a timer is polled after its
                // runtime has shut down.
                self.detector.check_shutdown()?;
                if let Poll::Ready(value) =
                    poll(self.options, || self.parker.poll(future.as_mut()))?
                {
                    return Ok(value);
                }
            }
            let now = Instant::now();
            if self.deadline.is_some_and(|deadline| deadline <= now) {
                return Err(Interrupted::Elapsed);
            }
            if check <= now {
                self.detector.check(now)?;
            }
        }
    }
}
