//! The single top-level run of a program, or of a thread.

pub(crate) mod block_on;
pub(crate) mod cancelled;
pub(crate) mod close_background;
pub(crate) mod entry;
#[cfg(feature = "fiber")]
pub(crate) mod fiber;
pub(crate) mod metrics;
pub(crate) mod runner;
pub(crate) mod shutdown;
pub(crate) mod signals;
pub(crate) mod spawn;
pub(crate) mod spawn_local;
pub(crate) mod test;
mod watchdog;

use std::cell::Cell;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::call::fiber::scoped::scoped;
use crate::config::builder::Builder;
use crate::context::detect;
use crate::error::RunError;
use crate::fiber::ENABLED;
use crate::large::is_large;
use crate::report::Report;
use crate::run::block_on::BlockOn;
use crate::run::signals::SignalWatch;
use crate::run::watchdog::{EndProcess, Watchdog};
use crate::runtimes::build::Built;
use crate::runtimes::serving;
use crate::runtimes::{self, RuntimeRecord};
use crate::task::tracked;
use crate::task::tracker::Tracker;
use crate::thread_context::ThreadContext;

/// Runs the future on a runtime of its own until it completes, and shuts the runtime down, like
/// Python's `asyncio.run`.
///
/// The runtime has tokio's defaults; [`Builder::run`] takes others. The future is polled on the
/// calling thread and need be neither `Send` nor `'static`. At the end, tasks are dropped at their
/// next `.await`, unless they await [`cancelled`](crate::cancelled()). The run waits for blocking
/// work for at most 10 s. What is lost is reported on standard error.
///
/// ```
/// let sum = bridgehead::run(async {
///     let task = tokio::spawn(async { 40 });
///     task.await.unwrap() + 2
/// });
/// assert_eq!(sum, 42);
/// ```
///
/// # Panics
///
/// It panics where [`try_run`] returns an error, and when the future panics.
#[doc(alias("block_on", "asyncio"))]
#[track_caller]
pub fn run<F: Future>(future: F) -> F::Output {
    if const { is_large::<F>() } {
        Builder::new().run_held(Box::pin(future))
    } else {
        Builder::new().run_held(future)
    }
}

/// Like [`run`], but returns errors instead of panicking.
///
/// ```
/// use bridgehead::RunError;
///
/// let refused = bridgehead::run(async { bridgehead::try_run(async { 1 }) });
/// assert!(matches!(refused, Err(RunError::AlreadyRunning { .. })));
/// ```
///
/// # Errors
///
/// [`RunError::AlreadyRunning`] on a thread that is running async code; this is checked before
/// anything is built and before the future is polled. Other threads of a runtime (`spawn_blocking`,
/// an `enter()` guard) may have a run of their own. [`RunError::Build`] if the runtime can't be
/// built. [`RunError::ThreadExiting`] in a thread-local destructor after tokio's own thread-local
/// state is gone. [`RunError::Interrupted`] if the run is closed before its future is ready.
#[track_caller]
pub fn try_run<F: Future>(future: F) -> Result<F::Output, RunError> {
    if const { is_large::<F>() } {
        Builder::new().try_run_held(Box::pin(future))
    } else {
        Builder::new().try_run_held(future)
    }
}

impl Builder {
    /// Like [`run`](crate::run()), with this configuration.
    ///
    /// # Panics
    ///
    /// It panics where [`try_run`](Self::try_run) returns an error, and when the future panics.
    #[track_caller]
    pub fn run<F: Future>(self, future: F) -> F::Output {
        if const { is_large::<F>() } {
            self.run_held(Box::pin(future))
        } else {
            self.run_held(future)
        }
    }

    #[track_caller]
    fn run_held<F: Future>(self, future: F) -> F::Output {
        match self.try_run_held(future) {
            Ok(value) => value,
            Err(error) => panic!("{error}"),
        }
    }

    /// Like [`try_run`](crate::try_run()), with this configuration.
    ///
    /// # Errors
    ///
    /// The errors of [`try_run`](crate::try_run()).
    #[track_caller]
    pub fn try_run<F: Future>(self, future: F) -> Result<F::Output, RunError> {
        if const { is_large::<F>() } {
            self.try_run_held(Box::pin(future))
        } else {
            self.try_run_held(future)
        }
    }

    #[track_caller]
    fn try_run_held<F: Future>(self, future: F) -> Result<F::Output, RunError> {
        let location = Location::caller();
        refuse_to_nest(location)?;
        self.check_threads().map_err(|source| RunError::Build { source, location })?;
        let mut run = Run::start(&self, location, None)?;
        let output = run.main(future);
        run.close();
        output
    }
}

thread_local! {
    /// The file and line of the run whose future this thread polls. A `Cell` of plain data has no
    /// destructor, see `runtimes`.
    static STARTED: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
}

