//! A token for cancellation.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// A token that can be cancelled once, which wakes all tasks that await it.
#[derive(Debug, Default)]
pub(crate) struct Token {
    is_cancelled: AtomicBool,
    changed: Notify,
}

impl Token {
    pub(crate) fn cancel(&self) {
        if !self.is_cancelled.swap(true, Ordering::SeqCst) {
            self.changed.notify_waiters();
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::SeqCst)
    }

    /// Resolves when the token is cancelled.
    pub(crate) async fn cancelled(&self) {
        // Created before the flag is read, since `notify_waiters` wakes every `Notified` that
        // exists by then.
        let changed = self.changed.notified();
        if !self.is_cancelled() {
            changed.await;
        }
    }
}
