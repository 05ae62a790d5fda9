//! Spawning fibers in the current run.

use std::panic::Location;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::call::fiber::Fiber;
use crate::report::Kind;
use crate::run::spawn::{here, nobody};
use crate::task::fiber::spawn::spawn;
use crate::task::handle::Task;
use crate::task::tracker::Tracker;

/// Runs synchronous code on a [fiber](crate::fiber()), on one of a few threads that its run keeps
/// for fibers. A call in the code suspends the fiber, and blocks no thread.
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
/// The runtime is the same as for [`spawn`](crate::spawn), and is current on the fiber. The run
/// tracks a fiber like a task: when the run closes, a fiber that waits is dropped, unless it has
/// awaited [`cancelled`](crate::cancelled). A fiber that doesn't wait is abandoned and reported.
/// There are at most [`fiber_threads`](crate::Builder::fiber_threads) threads. A fiber starts on
/// the thread with the fewest fibers, and stays there. If the system has no memory for its stack,
/// or no thread, awaiting the task returns that error.
///
/// A server of 800 connections, whose handlers wait for 50 ms each time, took about half the
/// processor time with a fiber for each request, compared with the same calls in tasks, each of
/// which blocks a thread while it waits. A fiber for each connection, which reads and writes
/// through [`io`](crate::io()), also saves most of the wake-ups.
#[track_caller]
pub fn spawn_fiber<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> Task<T> {
    match here(Location::caller()) {
        Ok((handle, tracker)) => start(&handle, tracker, f, Location::caller()),
        Err(error) => Task::refused(error, nobody(), Kind::Fiber),
    }
}

/// Spawns a fiber in `tracker`, with the stack size of its run.
pub(crate) fn start<T: Send + 'static>(
    handle: &Handle,
    tracker: Arc<Tracker>,
    f: impl FnOnce() -> T + Send + 'static,
    location: &'static Location<'static>,
) -> Task<T> {
    let stack_size = tracker.policy().fibers.stack_size;
    let make = move |f| Ok(Fiber::of(f, stack_size, location).reserve()?);
    spawn(handle, tracker, f, make, location)
}
