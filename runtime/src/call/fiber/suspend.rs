//! What a call does on a fiber, and what a future does that is polled there.

use std::any::type_name;
use std::future::Future;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::task::coop::{self, Unconstrained};
use tokio::time::{Sleep, sleep_until};

use crate::call::enter::Entered;
use crate::call::waiting;
use crate::config::call_options::CallOptions;
use crate::config::stalls;
use crate::context::detect;
use crate::fiber::current;
use crate::fiber::span::Left;
use crate::fiber::switch::{self, Resumed};
use crate::interrupted::Interrupted;
use crate::log;
use crate::runtimes::background;
use crate::runtimes::{self, RuntimeRecord, RuntimeState};
use crate::stall::detector::Detector;
use crate::task::blocking_task;

/// Polls the future with the waker of the task that polls the fiber, which is suspended until the future is ready.
pub(crate) fn wait<F: Future>(
    entered: &Entered,
    mut future: Pin<&mut F>,
    options: CallOptions,
    deadline: Option<Instant>,
) -> Result<F::Output, Interrupted> {
    let result = match poll_first(future.as_mut(), options) {
        // What is ready at once costs no more than this.
        Ok(Poll::Ready(value)) => Ok(value),
        Ok(Poll::Pending) => wait_suspended(entered, future, options, deadline),
        Err(interrupted) => Err(interrupted),
    };
    entered.done();
    result
}

/// As a call does on a thread: where the caller has an error to return, a timer whose runtime has just ended is that error.
#[inline]
fn poll_first<F: Future>(future: Pin<&mut F>, options: CallOptions) -> Result<Poll<F::Output>, Interrupted> {
    if !options.refuses {
        return Ok(poll(future));
    }
    match panic::catch_unwind(AssertUnwindSafe(|| poll(future))) {
        Err(payload) if detect::is_shutdown_panic(payload.as_ref()) => Err(Interrupted::Shutdown),
        Err(payload) => panic::resume_unwind(payload),
        Ok(polled) => Ok(polled),
    }
}

#[inline(never)]
fn wait_suspended<F: Future>(
    entered: &Entered,
    future: Pin<&mut F>,
    options: CallOptions,
    deadline: Option<Instant>,
) -> Result<F::Output, Interrupted> {
    // With no time at all a call has polled once, and needs no timer.
    if deadline.is_some_and(is_past) {
        return Err(Interrupted::Elapsed);
    }
    let mut cancelled = pin!(blocking_task::cancelled(options.refuses));
    if cancelled.as_mut().as_pin_mut().is_some_and(|cancelled| poll(cancelled).is_ready()) {
        return Err(Interrupted::Cancelled);
    }
    let (_counted, span) = waiting::begin(entered);
    let future = pin!(blocking_task::unless_cancelled(future, cancelled));
    let future = pin!(span.around(future));
    if is_looked_after(options) {
        let waker = waker();
        let detector = Detector::new(entered.blocked(type_name::<F>(), options), &waker);
        suspend_watched(entered, future, detector, deadline)?
    } else {
        suspend(entered, future, deadline, || Ok(()))?
    }
}

/// Suspends the fiber until the future is ready, and looks from time to time how it fares.
fn suspend_watched<F: Future>(
    entered: &Entered,
    mut future: Pin<&mut F>,
    mut detector: Detector<'_>,
    deadline: Option<Instant>,
) -> Result<F::Output, Interrupted> {
    loop {
        let next = detector.next_check();
        let interrupts = || detector.check_shutdown();
        if deadline.is_some_and(|deadline| deadline <= next) {
            return suspend(entered, future, deadline, interrupts);
        }
        match suspend(entered, future.as_mut(), Some(next), interrupts) {
            Err(Interrupted::Elapsed) => detector.check(Instant::now())?,
            // What can't be looked at can still be waited for.
            Err(Interrupted::NoTimer(_)) => return suspend(entered, future, deadline, interrupts),
            result => return result,
        }
    }
}

/// Whether it is looked from time to time how a call fares. For that it needs a timer, and there is little to be found out where tokio polls
/// the fiber: the runtime runs, or nobody would come to look, and when it ends the fiber is dropped.
fn is_looked_after(options: CallOptions) -> bool {
    options.stall_after.is_some()
        || options.on_stall.is_some()
        || stalls::IS_SET.load(Ordering::Relaxed)
        || !current::ends_with_runtime()
}

fn is_past(time: Instant) -> bool {
    time <= Instant::now()
}

