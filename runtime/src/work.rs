//! Blocking work: which this thread does, and whether it was cancelled.

use std::cell::RefCell;
use std::future::{self, Future};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

use crate::scope::Scope;
use crate::table::{Key, Polled};

/// Blocking work: whose it is, and whether it was cancelled.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub(crate) scope: Arc<Scope>,
    pub(crate) cancel: Cancel,
    key: Key,
}

impl Work {
    /// Whether nothing else is polled in it that is tracked: the main future of a run of its own, or a task there.
    pub(crate) fn is_innermost(&self) -> bool {
        Polled::current() == Some((self.scope.address(), self.key))
    }
}

thread_local! {
    /// The blocking work that this thread does.
    static WORK: RefCell<Option<Work>> = const { RefCell::new(None) };
}

/// Names the blocking work that this thread does for as long as it lives.
pub(crate) struct Working {
    _polled: Polled,
    outer: Option<Work>,
}

impl Working {
    pub(crate) fn enter(scope: &Arc<Scope>, key: Key, cancel: Cancel) -> Self {
        let polled = Polled::enter(scope.address(), key);
        let work = Work { scope: Arc::clone(scope), cancel, key };
        Self { _polled: polled, outer: WORK.replace(Some(work)) }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        WORK.set(self.outer.take());
    }
}

/// The blocking work that this thread does.
pub(crate) fn current() -> Option<Work> {
    WORK.try_with(|work| work.borrow().clone()).ok().flatten()
}

/// Whether blocking work was cancelled, and knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cancel {
    token: CancellationToken,
    /// It knows: a call to clean up isn't given up any more.
    was_told: Arc<AtomicBool>,
}

impl Cancel {
    pub(crate) fn cancel(&self) {
        self.token.cancel();
    }

    pub(crate) fn cancelled(&self) -> impl Future<Output = ()> {
        self.token.cancelled()
    }

    /// The work knows, if it is cancelled.
    pub(crate) fn tell(&self) {
        self.was_told.store(self.token.is_cancelled(), Ordering::Release);
    }

    /// Resolves when it is cancelled, to who is the first to be told.
    pub(crate) async fn cancelled_once(self) {
        self.token.cancelled().await;
        if self.was_told.swap(true, Ordering::AcqRel) {
            future::pending::<()>().await;
        }
    }
}
