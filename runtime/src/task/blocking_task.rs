//! Blocking work: which this thread does, and whether it was cancelled.

use std::cell::RefCell;
use std::future::{self, Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use crate::interrupted::Interrupted;
use crate::task::table::{Key, Polled};
use crate::task::token::Token;
use crate::task::tracker::Tracker;

/// Blocking work: whose it is, and whether it was cancelled.
#[derive(Debug, Clone)]
pub(crate) struct BlockingTask {
    pub(crate) tracker: Arc<Tracker>,
    pub(crate) cancel: Cancel,
    key: Key,
}

impl BlockingTask {
    /// Whether nothing else is polled in it that is tracked: the main future of a run of its own,
    /// or a task there.
    pub(crate) fn is_innermost(&self) -> bool {
        Polled::current() == Some((self.tracker.address(), self.key))
    }
}

thread_local! {
    /// The blocking work that this thread does.
    static WORK: RefCell<Option<BlockingTask>> = const { RefCell::new(None) };
}

/// Names the blocking work that this thread does for as long as it lives.
pub(crate) struct Working {
    _polled: Polled,
    tracker: Arc<Tracker>,
    outer: Option<BlockingTask>,
}

impl Working {
    pub(crate) fn enter(tracker: &Arc<Tracker>, key: Key, cancel: Cancel) -> Self {
        let polled = Polled::enter(tracker.address(), key);
        tracker.threads().begins_work();
        let work = BlockingTask { tracker: Arc::clone(tracker), cancel, key };
        Self { _polled: polled, tracker: Arc::clone(tracker), outer: WORK.replace(Some(work)) }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.tracker.threads().ends_work();
        WORK.set(self.outer.take());
    }
}

/// The blocking work that this thread does.
pub(crate) fn current() -> Option<BlockingTask> {
    WORK.try_with(|work| work.borrow().clone()).ok().flatten()
}

/// Resolves when the work is cancelled that the call is part of. `None` if there is none, or the
/// call can't be refused.
pub(crate) fn cancelled(refuses: bool) -> Option<impl Future<Output = ()>> {
    refuses.then(current).flatten().map(|work| work.cancel.cancelled_once())
}

/// The future of a call, as long as the work is not cancelled that it is part of. Both have been
/// polled before.
pub(crate) fn unless_cancelled<F: Future>(
    mut future: Pin<&mut F>,
    mut cancelled: Pin<&mut Option<impl Future<Output = ()>>>,
) -> impl Future<Output = Result<F::Output, Interrupted>> {
    poll_fn(move |cx| match (future.as_mut().poll(cx), cancelled.as_mut().as_pin_mut()) {
        (Poll::Ready(output), _) => Poll::Ready(Ok(output)),
        (Poll::Pending, Some(cancelled)) => {
            cancelled.poll(cx).map(|()| Err(Interrupted::Cancelled))
        }
        (Poll::Pending, None) => Poll::Pending,
    })
}

/// Whether blocking work was cancelled, and knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cancel {
    token: Arc<Token>,
    /// It was notified: a call that cleans up isn't interrupted any more.
    acknowledged: Arc<AtomicBool>,
}

impl Cancel {
    pub(crate) fn cancel(&self) {
        self.token.cancel();
    }

    pub(crate) fn cancelled(&self) -> impl Future<Output = ()> {
        self.token.cancelled()
    }

    /// The work knows, if it is cancelled.
    pub(crate) fn acknowledge(&self) {
        self.acknowledged.store(self.token.is_cancelled(), Ordering::Release);
    }

    /// Resolves when it is cancelled, for the first waiter only.
    pub(crate) async fn cancelled_once(self) {
        self.token.cancelled().await;
        if self.acknowledged.swap(true, Ordering::AcqRel) {
            future::pending::<()>().await;
        }
    }
}
