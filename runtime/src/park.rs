//! Waiting on the calling thread. This is the only file with a waker.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use tokio::task::coop;

use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::thread::{self, Thread};

thread_local! {
    /// The parkers of this thread that no call is using. One for each depth of nesting that was ever reached, so that the ready path
    /// allocates nothing. They are linked: what is lent and given back is a pointer, for a parker that was just written is slow to move.
    static IDLE: Cell<Option<Box<Parker>>> = const { Cell::new(None) };
}

/// The wake signal of one call.
///
/// The flag holds the wake-up and std's park token only interrupts the sleep, so that nothing is lost when the token is taken by
/// somebody else: by the polled code, or by the loop of a call that is nested in this one or around it.
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
    /// The next idle one, while this one is idle.
    next: Option<Box<Parker>>,
}

/// The deadline has passed.
#[derive(Debug)]
pub(crate) struct Elapsed;

impl Parker {
    /// Lends `f` a parker of this thread that no other call is using.
    #[inline]
    pub(crate) fn with<R>(f: impl FnOnce(&Self) -> R) -> R {
        struct Lent(Option<Box<Parker>>);
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
        // While the thread's locals are being dropped there is nothing to borrow from.
        let idle = IDLE.try_with(|idle| {
            let mut parker = idle.take()?;
            idle.set(parker.next.take());
            Some(parker)
        });
        let lent = Lent(Some(idle.ok().flatten().unwrap_or_else(Self::new)));
        match &lent.0 {
            Some(parker) => f(parker),
            None => unreachable!("it is taken out when it is dropped"),
        }
    }

    #[cold]
    #[expect(clippy::unnecessary_box_returns, reason = "it is never used without its box")]
    fn new() -> Box<Self> {
        let signal = Arc::new(Signal { thread: thread::current(), woken: AtomicBool::new(false) });
        Box::new(Self { waker: Waker::from(Arc::clone(&signal)), signal, next: None })
    }

    /// Polls once.
    #[inline]
    pub(crate) fn poll<F: Future>(&self, future: Pin<&mut F>) -> Poll<F::Output> {
        // Without this the future would share the budget of the task that is being polled on this thread. Once that is spent, tokio
        // defers wake-ups to a scheduler that doesn't run while we wait.
        let future = std::pin::pin!(coop::unconstrained(future));
        future.poll(&mut Context::from_waker(&self.waker))
    }

    /// Polls whenever the future wakes us.
    pub(crate) fn park<F: Future>(
        &self,
        mut future: Pin<&mut F>,
        deadline: Option<Instant>,
    ) -> Result<F::Output, Elapsed> {
        loop {
            self.sleep(deadline)?;
            if let Poll::Ready(value) = self.poll(future.as_mut()) {
                return Ok(value);
            }
        }
    }

    /// Polls whenever the future wakes us, and after short steps as well: a waker that is deferred to the scheduler on this thread
    /// (by `yield_now`, say) never fires while we wait.
    pub(crate) fn park_in_steps<F: Future>(
        &self,
        mut future: Pin<&mut F>,
        deadline: Option<Instant>,
    ) -> Result<F::Output, Elapsed> {
        let mut steps = Steps::default();
        loop {
            if self.signal.woken.load(Ordering::Acquire) {
                steps = Steps::default();
            }
            let step = steps.next();
            let until = Instant::now() + step;
            match deadline {
                Some(deadline) if deadline <= until => self.sleep(Some(deadline))?,
                // That a step is over is no more than a reason to poll.
                _ => drop(self.sleep(Some(until))),
            }
            if let Poll::Ready(value) = self.poll(future.as_mut()) {
                return Ok(value);
            }
        }
    }

    /// Sleeps until the signal is set, and resets it.
    fn sleep(&self, deadline: Option<Instant>) -> Result<(), Elapsed> {
        while !self.signal.woken.swap(false, Ordering::Acquire) {
            match deadline {
                None => thread::park(),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Err(Elapsed);
                    }
                    thread::park_timeout(left);
                }
            }
        }
        Ok(())
    }
}

/// Whether this thread is a worker, and none that was handed over: there tokio keeps some wake-ups for later, for it to see to them.
pub(crate) fn is_worker() -> bool {
    #[derive(Default)]
    struct Woken(AtomicBool);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Release);
        }
    }
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let _ = std::pin::pin!(tokio::task::yield_now()).poll(&mut Context::from_waker(&waker));
    !woken.0.load(Ordering::Acquire)
}

/// Waits for the future, until the deadline. For threads that drive no runtime.
pub(crate) fn block_on<F: Future>(future: F, deadline: Option<Instant>) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    Parker::with(|parker| match parker.poll(future.as_mut()) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => parker.park(future, deadline).ok(),
    })
}

/// How long to sleep between two polls on a driving thread: at first not at all, since a future that only yields goes on at once,
/// then longer and longer.
#[derive(Debug, Default)]
struct Steps {
    taken: u32,
}

impl Steps {
    const AT_ONCE: u32 = 16;
    const FIRST: Duration = Duration::from_micros(50);
    const LONGEST: Duration = Duration::from_millis(1);

    fn next(&mut self) -> Duration {
        self.taken = self.taken.saturating_add(1);
        match self.taken.checked_sub(Self::AT_ONCE + 1) {
            None => Duration::ZERO,
            Some(doublings) => Self::FIRST.saturating_mul(1 << doublings.min(16)).min(Self::LONGEST),
        }
    }
}
