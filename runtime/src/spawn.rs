//! Starting tasks and blocking work in the run that this is called in.

use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::background;
use crate::error::RunError;
use crate::large::is_large;
use crate::policy::Policy;
use crate::report::Kind;
use crate::runtimes::{self, State};
use crate::scope::Scope;
use crate::task::Task;
use crate::tracked;

/// Starts a task that its run knows: by where it was started, and to its end. Python's `create_task`.
///
/// It runs on the current runtime; on a thread without one, and in a forked child that has inherited the current one, on the runtime that
/// serves a [`sync_call!`](crate::sync_call) there. When the run closes, the task is dropped at its next `.await` unless it awaits [`cancelled`](crate::cancelled).
///
/// ```
/// bridgehead::run(async {
///     let task = bridgehead::spawn(async { 6 * 7 });
///     assert_eq!(task.await.unwrap(), 42);
/// });
/// ```
///
/// If the runtime has ended, or can't be started, the task's output is that error.
#[track_caller]
pub fn spawn<F>(future: F) -> Task<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    if const { is_large::<F>() } { spawn_held(Box::pin(future)) } else { spawn_held(future) }
}

#[track_caller]
fn spawn_held<F>(future: F) -> Task<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    match here(Location::caller()) {
        Ok((handle, scope)) => tracked::spawn(&handle, scope, future, Location::caller()),
        Err(error) => Task::refused(error, nobody(), Kind::Task),
    }
}

/// Starts blocking work on a thread of its own that its run knows. Python's `to_thread`.
///
/// ```
/// bridgehead::run(async {
///     let file = bridgehead::to_thread(|| std::fs::read_to_string("/dev/null"));
///     assert_eq!(file.await.unwrap().unwrap(), "");
/// });
/// ```
///
/// When the run closes, work that has begun is waited for, until the [`shutdown_timeout`](crate::Builder::shutdown_timeout). When the work is
/// cancelled, it is [told](crate::cancelled#in-blocking-work).
#[track_caller]
pub fn to_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Task<T> {
    match here(Location::caller()) {
        Ok((handle, scope)) => tracked::to_thread(&handle, scope, work, Location::caller()),
        Err(error) => Task::refused(error, nobody(), Kind::Blocking),
    }
}

/// Runs synchronous code on a [fiber](crate::fiber()), on one of a few threads that its run keeps for that: a call there suspends it, and
/// holds no thread.
///
/// ```
/// use std::time::Duration;
///
/// use bridgehead::{Builder, spawn_fiber, sync_call};
/// use tokio::time::sleep;
///
/// /// Synchronous.
/// fn handle(request: u32) -> u32 {
///     sync_call!(sleep(Duration::from_millis(10)));
///     2 * request
/// }
///
/// let sum = Builder::new().fiber_threads(1).run(async {
///     // All of them wait at the same time, on one thread.
///     let tasks: Vec<_> = (0..1000).map(|request| spawn_fiber(move || handle(request))).collect();
///     let mut sum = 0;
///     for task in tasks {
///         sum += task.await.unwrap();
///     }
///     sum
/// });
/// assert_eq!(sum, 999_000);
/// ```
///
/// The runtime is that of [`spawn`], and is current on the fiber. The run knows it as it knows a task: when it closes, a fiber is
/// dropped where it waits, unless it has called [`cancelled`](crate::cancelled), and one that doesn't wait is abandoned and named. There are
/// at most as many threads as [`fiber_threads`](crate::Builder::fiber_threads) says; a fiber begins on the one with the fewest, and stays there.
/// If there is no stack for it, or no thread, the task's output is that error.
#[cfg(feature = "fiber")]
#[cfg_attr(docsrs, doc(cfg(feature = "fiber")))]
#[track_caller]
pub fn spawn_fiber<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> Task<T> {
    match here(Location::caller()) {
        Ok((handle, scope)) => tracked::spawn_fiber(&handle, scope, f, Location::caller()),
        Err(error) => Task::refused(error, nobody(), Kind::Fiber),
    }
}

/// The runtime to start something on, and its scope.
fn here(location: &'static Location<'static>) -> Result<(Handle, Arc<Scope>), RunError> {
    let current = Handle::try_current().ok();
    // In a forked child nobody runs what is spawned on a runtime of the parent.
    let current = current.filter(|handle| runtimes::state(handle, handle.id()) != State::Inherited);
    let handle = match current {
        Some(handle) => handle,
        None => background::serving().map_err(|source| RunError::Build { source, location })?.clone(),
    };
    let scope = runtimes::scope(&handle).ok_or(RunError::Closed { location })?;
    Ok((handle, scope))
}

/// The scope of what isn't started.
fn nobody() -> Arc<Scope> {
    Scope::new(Policy::default(), Location::caller())
}
