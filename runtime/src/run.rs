//! The single top-level run of a program, or of a thread.

use std::cell::Cell;
use std::future::Future;
use std::io::{self, Write};
use std::panic::Location;
use std::process::{ExitCode, Termination};
use std::sync::Arc;
use std::thread;

use tokio::runtime::Handle;

use crate::config::{Builder, Built};
use crate::context::{self, ThreadContext};
use crate::error::RunError;
use crate::runtimes::{self, Known};

/// Runs the future on a runtime of its own, to its end, and shuts the runtime down: Python's `asyncio.run`.
///
/// The runtime has tokio's defaults; [`Builder::run`] is the same with others. The future is polled on the calling thread and need
/// be neither `Send` nor `'static`. Tasks that are left over are dropped at their next `.await`; blocking work that has begun is
/// waited for.
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
/// Where [`try_run`] returns an error, and when the future panics.
#[track_caller]
pub fn run<F: Future>(future: F) -> F::Output {
    Builder::new().run(future)
}

/// As [`run`], with the error as a value.
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
/// [`RunError::AlreadyRunning`] on a thread that is running async code, found out before anything is built and before the future is
/// polled. Threads that merely block for a runtime (`spawn_blocking`, an `enter()` guard) may have a run of their own.
/// [`RunError::Build`] if the runtime can't be built.
#[track_caller]
pub fn try_run<F: Future>(future: F) -> Result<F::Output, RunError> {
    Builder::new().try_run(future)
}

impl Builder {
    /// As [`run`](crate::run()), with this configuration.
    ///
    /// # Panics
    ///
    /// Where [`try_run`](Self::try_run) returns an error, and when the future panics.
    #[track_caller]
    pub fn run<F: Future>(self, future: F) -> F::Output {
        match self.try_run(future) {
            Ok(value) => value,
            Err(error) => panic!("{error}"),
        }
    }

    /// As [`try_run`](crate::try_run()), with this configuration.
    ///
    /// # Errors
    ///
    /// Those of [`try_run`](crate::try_run()).
    #[track_caller]
    pub fn try_run<F: Future>(self, future: F) -> Result<F::Output, RunError> {
        let location = Location::caller();
        refuse_to_nest(location)?;
        self.probe_threads().map_err(|source| RunError::Build { source, location })?;
        Ok(Run::start(&self, location)?.finish(future))
    }
}

/// What `#[entry]` expands to: a run that serves the plain threads of the program as well.
///
/// # Panics
///
/// Where [`try_run`] returns an error, and when the future panics.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "the macro's output stays one plain call")]
pub fn entry<F: Future>(builder: Builder, future: F) -> F::Output {
    let location = Location::caller();
    // Threads are not probed for: that takes half as long as it takes to build the runtime, and here a panic is the answer anyway.
    let note = OnPanic { location };
    let mut run = match Run::start(&builder, location) {
        Ok(run) => run,
        Err(error) => panic!("{error}"),
    };
    drop(note);
    // A runtime that only the main thread drives stands still whenever that thread does, so it serves nobody else.
    if builder.is_multi_thread() {
        run.serving = Some(Serving::new(run.runtime.handle()));
    }
    run.finish(future)
}

/// Says where the run stands, if tokio panics while it builds the runtime.
struct OnPanic {
    location: &'static Location<'static>,
}

impl Drop for OnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            let location = self.location;
            // Standard error may be closed, and there is nobody else to tell.
            let _ = writeln!(io::stderr(), "bridgehead: the run at {location} could not be started");
        }
    }
}

/// The exit status of a main function, whatever it returns.
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
    /// Where the run was started whose future this thread polls. No destructor, see `runtimes`.
    static STARTED: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
}

/// A run whose runtime has been built. Its fields are dropped in the order of what has to happen at its end.
struct Run {
    /// Plain threads are no longer sent here.
    serving: Option<Serving>,
    /// Calls on the runtime's own threads, in the `Drop` of a task for one, are no longer served here.
    _ending: Ending,
    /// The runtime is shut down.
    runtime: Built,
    /// Only now may it be forgotten that it has ended.
    _known: Arc<Known>,
}

impl Run {
    fn start(builder: &Builder, location: &'static Location<'static>) -> Result<Self, RunError> {
        refuse_to_nest(location)?;
        let runtime = builder.build().map_err(|source| RunError::Build { source, location })?;
        let known = runtimes::register(runtime.handle().id(), location);
        Ok(Self {
            serving: None,
            _ending: Ending { known: Arc::clone(&known), outer: STARTED.replace(Some(location)) },
            runtime,
            _known: known,
        })
    }

    fn finish<F: Future>(self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }
}

/// Nothing is built and nothing polled before this is passed. It asks what the thread is *doing*, so that dropping guards or entering
/// another runtime's context doesn't get round it.
fn refuse_to_nest(location: &'static Location<'static>) -> Result<(), RunError> {
    if !context::is_polled() {
        return Ok(());
    }
    let current = Handle::try_current().ok();
    Err(RunError::AlreadyRunning {
        context: ThreadContext::current(),
        started: STARTED.get().or_else(|| runtimes::started(current?.id())),
        location,
    })
}

struct Ending {
    known: Arc<Known>,
    outer: Option<&'static Location<'static>>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        STARTED.set(self.outer);
        self.known.end();
    }
}

/// The entry's runtime, while it serves the threads that have none.
struct Serving;

impl Serving {
    fn new(handle: &Handle) -> Self {
        // Threads remember it for as long as they like. There is one entry in a program, so it is leaked once.
        runtimes::set_entry(Some(Box::leak(Box::new(handle.clone()))));
        Self
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        runtimes::set_entry(None);
    }
}
