//! Blocks the calling thread until a future is ready: the wakers and the park loops of calls.

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
    /// The parkers of this thread that no call is using: one for each depth of nesting that the
    /// thread has reached, so that a call on a ready future allocates nothing. They form a linked
    /// list of boxes, since moving a pointer is faster than moving a parker that was just written.
    static IDLE: Cell<Option<Box<Parker>>> = const { Cell::new(None) };
}

/// The wake signal of one call.
///
/// The flag records the wake-up. std's park token only ends the sleep: the polled code, or the park
/// loop of an enclosing or nested call on the same thread, may consume the token, and the wake-up
/// must not be lost then.
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

/// A signal and its waker. Only one call uses them at a time.
#[derive(Debug)]
pub(crate) struct Parker {
    signal: Arc<Signal>,
    waker: Waker,
    /// Whether the last poll has spent its cooperative budget.
    is_spent: Cell<bool>,
    /// The next idle parker in the list, while this one is idle.
    next: Option<Box<Parker>>,
}

/// A parker that no other call is using. Dropping this returns the parker to the idle list.
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
        // While the thread-locals are being dropped there is no list, and each call makes a new
        // parker.
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

    /// Polls the future for the first time. If tokio is polling a task on this thread
    /// (`has_budget`), the poll uses the task's remaining budget, which is faster than setting one.
    /// If that budget is spent, the future is polled with a full one.
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

    /// Polls the future once, with a full budget of its own.
    #[inline]
    pub(crate) fn poll<F: Future>(&self, future: Pin<&mut F>) -> Poll<F::Output> {
        let (poll, is_spent) = budget::poll(future, &mut Context::from_waker(&self.waker));
        self.is_spent.set(is_spent);
        poll
    }

    /// The waker that ends [`sleep`](Self::sleep).
    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Parks the thread until the signal is set, and resets the signal. Returns `false` if `until`
    /// passes first.
    pub(crate) fn sleep(&self, until: Option<Instant>) -> bool {
        // A future that has spent its budget is ready to be polled again. tokio may have deferred
        // its wake-up to the scheduler, which doesn't run while this thread is blocked.
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

/// Blocks the thread until the future is ready, and returns `None` at the deadline. It must not be
/// called on a thread that drives a runtime, since it doesn't poll again after a deferred wake-up.
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

/// Whether a blocked call also polls its future without a wake-up.
#[derive(Debug)]
pub(crate) enum Pace {
    /// It polls only after a wake-up.
    OnWake,
    /// It also polls at growing intervals. On a thread that drives a runtime, tokio defers some
    /// wake-ups (that of `yield_now`, for instance) to the scheduler, which doesn't run while the
    /// call blocks.
    InSteps(Steps),
}

impl Pace {
    pub(crate) fn in_steps() -> Self {
        Self::InSteps(Steps::default())
    }

    /// When the next poll without a wake-up is due. `None` if there is none.
    pub(crate) fn next(&mut self) -> Option<Instant> {
        match self {
            Self::OnWake => None,
            Self::InSteps(steps) => Some(steps.next()),
        }
    }

    /// Begins with short intervals again after a wake-up, since the future may yield next.
    pub(crate) fn restart(&mut self) {
        if let Self::InSteps(steps) = self {
            *steps = Steps { taken: Steps::AT_ONCE - Steps::AT_ONCE_WHEN_WOKEN, since: None };
        }
    }
}

/// The polls without a wake-up since the last wake-up. The first ones follow at once, since a
/// future that has only yielded can go on. After a second of polling, the future most likely waits
/// for an event, and a few polls a second suffice.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    taken: u32,
    since: Option<Instant>,
}

impl Steps {
    const AT_ONCE: u32 = 16;
    /// Fewer after a wake-up, since a future may be woken again and again without being ready.
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
