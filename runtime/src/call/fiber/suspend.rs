//! How a call on a fiber suspends the fiber, and how a future is polled on a fiber.

use std::any::type_name;
use std::future::{Future, poll_fn};
use std::panic::{self, AssertUnwindSafe};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use tokio::runtime::Handle;

use crate::call::enter::Entered;
use crate::call::on::Chosen;
use crate::call::timer::Timer;
use crate::call::waiting;
use crate::config::call_options::CallOptions;
use crate::config::stalls;
use crate::context::detect;
use crate::fiber::current;
use crate::fiber::span::Left;
use crate::fiber::switch::{self, Resumed};
use crate::interrupted::{AskToInterrupt, Interrupted};
use crate::log;
use crate::stall::detector::Detector;
use crate::stall::diagnosis::BlockedCall;
use crate::task::blocking_task;

/// Polls the future with the waker of the task that polls the fiber. The fiber is suspended until
/// the future is ready.
pub(crate) fn wait<F: Future>(
    entered: &Entered<'_>,
    chosen: Option<Chosen<'_>>,
    mut future: Pin<&mut F>,
    options: CallOptions,
    deadline: Option<Instant>,
    interrupt: Option<AskToInterrupt<'_>>,
) -> Result<F::Output, Interrupted> {
    // A future that is ready at once costs no more than this poll.
    match poll_first(future.as_mut(), options) {
        Ok(Poll::Pending) => {}
        Ok(Poll::Ready(value)) => {
            entered.done();
            return Ok(value);
        }
        Err(interrupted) => {
            entered.done();
            return Err(interrupted);
        }
    }
    let mut call = entered.blocked(type_name::<F>(), options);
    let result = match chosen {
        None => wait_suspended(entered, call, future, deadline, interrupt),
        Some(chosen) => {
            call.is_served_elsewhere = current::runtime() != Some(chosen.handle().id());
            // While the fiber is suspended the thread runs other tasks, for which the runtime that
            // was chosen for this call must not be current.
            entered.leave_runtime();
            let _driven = chosen.drive_elsewhere()?;
            let future = pin!(within(chosen.handle(), future));
            wait_suspended(entered, call, future, deadline, interrupt)
        }
    };
    entered.done();
    result
}

/// Polls once. A `try_sync_call!` returns tokio's panic about a timer whose runtime has shut down
/// as an error, as on a thread.
#[inline]
fn poll_first<F: Future>(
    future: Pin<&mut F>,
    options: CallOptions,
) -> Result<Poll<F::Output>, Interrupted> {
    if !options.refuses {
        return Ok(poll(future));
    }
    match panic::catch_unwind(AssertUnwindSafe(|| poll(future))) {
        Err(payload) if detect::is_shutdown_panic(payload.as_ref()) => Err(Interrupted::Shutdown),
        Err(payload) => panic::resume_unwind(payload),
        Ok(polled) => Ok(polled),
    }
}

/// Wraps the future so that the runtime that was chosen for its call is current in each poll.
fn within<F: Future>(handle: &Handle, mut future: Pin<&mut F>) -> impl Future<Output = F::Output> {
    poll_fn(move |cx| {
        let _runtime = (current::runtime() != Some(handle.id())).then(|| handle.enter());
        future.as_mut().poll(cx)
    })
}

