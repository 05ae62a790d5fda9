//! What is known of the background runtime, and of those that were it before.

use std::fmt::Debug;
use std::mem;
use std::sync::Arc;

use tokio::runtime::{Handle, Runtime};

use crate::config::builder::Builder;
use crate::report::Report;
use crate::runtimes::record::RuntimeRecord;

/// The background runtime, until it is closed.
#[derive(Debug)]
pub(crate) struct Background {
    pub(crate) runtime: Runtime,
    pub(crate) builder: Builder,
    pub(crate) record: Arc<RuntimeRecord>,
}

/// What is known of the background runtime, and of those that were it before.
#[derive(Debug)]
pub(super) struct Backgrounds {
    pub(super) current: Option<Background>,
    /// The one that was closed last, while others may wait for that.
    pub(super) closing: Option<Arc<dyn Closing>>,
    pub(super) configured: Option<Builder>,
    /// Whether that is what the current one has, or the next one will.
    pub(super) is_configured: bool,
}

/// Closes what was the background runtime.
pub(crate) trait Closing: Send + Sync + Debug {
    /// Closes it, or waits until who does so is done.
    fn close(self: Arc<Self>) -> Report;
}

impl Backgrounds {
    pub(super) const fn new() -> Self {
        Self { current: None, closing: None, configured: None, is_configured: false }
    }

    pub(super) fn handle(&self) -> Option<&Handle> {
        self.current.as_ref().map(|background| background.runtime.handle())
    }

    /// In a forked child: nothing of the parent's can be shut down, nor freed.
    pub(super) fn forget(&mut self) {
        mem::forget((self.current.take(), self.closing.take()));
    }
}
