//! A runtime for any number of runs, which its owner closes.

mod close;
#[cfg(feature = "fiber")]
mod fiber;
pub(super) mod inner;
mod serve;

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::config::builder::Builder;
use crate::error::RunError;
use crate::large::is_large;
use crate::report::{Kind, Report};
use crate::run::runner::inner::Inner;
use crate::run::shutdown;
use crate::run::signals;
use crate::run::{self, Started, refuse_to_nest};
use crate::task::handle::Task;
use crate::task::tracked;

/// A runtime for any number of runs, like Python's `asyncio.Runner`. It is built when it is first
/// needed. [`close`](Self::close), or dropping the runner, shuts it down.
///
/// Tasks go on from one run to the next. On a current-thread runtime they make no progress between
/// runs.
///
/// ```
/// use bridgehead::Runner;
///
/// let runner = Runner::new();
/// let task = runner.run(async { bridgehead::spawn(async { 40 }) });
/// let sum = runner.run(async { task.await.unwrap() + 2 });
/// assert_eq!(sum, 42);
///
/// let report = runner.close();
/// assert!(report.is_clean());
/// ```
///
/// Dropping a runner closes it, and reports on standard error what was lost. In async code, and on
/// one of the runner's own threads, a separate thread closes it. If the system has no thread left,
/// the runtime is shut down without waiting.
pub struct Runner {
    inner: Arc<Inner>,
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").field("builder", &self.inner.builder).finish_non_exhaustive()
    }
}

impl Default for Runner {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// Returns a runner with this configuration. Its runtime is built when it is first needed.
    ///
    /// A runtime of [`Flavor::Local`](crate::Flavor::Local) belongs to one thread, so using a
    /// runner of that flavor returns an error.
    #[track_caller]
    #[must_use]
    pub fn build(self) -> Runner {
        Runner { inner: Inner::new(self, Location::caller()) }
    }
}

impl Runner {
    /// Returns a runner with tokio's defaults.
    #[track_caller]
    #[must_use]
    pub fn new() -> Self {
        Builder::new().build()
    }

    /// Returns a builder, which has all options.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Runs the future until it completes. Tasks that it has spawned are kept.
    ///
    /// # Panics
    ///
    /// It panics where [`try_run`](Self::try_run) returns an error, and when the future panics.
    #[track_caller]
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        if const { is_large::<F>() } {
            self.run_held(Box::pin(future))
        } else {
            self.run_held(future)
        }
    }

    #[track_caller]
    fn run_held<F: Future>(&self, future: F) -> F::Output {
        match self.try_run_held(future) {
            Ok(output) => output,
            Err(error) => panic!("{error}"),
        }
    }

    /// Like [`run`](Self::run), but returns errors instead of panicking.
    ///
    /// # Errors
    ///
    /// The errors of [`try_run`](crate::try_run()), [`RunError::Closed`] after
    /// [`close`](Self::close), and [`RunError::Interrupted`] if the runner is closed during the
    /// run.
    #[track_caller]
    pub fn try_run<F: Future>(&self, future: F) -> Result<F::Output, RunError> {
        if const { is_large::<F>() } {
            self.try_run_held(Box::pin(future))
        } else {
            self.try_run_held(future)
        }
    }

    #[track_caller]
    fn try_run_held<F: Future>(&self, future: F) -> Result<F::Output, RunError> {
        let location = Location::caller();
        refuse_to_nest(location)?;
        let user = self.inner.open(location)?;
        let tracker = &self.inner.tracker;
        let _signals =
            signals::watch(tracker).map_err(|source| RunError::Build { source, location })?;
        let _started = Started::at(location);
        run::main(user.runtime(), future, tracker, location)
    }

    /// Spawns a task on the runner's runtime, from any thread. If the runner is closed, or its
    /// runtime can't be built, awaiting the task returns that error.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        if const { is_large::<F>() } {
            self.spawn_held(Box::pin(future))
        } else {
            self.spawn_held(future)
        }
    }

    #[track_caller]
    fn spawn_held<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let tracker = Arc::clone(&self.inner.tracker);
        match self.inner.open(Location::caller()) {
            Ok(user) => {
                tracked::spawn(user.runtime().handle(), tracker, future, Location::caller())
            }
            Err(error) => Task::refused(error, tracker, Kind::Task),
        }
    }

    /// Spawns blocking work on the runner's blocking pool, from any thread. The errors are those of
    /// [`spawn`](Self::spawn).
    #[track_caller]
    pub fn to_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Task<T> {
        let tracker = Arc::clone(&self.inner.tracker);
        match self.inner.open(Location::caller()) {
            Ok(user) => {
                tracked::to_thread(user.runtime().handle(), tracker, work, Location::caller())
            }
            Err(error) => Task::refused(error, tracker, Kind::Blocking),
        }
    }

    /// Returns the handle of the runner's runtime, which is built if necessary.
    ///
    /// # Errors
    ///
    /// [`RunError::Build`], [`RunError::Closed`], and [`RunError::ThreadExiting`] if the runtime
    /// isn't built yet and the thread is ending.
    #[track_caller]
    pub fn handle(&self) -> Result<Handle, RunError> {
        Ok(self.inner.open(Location::caller())?.runtime().handle().clone())
    }

    /// Closes the runner, from any thread. [`cancelled`](crate::cancelled) resolves, and tasks that
    /// await it have the [`grace_period`](Builder::grace_period) to finish. All other tasks are
    /// dropped at their next `.await`. This function waits for blocking work until the
    /// [`shutdown_timeout`](Builder::shutdown_timeout). What still runs then is abandoned, and
    /// listed in the report.
    ///
    /// A second call waits for the first one, and returns the same report.
    ///
    /// A thread that runs async code must not wait for the end of the runtime, and neither must one
    /// of the runner's own threads. On these threads `close` returns a preliminary report, and a
    /// separate thread [goes on closing](Report::is_in_progress). A second call also returns a
    /// preliminary report if the user's code blocks the closing thread for ten seconds after all
    /// time limits have passed.
    pub fn close(&self) -> Report {
        self.inner.close_from_here(|_| ())
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        if self.inner.has_runtime() {
            let report = self.inner.close_from_here(shutdown::report_losses);
            if !report.is_in_progress() {
                shutdown::report_losses(&report);
            }
        }
    }
}
