//! Cancellation.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Is cancelled once, and wakes all tasks that await it.
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

    /// Resolves when it is cancelled.
    pub(crate) async fn cancelled(&self) {
        // Before the flag is read: it is notified of what happens from its creation on.
        let changed = self.changed.notified();
        if !self.is_cancelled() {
            changed.await;
        }
    }
}
