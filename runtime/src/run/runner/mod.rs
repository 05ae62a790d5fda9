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

/// A runtime on which you can run one future after another, like Python's `asyncio.Runner`.
///
/// The runtime is built when it is first needed. [`close`](Self::close) shuts it down
/// [gracefully](crate::guide::shutdown), and so does the drop of the runner. Tasks that a future
/// has spawned go on when this future has completed. On a current-thread runtime, tasks make
/// progress only during [`run`](Self::run), and while a call waits that the runner
/// [serves](crate::sync_call!#choosing-the-runtime).
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
/// If you drop a runner that isn't closed, it is closed, and reports on standard error what was
/// abandoned, and which tasks were dropped at the end of the grace period. In async code, and on
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
    /// Returns a runner with this configuration. The runtime is built when it is first needed.
    ///
    /// The flavor must not be [`Flavor::Local`](crate::Flavor::Local), because a runtime of this
    /// flavor belongs to one thread. Each use of such a runner returns an error.
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

    /// Returns a builder, with which you set the options of the runtime and of its shutdown.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Polls the future on this thread until it completes. Tasks that the future has spawned aren't
    /// dropped then.
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
    /// - [`RunError::Closed`], if the runner is closed,
    /// - [`RunError::Interrupted`], if the runner is closed before the future is ready,
    /// - the other errors of [`try_run`](crate::try_run()).
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
    /// runtime can't be built, awaiting the task returns
    /// [`TaskError::Refused`](crate::TaskError::Refused).
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

    /// Spawns blocking work on the blocking pool of the runner's runtime, from any thread. The
    /// errors are those of [`spawn`](Self::spawn).
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
    /// - [`RunError::Build`], if the runtime can't be built,
    /// - [`RunError::Closed`], if the runner is closed,
    /// - [`RunError::ThreadExiting`], if the thread is ending and the runtime isn't built yet.
    #[track_caller]
    pub fn handle(&self) -> Result<Handle, RunError> {
        Ok(self.inner.open(Location::caller())?.runtime().handle().clone())
    }

    /// Shuts down the runner's runtime [gracefully](crate::guide::shutdown), from any thread:
    ///
    /// - [`cancelled`](crate::cancelled) completes, and tasks that await it have the
    ///   [`grace_period`](Builder::grace_period) to finish. All other tasks of
    ///   [`spawn`](crate::spawn()) are dropped at their next `.await`.
    /// - This function waits for blocking work for at most the
    ///   [`shutdown_timeout`](Builder::shutdown_timeout). What still runs then is abandoned, and
    ///   listed in the report.
    ///
    /// If `close` is called a second time, it waits until the first call has closed the runner, and
    /// returns the same report.
    ///
    /// In two cases this function returns a preliminary report, while another thread [is still
    /// closing](Report::is_in_progress) the runner:
    ///
    /// - It is called on a thread that must not wait for the end of the runtime: one that runs
    ///   async code, or one of the runner's own threads.
    /// - It is called a second time, and your code, such as a `Drop`, blocks the closing thread for
    ///   ten seconds after all time limits have passed.
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
