//! Spawning tasks that stay on their thread, in the current run.

use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::error::RunError;
use crate::large::is_large;
use crate::report::Kind;
use crate::run::spawn::nobody;
use crate::runtimes::{self, RuntimeState};
use crate::task::handle::Task;
use crate::task::tracked::{self, NotLocal};
use crate::task::tracker::Tracker;

/// Spawns a tracked task that need not be `Send`, and stays on this thread. Call it in a run of the
/// flavor [`Local`](crate::Flavor::Local), or in a [`LocalSet`](tokio::task::LocalSet).
///
/// The run tracks the task as one of [`spawn`](crate::spawn): when the [graceful
/// shutdown](crate::guide::shutdown) of the run begins, the task is dropped at its next `.await`,
/// unless it awaits [`cancelled`](crate::cancelled). If you drop the [`Task`], the task is
/// cancelled. [`detach`](Task::detach) keeps it running, and a failure of the task is then
/// reported.
///
/// ```
/// use std::cell::Cell;
/// use std::rc::Rc;
///
/// use bridgehead::{Builder, Flavor, spawn_local};
///
/// let count = Builder::new().flavor(Flavor::Local).run(async {
///     let count = Rc::new(Cell::new(0));
///     let counts = Rc::clone(&count);
///     spawn_local(async move { counts.set(42) }).await.unwrap();
///     count.get()
/// });
/// assert_eq!(count, 42);
/// ```
///
/// A `LocalSet` may be used on a runtime of any flavor. The task then belongs to the run of the
/// current runtime. If no runtime is current, the task belongs to no run.
///
/// ```
/// use std::rc::Rc;
///
/// use bridgehead::spawn_local;
/// use tokio::task::LocalSet;
///
/// let answer = bridgehead::run(LocalSet::new().run_until(async {
///     let answer = Rc::new(42);
///     spawn_local(async move { answer }).await.unwrap()
/// }));
/// assert_eq!(*answer, 42);
/// ```
///
/// If the runtime has ended, awaiting the task returns
/// [`TaskError::Refused`](crate::TaskError::Refused).
///
/// # Panics
///
/// It panics where no local task can run:
///
/// - outside of a `LocalSet` and of a local runtime,
/// - on another thread than that of the local runtime, such as in [`to_thread`](crate::to_thread).
///
/// The message contains the caller's file and line, and the remedy. Before that, tokio prints a
/// message which contains neither.
///
/// # Limits
///
/// - If a `LocalSet` outlives the run, and isn't polled during the shutdown, it can't drop its
///   tasks. The run waits for them until the [`grace_period`](crate::Builder::grace_period) and the
///   [`shutdown_timeout`](crate::Builder::shutdown_timeout) have passed, and then lists them as
///   abandoned.
/// - When a `LocalSet` is dropped, its tasks are dropped too, even if they await `cancelled()`.
#[track_caller]
pub fn spawn_local<F>(future: F) -> Task<F::Output>
where
    F: Future<Output: 'static> + 'static,
{
    if const { is_large::<F>() } {
        spawn_local_held(Box::pin(future))
    } else {
        spawn_local_held(future)
    }
}

#[track_caller]
fn spawn_local_held<F>(future: F) -> Task<F::Output>
where
    F: Future<Output: 'static> + 'static,
{
    let location = Location::caller();
    match tracker_here(location) {
        Ok(tracker) => match tracked::spawn_local(tracker, future, location) {
            Ok(task) => task,
            Err(why) => not_here(why, location),
        },
        Err(error) => Task::refused(error, nobody(), Kind::Task),
    }
}

/// The tracker of the current runtime. A `LocalSet` also works without a current runtime and in a
/// forked child. The tasks then belong to no run.
fn tracker_here(location: &'static Location<'static>) -> Result<Arc<Tracker>, RunError> {
    match Handle::try_current() {
        Ok(handle) if runtimes::state(&handle, handle.id()) != RuntimeState::Inherited => {
            runtimes::tracker(&handle).ok_or(RunError::Closed { location })
        }
        _ => Ok(nobody()),
    }
}

#[cold]
#[track_caller]
fn not_here(why: NotLocal, location: &'static Location<'static>) -> ! {
    match why {
        NotLocal::Outside => panic!(
            "`spawn_local` at {location} was called where nothing runs local tasks\n  help: give the run `flavor = \"local\"`, or call it in \
             the future that is given to `LocalSet::run_until`\n  help: if the future is `Send`, use `spawn`"
        ),
        NotLocal::OtherThread => panic!(
            "`spawn_local` at {location} was called on another thread than the one that runs the local tasks of the current runtime\n  \
             help: call it in async code of that runtime; if the future is `Send`, use `spawn`"
        ),
    }
}
