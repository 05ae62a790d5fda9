//! The single top-level run of a program, or of a thread.

pub(crate) mod block_on;
pub(crate) mod cancelled;
pub(crate) mod close_background;
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
use std::panic::{self, AssertUnwindSafe, Location};
use std::process::{self, ExitCode, Termination};
use std::sync::Arc;
use std::thread;

use tokio::runtime::Handle;

use crate::call::fiber::scoped::scoped;
use crate::config::builder::Builder;
use crate::config::policy::SignalStatus;
use crate::context::detect;
use crate::error::RunError;
use crate::fiber::ENABLED;
use crate::large::is_large;
use crate::log;
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

/// The expansion of `#[entry]`: a run whose runtime also serves calls on the program's plain
/// threads. It exits the process after a signal, and if a task has failed under
/// [`Unhandled::Fail`](crate::Unhandled::Fail). `report` converts the value that `main` returns to
/// an exit status.
///
/// # Panics
///
/// If [`try_run`] would return an error, or if the future panics.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "the macro's output stays one plain call")]
pub fn entry<F: Future, R>(builder: Builder, future: F, report: impl FnOnce(F::Output) -> R) -> R {
    if const { is_large::<F>() } {
        entry_held(&builder, Box::pin(future), report)
    } else {
        entry_held(&builder, future, report)
    }
}

#[track_caller]
fn entry_held<F: Future, R>(
    builder: &Builder,
    future: F,
    report: impl FnOnce(F::Output) -> R,
) -> R {
    let location = Location::caller();
    // There is no check for a free thread. The check would take half as long as building the
    // runtime, and without a thread the outcome is a panic in any case.
    let note = OnPanic { location };
    let started = Run::start(builder, location, Some(end_process));
    drop(note);
    let mut run = match started {
        Ok(run) => run,
        Err(error) => panic!("{error}"),
    };
    // A runtime that only the main thread drives makes no progress while that thread blocks, so it
    // serves no other thread.
    if let (true, Some(runtime)) = (builder.is_multi_thread(), &run.runtime) {
        run.serving = Some(Serving::new(runtime.handle()));
    }
    let output = panic::catch_unwind(AssertUnwindSafe(|| run.main(future)));
    let tracker = Arc::clone(&run.tracker);
    // Closes the run, and stops watching for signals. A signal that has come is recorded in the
    // tracker. A later signal has the effect that it had before the run.
    drop(run);
    // An error that `main` returns is printed here, whatever the status.
    let status = output.map(|output| output.ok().map(report));
    if let Some(signal) = tracker.signal() {
        match (&status, tracker.policy().signal_status) {
            (Ok(Some(_)) | Err(_), SignalStatus::FromMain) => {}
            _ => signals::raise(signal),
        }
    }
    match status {
        Ok(Some(status)) if !tracker.has_failed() => status,
        // The reason has been reported by now.
        Ok(_) => process::exit(1),
        Err(payload) => panic::resume_unwind(payload),
    }
}

/// Exits the process when a run has not ended within its time limits.
fn end_process(tracker: &Tracker) -> ! {
    let periods = tracker.policy().grace_period.saturating_add(tracker.policy().shutdown_timeout);
    let headline = format!(
        "the run started at {} did not end within {periods:?}, its grace period and shutdown timeout; the process ends now",
        tracker.started()
    );
    if let Some(text) = tracker.report_of_tracked().losses(&headline) {
        log::warn(text);
    }
    match tracker.signal() {
        Some(signal) => signals::raise(signal),
        None => process::exit(1),
    }
}

/// Reports the run's file and line if tokio panics while it builds the runtime.
struct OnPanic {
    location: &'static Location<'static>,
}

impl Drop for OnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            let location = self.location;
            log::print(format_args!("the run at {location} could not be started"));
        }
    }
}

/// The outputs of `main`, which all convert to an exit status.
#[diagnostic::on_unimplemented(
    message = "`main` can't return `{Self}`",
    label = "not a return type of `main`",
    note = "`main` returns `()`, `ExitCode`, or `Result<_, E>` of one of them with `E: Debug`"
)]
pub trait ExitValue {
    /// Reports the value as std does.
    fn report(self) -> ExitCode;
}

#[diagnostic::do_not_recommend]
impl<T: Termination> ExitValue for T {
    fn report(self) -> ExitCode {
        Termination::report(self)
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
