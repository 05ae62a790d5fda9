//! The notification that the run is closing, or that blocking work was cancelled.

use std::future::{self, poll_fn};
use std::pin::pin;
use std::task::Poll;

use tokio::runtime::Handle;

use crate::runtimes;
use crate::task::blocking_task::{self, BlockingTask};

/// Completes when the [graceful shutdown](crate::guide::shutdown) of the current run begins: on
/// [`Runner::close`](crate::Runner::close), at the end of [`run`](crate::run()) or `main`, or on a
/// signal. On the background runtime it completes on
/// [`close_background`](crate::close_background()).
///
/// A task that awaits this, alone or in a `select!`, is not dropped when the shutdown begins. It
/// has the [`grace_period`](crate::Builder::grace_period) to finish. All other tasks of
/// [`spawn`](crate::spawn()) are dropped at their next `.await`.
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
/// Work of [`to_thread`](crate::to_thread) can wait for the shutdown with
/// `sync_call!(cancelled())`, or check for it with a time limit, as in the example below. The
/// shutdown waits for the work for at most the
/// [`shutdown_timeout`](crate::Builder::shutdown_timeout).
///
/// In blocking work, `cancelled` also completes when the work itself is cancelled, which means that
/// its [`Task`](crate::Task) is [aborted](crate::Task::abort) or dropped. If the work waits for
/// another future in a [`try_sync_call!`](crate::try_sync_call), the call returns
/// [`CallError::Cancelled`](crate::CallError::Cancelled). Later calls of the work wait as usual.
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
/// # Limits
///
/// In a runtime that this crate did not start, `cancelled` completes when that runtime drops its
/// tasks, which is too late to clean up. Outside of any runtime, it never completes.
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