/// Suspends the fiber until the future is ready, but no longer than `until`. `check` is called before each poll.
fn suspend<F: Future>(
    entered: &Entered,
    mut future: Pin<&mut F>,
    until: Option<Instant>,
    check: impl Fn() -> Result<(), Interrupted>,
) -> Result<F::Output, Interrupted> {
    let mut timer = pin!(None);
    let mut clock = None;
    loop {
        if let Some(until) = until
            && has_elapsed(until, timer.as_mut(), &mut clock)?
        {
            return Err(Interrupted::Elapsed);
        }
        if pause(true) == Resumed::Dropped {
            // That it ends now is no fault of the call's.
            entered.done();
            unwind();
        }
        check()?;
        if let Poll::Ready(value) = poll(future.as_mut()) {
            return Ok(value);
        }
        // The timer is up to a millisecond late.
        if until.is_some_and(is_past) {
            return Err(Interrupted::Elapsed);
        }
    }
}

/// Polls the future to its end. `None` if nobody polls the fiber any more.
pub(super) fn run_to_end<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    loop {
        // As whoever polls the fiber would.
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker())) {
            return Some(value);
        }
        if pause(false) == Resumed::Dropped {
            return None;
        }
    }
}

/// Polls within the budget of the task that polls the fiber, as `.await` does. Another executor has none, nor has a call there: a budget
/// is what tells that tokio polls something else on the fiber.
#[inline]
fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(&waker()))
}

/// The waker of the task that polls the fiber.
#[inline]
fn waker() -> Rc<Waker> {
    match switch::current(|shared| Rc::clone(&shared.waker.borrow())) {
        Some(waker) => waker,
        None => unreachable!("only what is on a fiber is polled here"),
    }
}

/// Leaves the thread to others, until the fiber is polled again. `unwinds` says how it is left if it was dropped.
fn pause(unwinds: bool) -> Resumed {
    let left = switch::current(|shared| {
        shared.unwinds.set(unwinds);
        // Else the panic that ends it was caught, and it goes on.
        (shared.dropped.get() == 0).then(|| Left::leave(&shared.outside.borrow()))
    });
    let Some(Some(left)) = left else { return Resumed::Dropped };
    let resumed = switch::suspend();
    left.enter_again();
    resumed
}

/// What the code of a dropped fiber panics with.
#[derive(Debug)]
pub(super) struct Dropped;

/// Ends the code of a fiber that was dropped.
#[cold]
fn unwind() -> ! {
    /// Nobody catches its panics that often, but in a loop that never ends.
    const OFTEN: u32 = 100;
    switch::current(|shared| {
        let times = shared.dropped.get().saturating_add(1);
        shared.dropped.set(times);
        if times == OFTEN {
            log::warn(format_args!(
                "the fiber made at {} was dropped, but its code catches the panic that ends it, and calls again and again; let that \
                 loop end when a payload is no message",
                shared.location
            ));
        }
    });
    if cfg!(panic = "abort") {
        log::print(
            "a fiber that may borrow was dropped while a call of its code waited; without unwinding it can't be ended",
        );
    }
    panic::resume_unwind(Box::new(Dropped))
}

/// Polls the timer, which is made if need be. `clock` is the runtime that it belongs to, where that may end before the fiber does: tokio panics
/// if a timer is polled after that, and another one takes its place.
fn has_elapsed(
    until: Instant,
    mut timer: Pin<&mut Option<Unconstrained<Sleep>>>,
    clock: &mut Option<Arc<RuntimeRecord>>,
) -> io::Result<bool> {
    for _ in 0..2 {
        if clock.as_ref().is_some_and(|clock| clock.state() != RuntimeState::Alive) {
            timer.set(None);
        }
        if timer.is_none() {
            let (made, of) = sleep(until)?;
            timer.set(Some(coop::unconstrained(made)));
            *clock = of;
        }
        let Some(made) = timer.as_mut().as_pin_mut() else { break };
        match panic::catch_unwind(AssertUnwindSafe(|| poll(made))) {
            Ok(polled) => return Ok(polled.is_ready()),
            // It has ended since.
            Err(payload) if detect::is_shutdown_panic(payload.as_ref()) => timer.set(None),
            Err(payload) => panic::resume_unwind(payload),
        }
    }
    Ok(is_past(until))
}

/// A timer of the system's clock. It need not be the current runtime's: that may have none, or one that is paused, or end before the fiber
/// does.
fn sleep(until: Instant) -> io::Result<(Sleep, Option<Arc<RuntimeRecord>>)> {
    let is_own =
        current::ends_with_runtime() && Handle::try_current().is_ok_and(|handle| keeps_time(&handle));
    if is_own {
        return Ok((sleep_until(until.into()), None));
    }
    let handle = background::handle()?;
    let clock = runtimes::record(handle.id());
    let _other = handle.enter();
    Ok((sleep_until(until.into()), clock))
}

/// Whether the runtime surely has timers that go by the system's clock.
fn keeps_time(handle: &Handle) -> bool {
    let is_managed = runtimes::started(handle.id()).is_some();
    is_managed && runtimes::tracker(handle).is_some_and(|tracker| !tracker.policy().start_paused)
}
