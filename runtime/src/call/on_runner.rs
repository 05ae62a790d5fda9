//! A call that drives the current-thread runtime which was chosen for it.

use std::any::type_name;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use tokio::runtime::Handle;

use crate::call::enter::Entered;
use crate::call::on::Drive;
use crate::call::timer::Timer;
use crate::call::waiting;
use crate::config::call_options::CallOptions;
use crate::interrupted::{AskToInterrupt, Interrupted};
use crate::stall::detector::Detector;
use crate::task::blocking_task;

/// Polls the future in the runtime's own `block_on` on this thread. That also runs the I/O driver
/// and the timer driver, so no second thread is needed.
pub(super) fn wait<F: Future>(
    driver: &dyn Drive,
    entered: &Entered<'_>,
    mut future: Pin<&mut F>,
    options: CallOptions,
    deadline: Option<Instant>,
    interrupt: Option<AskToInterrupt<'_>>,
) -> Result<F::Output, Interrupted> {
    let result = match poll_once(driver, future.as_mut()) {
        (Poll::Ready(value), _) => Ok(value),
        (Poll::Pending, _) if deadline.is_some_and(|deadline| deadline <= Instant::now()) => {
            Err(Interrupted::Elapsed)
        }
        (Poll::Pending, waker) => {
            let detector = Detector::new(
                entered.blocked(type_name::<F>(), options),
                &waker,
                interrupt.map(|ask| -> AskToInterrupt<'_> { ask }),
            );
            let cancelled = pin!(blocking_task::cancelled(options.refuses));
            let (_counted, span) = waiting::begin(entered);
            let future = pin!(blocking_task::unless_cancelled(future, cancelled));
            let future = pin!(span.around(future));
            park(driver, future, detector, deadline).and_then(|output| output)
        }
    };
    entered.done();
    result
}

/// Polls once, and returns the waker that wakes the thread while it drives the runtime.
fn poll_once<F: Future>(driver: &dyn Drive, mut future: Pin<&mut F>) -> (Poll<F::Output>, Waker) {
    let mut polled = Poll::Pending;
    let mut waker = Waker::noop().clone();
    driver.block_on(&mut |cx| {
        waker.clone_from(cx.waker());
        polled = future.as_mut().poll(cx);
        Poll::Ready(())
    });
    (polled, waker)
}

/// Drives the runtime until the future is ready. The detector checks the call periodically.
fn park<F: Future>(
    driver: &dyn Drive,
    mut future: Pin<&mut F>,
    mut detector: Detector<'_>,
    deadline: Option<Instant>,
) -> Result<F::Output, Interrupted> {
    loop {
        let check = detector.next_check();
        let until = deadline.map_or(check, |deadline| deadline.min(check));
        let own = Handle::try_current().ok();
        let mut timer = Timer::new(until, own.as_ref())?;
        let mut result = Ok(None);
        driver.block_on(&mut |cx: &mut Context<'_>| {
            // Checked before the poll, since tokio panics if a timer is polled after its runtime
            // has shut down.
            if let Err(interrupted) = detector.check_shutdown() {
                result = Err(interrupted);
                return Poll::Ready(());
            }
            match future.as_mut().poll(cx) {
                Poll::Ready(value) => result = Ok(Some(value)),
                Poll::Pending => match timer.has_elapsed(cx) {
                    Ok(false) => return Poll::Pending,
                    Ok(true) => {}
                    Err(error) => result = Err(error.into()),
                },
            }
            Poll::Ready(())
        });
        if let Some(value) = result? {
            return Ok(value);
        }
        let now = Instant::now();
        if deadline.is_some_and(|deadline| deadline <= now) {
            return Err(Interrupted::Elapsed);
        }
        detector.check(now)?;
    }
}