/// A run whose runtime has been built.
pub(crate) struct Run {
    location: &'static Location<'static>,
    pub(crate) tracker: Arc<Tracker>,
    /// `None` once the run is closed.
    pub(crate) runtime: Option<Built>,
    pub(crate) record: Arc<RuntimeRecord>,
    serving: Option<Serving>,
    watchdog: Watchdog,
    _started: Started,
    _signals: SignalWatch,
}

impl Run {
    /// `end_process` is called if the run doesn't end within its time limits. Only `#[entry]` sets
    /// it.
    pub(crate) fn start(
        builder: &Builder,
        location: &'static Location<'static>,
        end_process: Option<EndProcess>,
    ) -> Result<Self, RunError> {
        refuse_to_nest(location)?;
        let tracker = Tracker::new(builder.policy.clone(), location);
        let failed = |source| RunError::Build { source, location };
        let signals = signals::watch(&tracker).map_err(failed)?;
        let runtime = builder.build_for(&tracker).map_err(failed)?;
        let record = runtimes::register(runtime.handle(), &tracker, builder);
        Ok(Self {
            watchdog: Watchdog::new(&tracker, &record, end_process),
            location,
            tracker,
            runtime: Some(runtime),
            record,
            serving: None,
            _started: Started::at(location),
            _signals: signals,
        })
    }

    pub(crate) fn main<F: Future>(&self, future: F) -> Result<F::Output, RunError> {
        let Self { location, tracker, .. } = self;
        let Some(runtime) = &self.runtime else { return Err(RunError::Closed { location }) };
        main(runtime, future, tracker, location)
    }

    /// From now on, the run's runtime serves calls on threads without a runtime.
    fn serve_plain_threads(&mut self) {
        self.serving = self.runtime.as_ref().map(|runtime| Serving::new(runtime.handle()));
    }

    /// Closes the run in its four phases, and logs which work was lost.
    fn close(&mut self) {
        if let Some(report) = self.close_quietly() {
            shutdown::report_losses(&report);
        }
    }

    /// Closes the run in its four phases. Returns `None` if it was closed before.
    pub(crate) fn close_quietly(&mut self) -> Option<Report> {
        // From now on, this runtime doesn't serve calls on plain threads.
        self.serving = None;
        let runtime = self.runtime.take()?;
        self.watchdog.main_ended();
        Some(shutdown::close(runtime, &self.tracker, &self.record))
    }
}

impl Drop for Run {
    /// Closes the run if the future has panicked.
    fn drop(&mut self) {
        self.close();
    }
}

/// Runs the main future to completion, on a fiber if the run has that option.
#[track_caller]
pub(crate) fn main<F: Future>(
    runtime: &impl BlockOn,
    future: F,
    tracker: &Arc<Tracker>,
    location: &'static Location<'static>,
) -> Result<F::Output, RunError> {
    if ENABLED && let Some(stack_size) = tracker.policy().fibers.stack_of_main() {
        return scoped(future, stack_size, location, |future| {
            main_in_place(runtime, future, tracker, location)
        })?;
    }
    main_in_place(runtime, future, tracker, location)
}

#[track_caller]
fn main_in_place<F: Future>(
    runtime: &impl BlockOn,
    future: F,
    tracker: &Arc<Tracker>,
    location: &'static Location<'static>,
) -> Result<F::Output, RunError> {
    let main = tracked::main(future, tracker, location);
    runtime
        .block_on(main)
        .ok_or_else(|| RunError::Interrupted { signal: tracker.signal(), location })
}

/// Returns an error on a thread that runs async code, or whose thread-local state is gone. This
/// check comes before the runtime is built and the future is polled. It depends on what the thread
/// is *doing*, so that dropping a guard or entering another runtime doesn't bypass it.
pub(crate) fn refuse_to_nest(location: &'static Location<'static>) -> Result<(), RunError> {
    if detect::is_thread_exiting() {
        return Err(RunError::ThreadExiting { location });
    }
    if !detect::is_polled() {
        return Ok(());
    }
    let current = Handle::try_current().ok();
    Err(RunError::AlreadyRunning {
        context: ThreadContext::current(),
        started: STARTED.get().or_else(|| runtimes::started(current?.id())),
        location,
    })
}

/// Records the file and line of this thread's run, for as long as this lives.
pub(crate) struct Started {
    outer: Option<&'static Location<'static>>,
}

impl Started {
    pub(crate) fn at(location: &'static Location<'static>) -> Self {
        Self { outer: STARTED.replace(Some(location)) }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        STARTED.set(self.outer);
    }
}

/// The runtime of `#[entry]`, while it serves calls on threads without a runtime.
struct Serving;

impl Serving {
    fn new(handle: &Handle) -> Self {
        serving::set_entry(Some(handle.clone()));
        Self
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        serving::set_entry(None);
    }
}