#[inline(never)]
fn wait_suspended<F: Future>(
    entered: &Entered<'_>,
    call: BlockedCall,
    future: Pin<&mut F>,
    deadline: Option<Instant>,
    interrupt: Option<AskToInterrupt<'_>>,
) -> Result<F::Output, Interrupted> {
    // With a timeout of zero the call is over after the first poll, and needs no timer.
    if deadline.is_some_and(is_past) {
        return Err(Interrupted::Elapsed);
    }
    let mut cancelled = pin!(blocking_task::cancelled(call.options.refuses));
    if cancelled.as_mut().as_pin_mut().is_some_and(|cancelled| poll(cancelled).is_ready()) {
        return Err(Interrupted::Cancelled);
    }
    let (_counted, span) = waiting::begin(entered);
    let future = pin!(blocking_task::unless_cancelled(future, cancelled));
    let future = pin!(span.around(future));
    if interrupt.is_some() || call.is_served_elsewhere || is_looked_after(call.options) {
        let waker = waker();
        let detector =
            Detector::new(call, &waker, interrupt.map(|ask| -> AskToInterrupt<'_> { ask }));
        suspend_watched(entered, future, detector, deadline)?
    } else {
        suspend(entered, future, deadline, || Ok(()))?
    }
}

/// Suspends the fiber until the future is ready. The detector checks the call periodically.
fn suspend_watched<F: Future>(
    entered: &Entered<'_>,
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
            // Without a timer for the checks the call still waits.
            Err(Interrupted::Unsupported(_)) => {
                return suspend(entered, future, deadline, interrupts);
            }
            result => return result,
        }
    }
}

/// Whether the detector checks the call periodically. The checks need a timer, and find little
/// where tokio polls the fiber: if the runtime made no progress, the check wouldn't run either, and
/// when the runtime shuts down, it drops the fiber. So there they are made only if an option
/// requests them.
fn is_looked_after(options: CallOptions) -> bool {
    options.stall_after.is_some()
        || options.on_stall.is_some()
        || stalls::IS_SET.load(Ordering::Relaxed)
        || !current::ends_with_runtime()
}

fn is_past(time: Instant) -> bool {
    time <= Instant::now()
}

/// Suspends the fiber until the future is ready, but no longer than `until`. `check` is called
/// before each poll.
fn suspend<F: Future>(
    entered: &Entered<'_>,
    mut future: Pin<&mut F>,
    until: Option<Instant>,
    check: impl Fn() -> Result<(), Interrupted>,
) -> Result<F::Output, Interrupted> {
    let own = Handle::try_current().ok().filter(|_| current::ends_with_runtime());
    let mut timer = until.map(|until| Timer::new(until, own.as_ref())).transpose()?;
    loop {
        if let Some(timer) = &mut timer
            && timer.has_elapsed(&mut Context::from_waker(&waker()))?
        {
            return Err(Interrupted::Elapsed);
        }
        if pause(true) == Resumed::Dropped {
            // The call isn't the cause of this unwinding, which must not be reported as its panic.
            entered.done();
            unwind();
        }
        check()?;
        if let Poll::Ready(value) = poll(future.as_mut()) {
            return Ok(value);
        }
        // tokio's timers fire up to a millisecond late, so the clock is read, too.
        if until.is_some_and(is_past) {
            return Err(Interrupted::Elapsed);
        }
    }
}

/// Polls the future until it is ready. Returns `None` if the fiber is dropped first.
pub(super) fn run_to_end<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    loop {
        // As the executor that polls the fiber would poll it: with its waker and its budget.
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker())) {
            return Some(value);
        }
        if pause(false) == Resumed::Dropped {
            return None;
        }
    }
}

/// Polls within the budget of the task that polls the fiber, as `.await` does. Under another
/// executor there is no budget, and a call must not set one: `must_block` interprets a budget as a
/// sign that tokio polls another future on the fiber.
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

/// Suspends the fiber until it is polled again or dropped. `unwinds` is whether only a panic can
/// end the fiber here.
fn pause(unwinds: bool) -> Resumed {
    let left = switch::current(|shared| {
        shared.unwinds.set(unwinds);
        // Otherwise the fiber was dropped, and its code has caught the panic that unwinds it.
        (shared.dropped.get() == 0).then(|| Left::leave(&shared.outside.borrow()))
    });
    let Some(Some(left)) = left else { return Resumed::Dropped };
    let resumed = switch::suspend();
    left.enter_again();
    resumed
}

/// The payload of the panic that unwinds a dropped fiber.
#[derive(Debug)]
pub(super) struct Dropped;

/// Unwinds the stack of a dropped fiber.
#[cold]
fn unwind() -> ! {
    /// Code that catches the panic so often is most likely in an endless loop.
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
