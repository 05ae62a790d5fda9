//! Spawning tasks and blocking work in the current run.

use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::config::policy::Policy;
use crate::error::RunError;
use crate::large::is_large;
use crate::report::Kind;
use crate::runtimes::background;
use crate::runtimes::{self, RuntimeState};
use crate::task::handle::Task;
use crate::task::tracked;
use crate::task::tracker::Tracker;

/// Spawns a tracked task on the current runtime. This is like Python's `create_task`.
///
/// *Tracked* means that the run of this runtime lists the task, with the file and line where it was
/// spawned. When the [graceful shutdown](crate::guide::shutdown) of the run begins, the task is
/// dropped at its next `.await`, unless it awaits [`cancelled`](crate::cancelled).
///
/// On a thread without a runtime, the task runs on the runtime that serves a
/// [`sync_call!`](crate::sync_call) there. The same holds in a forked child, if the current runtime
/// belongs to the parent.
///
/// ```
/// bridgehead::run(async {
///     let task = bridgehead::spawn(async { 6 * 7 });
///     assert_eq!(task.await.unwrap(), 42);
/// });
/// ```
///
/// If the runtime has ended or can't be started, awaiting the task returns
/// [`TaskError::Refused`](crate::TaskError::Refused). For a future that is not `Send`, use
/// [`spawn_local`](crate::spawn_local).
#[doc(alias("create_task"))]
#[track_caller]
pub fn spawn<F>(future: F) -> Task<F::Output>
where
    // The compiler shows this line where the future is not `Send`.
    F: Future<Output: Send + 'static> + Send + 'static, // If it can't be `Send`: `bridgehead::spawn_local`.
{
    if const { is_large::<F>() } { spawn_held(Box::pin(future)) } else { spawn_held(future) }
}

#[track_caller]
fn spawn_held<F>(future: F) -> Task<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    match here(Location::caller()) {
        Ok((handle, tracker)) => tracked::spawn(&handle, tracker, future, Location::caller()),
        Err(error) => Task::refused(error, nobody(), Kind::Task),
    }
}

/// Spawns blocking work on a thread of the blocking pool, and tracks it as [`spawn`] does with a
/// task. This is like Python's `to_thread`.
///
/// ```
/// bridgehead::run(async {
///     let file = bridgehead::to_thread(|| std::fs::read_to_string("/dev/null"));
///     assert_eq!(file.await.unwrap().unwrap(), "");
/// });
/// ```
///
/// Work that has begun can't be stopped. If it is cancelled, it is
/// [notified](crate::cancelled#in-blocking-work). The shutdown of the run waits for the work for at
/// most the [`shutdown_timeout`](crate::Builder::shutdown_timeout).
#[doc(alias("spawn_blocking"))]
#[track_caller]
pub fn to_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Task<T> {
    match here(Location::caller()) {
        Ok((handle, tracker)) => tracked::to_thread(&handle, tracker, work, Location::caller()),
        Err(error) => Task::refused(error, nobody(), Kind::Blocking),
    }
}

/// The runtime to spawn on, and its tracker.
pub(super) fn here(
    location: &'static Location<'static>,
) -> Result<(Handle, Arc<Tracker>), RunError> {
    let current = Handle::try_current().ok();
    // In a forked child, the threads of the parent's runtimes don't exist.
    let current =
        current.filter(|handle| runtimes::state(handle, handle.id()) != RuntimeState::Inherited);
    let handle = match current {
        Some(handle) => handle,
        None => Handle::clone(
            &*background::serving().map_err(|source| RunError::Build { source, location })?,
        ),
    };
    let tracker = runtimes::tracker(&handle).ok_or(RunError::Closed { location })?;
    Ok((handle, tracker))
}

/// A tracker for tasks that aren't started, and so belong to no run.
pub(super) fn nobody() -> Arc<Tracker> {
    Tracker::new(Policy::default(), Location::caller())
}
