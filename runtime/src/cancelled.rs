//! Being told that the run is closing.

use std::future;

use tokio::runtime::Handle;

use crate::runtimes;
use crate::scope;

/// Resolves when the run that this is awaited in begins to close: on [`Runner::close`](crate::Runner::close), at the end of
/// [`run`](crate::run()) or `main`, on a signal.
///
/// A task that awaits this, alone or in a `select!`, is not dropped then, but has the
/// [`grace_period`](crate::Builder::grace_period) to finish what it is doing. All others are dropped at their next `.await`.
///
/// ```
/// use bridgehead::{Runner, cancelled, spawn};
///
/// let runner = Runner::new();
/// runner.run(async {
///     spawn(async {
///         cancelled().await;
///         // Flush, say goodbye, commit.
///     })
///     .detach();
///     tokio::time::sleep(std::time::Duration::from_millis(10)).await;
/// });
/// let report = runner.close();
/// assert_eq!(report.finished().len(), 1);
/// ```
///
/// Work of [`to_thread`](crate::to_thread) learns of it with `sync_call!(cancelled())`, or with a time limit on the call, and is waited for
/// until the [`shutdown_timeout`](crate::Builder::shutdown_timeout).
///
/// In a runtime that is not this crate's it resolves when that runtime drops its tasks, which is too late for anything; outside of
/// any runtime never.
pub async fn cancelled() {
    // Blocking work waits for this in a call, for which another runtime may be current.
    let scope = scope::of_this_work()
        .or_else(|| Handle::try_current().ok().and_then(|handle| runtimes::scope(&handle)));
    let Some(scope) = scope else { return future::pending().await };
    scope.cooperate();
    scope.asked().cancelled().await;
}
