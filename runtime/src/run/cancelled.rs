//! The notification that the run is closing, or that blocking work was cancelled.

use std::future::{self, poll_fn};
use std::pin::pin;
use std::task::Poll;

use tokio::runtime::Handle;

use crate::runtimes;
use crate::task::blocking_task::{self, BlockingTask};

/// Resolves when the run of the task that awaits this begins to close: on
/// [`Runner::close`](crate::Runner::close), at the end of [`run`](crate::run()) or `main`, or on a
/// signal.
///
/// A task that awaits this, alone or in a `select!`, is not dropped when the run closes. It has the
/// [`grace_period`](crate::Builder::grace_period) to finish. All other tasks are dropped at their
/// next `.await`.
///
/// ```
/// use bridgehead::{Runner, cancelled, spawn};
///
/// let runner = Runner::new();
/// runner.run(async {
///     spawn(async {
///         cancelled().await;
///         // Flush, commit, close the connection.
///     })
///     .detach();
///     tokio::time::sleep(std::time::Duration::from_millis(10)).await;
/// });
/// let report = runner.close();
/// assert_eq!(report.finished().len(), 1);
/// ```
///
/// # In blocking work
///
/// Work of [`to_thread`](crate::to_thread) can wait for this with `sync_call!(cancelled())`, or
/// check it with a time limit on the call. The run waits for the work until the
/// [`shutdown_timeout`](crate::Builder::shutdown_timeout). In blocking work, `cancelled` also
/// resolves when the work itself is cancelled, by [`Task::abort`](crate::Task::abort) or by
/// dropping its `Task`. If the work waits for something else in a
/// [`try_sync_call!`](crate::try_sync_call), that call returns
/// [`CallError::Cancelled`](crate::CallError::Cancelled), once.
///
/// ```
/// use std::time::Duration;
///
/// use bridgehead::{cancelled, to_thread, try_sync_call};
///
/// bridgehead::run(async {
///     let (sender, receiver) = tokio::sync::oneshot::channel();
///     let work = to_thread(move || {
///         // Work in slices, until `cancelled` resolves.
///         let mut slices = 0;
///         while try_sync_call!(cancelled(), timeout = "1ms").is_err() {
///             slices += 1;
///         }
///         sender.send(slices)
///     });
///     tokio::time::sleep(Duration::from_millis(20)).await;
///     drop(work);
///     assert!(receiver.await.is_ok());
/// });
/// ```
///
/// In a runtime that this crate did not start, `cancelled` resolves when that runtime drops its
/// tasks, which is too late to clean up. Outside of any runtime it never resolves.
#[doc(alias("graceful", "shutdown", "ctrl_c"))]
pub async fn cancelled() {
    // Blocking work awaits this in a call, and another runtime may be current during the call. So
    // the tracker of the work is used, unless the work has started a run of its own.
    if let Some(work) = blocking_task::current().filter(BlockingTask::is_innermost) {
        work.tracker.mark_graceful();
        either(work.tracker.shutdown_requested().cancelled(), work.cancel.cancelled()).await;
        work.cancel.acknowledge();
        return;
    }
    let tracker = Handle::try_current().ok().and_then(|handle| runtimes::tracker(&handle));
    let Some(tracker) = tracker else { return future::pending().await };
    tracker.mark_graceful();
    tracker.shutdown_requested().cancelled().await;
}

async fn either(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|cx| match one.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => other.as_mut().poll(cx),
    })
    .await;
}
