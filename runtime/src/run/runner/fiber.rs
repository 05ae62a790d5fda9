//! Starting fibers in a runner.

use std::panic::Location;
use std::sync::Arc;

use crate::report::Kind;
use crate::run::fiber::start;
use crate::run::runner::Runner;
use crate::task::handle::Task;

#[cfg_attr(docsrs, doc(cfg(feature = "fiber")))]
impl Runner {
    /// Runs synchronous code on a fiber, on one of the runner's threads for fibers. This may be
    /// called from any thread. The errors are those of [`spawn`](Self::spawn).
    #[track_caller]
    pub fn spawn_fiber<T: Send + 'static>(
        &self,
        f: impl FnOnce() -> T + Send + 'static,
    ) -> Task<T> {
        let tracker = Arc::clone(&self.inner.tracker);
        match self.inner.open(Location::caller()) {
            Ok(user) => start(user.runtime().handle(), tracker, f, Location::caller()),
            Err(error) => Task::refused(error, tracker, Kind::Fiber),
        }
    }
}
