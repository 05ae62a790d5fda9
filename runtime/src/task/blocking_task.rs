//! The blocking work that a thread runs, and whether it was cancelled.

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

/// Blocking work: the tracker of its run, and whether it was cancelled.
#[derive(Debug, Clone)]
pub(crate) struct BlockingTask {
    pub(crate) tracker: Arc<Tracker>,
    pub(crate) cancel: Cancel,
    key: Key,
}

impl BlockingTask {
    /// Whether this thread polls no other tracked future inside of the work, such as the main
    /// future of a run that the work has started.
    pub(crate) fn is_innermost(&self) -> bool {
        Polled::current() == Some((self.tracker.address(), self.key))
    }
}

thread_local! {
    /// The blocking work that this thread runs.
    static WORK: RefCell<Option<BlockingTask>> = const { RefCell::new(None) };
}

/// Sets the blocking work that this thread runs, for as long as this lives.
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

/// The blocking work that this thread runs.
pub(crate) fn current() -> Option<BlockingTask> {
    WORK.try_with(|work| work.borrow().clone()).ok().flatten()
}

/// Returns a future that resolves when the blocking work is cancelled that the call is part of.
/// `None` if there is no such work, or if the call can't return an error.
pub(crate) fn cancelled(refuses: bool) -> Option<impl Future<Output = ()>> {
    refuses.then(current).flatten().map(|work| work.cancel.cancelled_once())
}

/// Polls the future of a call until it is ready, or until the blocking work is cancelled that the
/// call is part of. If both happen at once, the future's output is returned.
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

/// Whether blocking work was cancelled, and whether it was notified.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cancel {
    token: Arc<Token>,
    /// Whether the work was notified. Later calls are not interrupted, since they may clean up.
    acknowledged: Arc<AtomicBool>,
}

impl Cancel {
    pub(crate) fn cancel(&self) {
        self.token.cancel();
    }

    pub(crate) fn cancelled(&self) -> impl Future<Output = ()> {
        self.token.cancelled()
    }

    /// Records that the work was notified, if it is cancelled.
    pub(crate) fn acknowledge(&self) {
        self.acknowledged.store(self.token.is_cancelled(), Ordering::Release);
    }

    /// Resolves when the work is cancelled, but only for the first waiter.
    pub(crate) async fn cancelled_once(self) {
        self.token.cancelled().await;
        if self.acknowledged.swap(true, Ordering::AcqRel) {
            future::pending::<()>().await;
        }
    }
}
