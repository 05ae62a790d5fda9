//! The background runtime, and the former one that is being closed.

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

/// The background runtime, the former one that is being closed, and the configuration.
#[derive(Debug)]
pub(super) struct Backgrounds {
    pub(super) current: Option<Background>,
    /// The runtime that was closed last, as long as other threads may wait for its end.
    pub(super) closing: Option<Arc<dyn Closing>>,
    pub(super) configured: Option<Builder>,
    /// Whether `configured` was set for the current runtime, or for the next one. It can't be set
    /// again then.
    pub(super) is_configured: bool,
}

/// A former background runtime that is to be closed.
pub(crate) trait Closing: Send + Sync + Debug {
    /// Closes the runtime, or waits until the thread that closes it is done.
    fn close(self: Arc<Self>) -> Report;
}

impl Backgrounds {
    pub(super) const fn new() -> Self {
        Self { current: None, closing: None, configured: None, is_configured: false }
    }

    pub(super) fn handle(&self) -> Option<&Handle> {
        self.current.as_ref().map(|background| background.runtime.handle())
    }

    /// Leaks the runtimes in a forked child, since those of the parent can be neither shut down nor
    /// freed there.
    pub(super) fn forget(&mut self) {
        mem::forget((self.current.take(), self.closing.take()));
    }
}
