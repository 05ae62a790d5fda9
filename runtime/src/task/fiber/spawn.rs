//! Spawning fibers that are tracked like tasks.

use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::error::RunError;
use crate::report::Kind;
use crate::task::handle::Task;
use crate::task::join::Join;
use crate::task::tracked::{IsTask, Tracked, Unbegun, start};
use crate::task::tracker::Tracker;

/// Starts a fiber on one of the tracker's threads for fibers. `make` creates it there from `work`.
/// Its calls are served by `handle`.
pub(crate) fn spawn<F, W>(
    handle: &Handle,
    tracker: Arc<Tracker>,
    work: W,
    make: impl FnOnce(W) -> Result<F, RunError> + Send + 'static,
    location: &'static Location<'static>,
) -> Task<F::Output>
where
    F: Future<Output: Send + 'static> + 'static,
    W: Send + 'static,
{
    let own = Arc::clone(&tracker);
    start(tracker, Kind::Fiber, location, |registration, span| {
        let unbegun = Unbegun { work, registration };
        let make = move || {
            let (work, registration) = unbegun.begin();
            Ok(Tracked::<_, IsTask>::new(make(work)?, registration, span))
        };
        let joining = own.fibers().start(handle, own.policy().fibers.threads(), make);
        joining.map(Join::from).map_err(|source| RunError::Build { source, location })
    })
}
