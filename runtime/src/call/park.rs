//! Waiting on the calling thread. This is the only file with a waker.

use std::cell::Cell;
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use crate::call::budget;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::thread::{self, Thread};

thread_local! {
    /// The parkers of this thread that no call is using. One for each depth of nesting that was
    /// ever reached, so that the ready path allocates nothing. They are linked: what is lent and
    /// given back is a pointer, for a parker that was just written is slow to move.
    static IDLE: Cell<Option<Box<Parker>>> = const { Cell::new(None) };
}

/// The wake signal of one call.
///
/// The flag holds the wake-up and std's park token only interrupts the sleep, so that nothing is
/// lost when the token is taken by somebody else: by the polled code, or by the loop of a call that
/// is nested in this one or around it.
#[derive(Debug)]
struct Signal {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::Release) {
            self.thread.unpark();
        }
    }
}

/// A signal and the waker that sets it, for the use of one call at a time.
#[derive(Debug)]
pub(crate) struct Parker {
    signal: Arc<Signal>,
    waker: Waker,
    /// The last poll has spent its budget.
    is_spent: Cell<bool>,
    /// The next idle one, while this one is idle.
    next: Option<Box<Parker>>,
}

/// A parker of this thread that no other call is using, until it is dropped.
pub(crate) struct Lent(Option<Box<Parker>>);

impl Deref for Lent {
    type Target = Parker;

    #[inline]
    fn deref(&self) -> &Parker {
        match &self.0 {
            Some(parker) => parker,
            None => unreachable!("it is taken out when it is dropped"),
        }
    }
}

impl Drop for Lent {
    #[inline]
    fn drop(&mut self) {
        if let Some(mut parker) = self.0.take() {
            let _ = IDLE.try_with(|idle| {
                parker.next = idle.take();
                idle.set(Some(parker));
            });
        }
    }
}

impl Parker {
    #[inline]
    pub(crate) fn lend() -> Lent {
        // While the thread's locals are being dropped there is nothing to borrow from.
        let idle = IDLE.try_with(|idle| {
            let mut parker = idle.take()?;
            idle.set(parker.next.take());
            Some(parker)
        });
        Lent(Some(idle.ok().flatten().unwrap_or_else(Self::new)))
    }

    #[cold]
    #[expect(clippy::unnecessary_box_returns, reason = "it is never used without its box")]
    fn new() -> Box<Self> {
        let signal = Arc::new(Signal { thread: thread::current(), woken: AtomicBool::new(false) });
        let waker = Waker::from(Arc::clone(&signal));
        Box::new(Self { signal, waker, is_spent: Cell::new(false), next: None })
    }

    /// Polls for the first time: within the budget of the task around the call, if there is one.
    /// That costs less than a budget of its own.
    #[inline]
    pub(crate) fn poll_first<F: Future>(
        &self,
        mut future: Pin<&mut F>,
        has_budget: bool,
    ) -> Poll<F::Output> {
        if has_budget
            && let Some((poll, false)) =
                budget::poll_within(future.as_mut(), &mut Context::from_waker(&self.waker))
        {
            return poll;
        }
        self.poll(future)
    }

    /// Polls once, with a budget of its own.
    #[inline]
    pub(crate) fn poll<F: Future>(&self, future: Pin<&mut F>) -> Poll<F::Output> {
        let (poll, is_spent) = budget::poll(future, &mut Context::from_waker(&self.waker));
        self.is_spent.set(is_spent);
        poll
    }

    /// What wakes the thread from [`sleep`](Self::sleep).
    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Parks the thread until the signal is set, and resets it. False if that didn't happen until
    /// then.
    pub(crate) fn sleep(&self, until: Option<Instant>) -> bool {
        // What has spent its budget only wants to be polled again. tokio may have deferred that
        // wake-up to a scheduler that doesn't run.
        if self.is_spent.get() {
            self.signal.woken.swap(false, Ordering::Acquire);
            return true;
        }
        while !self.signal.woken.swap(false, Ordering::Acquire) {
            match until {
                None => thread::park(),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    thread::park_timeout(left);
                }
            }
        }
        true
    }
}

/// Waits for the future, until the deadline. For threads that drive no runtime.
pub(crate) fn block_on<F: Future>(future: F, deadline: Option<Instant>) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    let parker = Parker::lend();
    loop {
        if let Poll::Ready(output) = parker.poll(future.as_mut()) {
            return Some(output);
        }
        if !parker.sleep(deadline) {
            return None;
        }
    }
}

/// When a call polls again without having been woken.
#[derive(Debug)]
pub(crate) enum Pace {
    /// Not at all.
    OnWake,
    /// In steps: on a thread that drives a runtime, a waker that is deferred to the scheduler (by
    /// `yield_now`, for instance) never fires while the call blocks.
    InSteps(Steps),
}

impl Pace {
    pub(crate) fn in_steps() -> Self {
        Self::InSteps(Steps::default())
    }

    /// When the next poll is due.
    pub(crate) fn next(&mut self) -> Option<Instant> {
        match self {
            Self::OnWake => None,
            Self::InSteps(steps) => Some(steps.next()),
        }
    }

    /// The call was woken: what it waits for may yield now.
    pub(crate) fn restart(&mut self) {
        if let Self::InSteps(steps) = self {
            *steps = Steps { taken: Steps::AT_ONCE - Steps::AT_ONCE_WHEN_WOKEN, since: None };
        }
    }
}

/// The steps since the last wake-up: at first none is waited for, since a future that only yields
/// goes on at once. After a second of them the call waits for something else, most likely, and a
/// few polls a second have to do.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    taken: u32,
    since: Option<Instant>,
}

impl Steps {
    const AT_ONCE: u32 = 16;
    /// Fewer: a waker may be used again and again for nothing.
    const AT_ONCE_WHEN_WOKEN: u32 = 4;
    const FIRST: Duration = Duration::from_micros(50);
    const SHORT: Duration = Duration::from_millis(1);
    const LONG: Duration = Duration::from_millis(250);
    const SHORT_FOR: Duration = Duration::from_secs(1);

    fn next(&mut self) -> Instant {
        let now = Instant::now();
        let since = *self.since.get_or_insert(now);
        self.taken = self.taken.saturating_add(1);
        now + match self.taken.checked_sub(Self::AT_ONCE + 1) {
            None => Duration::ZERO,
            Some(_) if now - since >= Self::SHORT_FOR => Self::LONG,
            Some(doublings) => Self::FIRST.saturating_mul(1 << doublings.min(16)).min(Self::SHORT),
        }
    }
}
