//! The handle of a task, or of blocking work.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::RunError;
use crate::log::panic_message;
use crate::report::{Failure, Kind};
use crate::task::blocking_task::Cancel;
use crate::task::join::{Join, Joined, NotJoined};
use crate::task::table::Key;
use crate::task::tracker::Tracker;

/// The handle of a task of [`spawn`](crate::spawn) or [`spawn_local`](crate::spawn_local), of work
/// of [`to_thread`](crate::to_thread), or of a fiber of `spawn_fiber`.
///
/// Await the handle to get the output. If you drop the handle, the task is cancelled. To keep the
/// task running without the handle, call [`detach`](Self::detach).
///
/// # Panics
///
/// The handle panics if it is polled again after it has returned the output, as tokio's
/// `JoinHandle` does.
#[must_use = "dropping a task cancels it; await it, or detach it with `.detach()`"]
#[derive(Debug)]
pub struct Task<T> {
    /// `None` if the task wasn't started, or if its output has been returned.
    handle: Option<Join<T>>,
    /// Why it wasn't started, unless its run was closing.
    refused: Option<Box<RunError>>,
    /// Whether its output, or its error, has been returned.
    is_consumed: bool,
    tracker: Arc<Tracker>,
    /// Notifies blocking work that it is cancelled, since it can't be dropped.
    cancel: Option<Cancel>,
    key: Key,
    kind: Kind,
    location: &'static Location<'static>,
}

/// How long a task may take to finish after it was removed from the record of its run. It takes
/// nanoseconds, unless its thread is suspended, or doesn't exist, as in a forked child.
const FINISHES: Duration = Duration::from_millis(100);

/// Why a task has no output.
#[derive(Debug)]
#[non_exhaustive]
pub enum TaskError {
    /// The task was aborted, or the shutdown of its run has dropped it.
    #[non_exhaustive]
    Cancelled {
        /// The file and line where the task was started.
        location: &'static Location<'static>,
    },
    /// The task panicked.
    #[non_exhaustive]
    Panicked {
        /// The message of the panic.
        payload: Box<dyn Any + Send>,
        /// The file and line where the task was started.
        location: &'static Location<'static>,
    },
    /// The task wasn't started: its [`Runner`](crate::Runner) is closed, its runtime has ended, or
    /// a runtime or a thread that it needs could not be created.
    #[non_exhaustive]
    Refused {
        /// The reason.
        source: RunError,
    },
}

impl TaskError {
    /// Whether the error is [`Cancelled`](Self::Cancelled): the task was aborted, or the shutdown
    /// of its run has dropped it.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled { .. })
    }

    /// The file and line where the task was started.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        match self {
            Self::Cancelled { location } | Self::Panicked { location, .. } => location,
            Self::Refused { source } => source.location(),
        }
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled { location } => {
                write!(f, "the task started at {location} was cancelled")
            }
            Self::Panicked { payload, location } => {
                write!(
                    f,
                    "the task started at {location} panicked: {}",
                    panic_message(payload.as_ref())
                )
            }
            Self::Refused { source } => source.fmt(f),
        }
    }
}

impl Error for TaskError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused { source } => Some(source),
            Self::Cancelled { .. } | Self::Panicked { .. } => None,
        }
    }
}

/// A trait of the output types of tasks that can be [detached](Task::detach): `()`, `!`, and
/// `Result` with an error that implements [`Display`](fmt::Display). Such an output shows whether
/// the task failed.
#[diagnostic::on_unimplemented(
    message = "a task that yields `{Self}` can't be detached, its output would be lost",
    label = "`{Self}` is neither `()` nor `!` nor a `Result`",
    note = "await the task, or let its future end in `()` or a `Result`"
)]
pub trait Outcome: 'static {
    /// Returns the message of the error, if the output is an `Err`.
    fn failure(&self) -> Option<String>;
}

impl Outcome for () {
    fn failure(&self) -> Option<String> {
        None
    }
}

/// Names the type `!` of code that never returns, which can't be written outside of a return type
/// yet.
#[doc(hidden)]
pub trait Returns {
    #[doc(hidden)]
    type Output;
}

impl<T> Returns for fn() -> T {
    type Output = T;
}

impl Outcome for <fn() -> ! as Returns>::Output {
    fn failure(&self) -> Option<String> {
        None
    }
}

impl<T: 'static, E: fmt::Display + 'static> Outcome for Result<T, E> {
    fn failure(&self) -> Option<String> {
        self.as_ref().err().map(ToString::to_string)
    }
}

impl<T> Task<T> {
    /// Drops the task at its next `.await`.
    ///
    /// If the work of [`to_thread`](crate::to_thread) has begun, it can't be stopped. But it is
    /// notified: [`cancelled`](crate::cancelled) completes in the work, and a
    /// [`try_sync_call!`](crate::try_sync_call) that waits there returns
    /// [`CallError::Cancelled`](crate::CallError::Cancelled).
    pub fn abort(&self) {
        if let Some(handle) = &self.handle {
            if let Some(cancel) = &self.cancel {
                cancel.cancel();
            }
            handle.abort();
        }
    }

    /// Whether the task has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.handle.as_ref().is_none_or(Join::is_finished)
    }

    /// Drops the handle, and keeps the task running. If the task panics or returns an error, the
    /// failure is passed to the [`on_unhandled`](crate::Builder::on_unhandled) handler of the run,
    /// and listed in the [`Report`](crate::Report) of the run.
    pub fn detach(mut self)
    where
        T: Outcome,
    {
        let check = |output: &dyn Any| output.downcast_ref::<T>().and_then(Outcome::failure);
        if self.tracker.detach(self.key, check) {
            self.handle = None;
            return;
        }
        // The task has ended already, or was never started.
        match self.output() {
            Some(Ok(output)) => {
                if let Some(message) = output.failure() {
                    self.fail(message, false);
                }
            }
            Some(Err(error)) => self.tell(&error),
            None => {}
        }
    }

    /// The output, if the task has ended.
    fn output(&mut self) -> Option<Result<T, TaskError>> {
        let handle = self.handle.as_mut()?;
        if !handle.is_finished() && self.tracker.has(self.key) {
            return None;
        }
        // On another thread, the task may be between its removal from the tracker and the end that
        // tokio records, a few instructions later.
        let since = Instant::now();
        while !handle.is_finished() && since.elapsed() < FINISHES {
            thread::yield_now();
        }
        let mut cx = Context::from_waker(Waker::noop());
        // Not subject to the coop budget of the task that runs this code.
        let handle = std::pin::pin!(tokio::task::coop::unconstrained(handle));
        match handle.poll(&mut cx) {
            Poll::Ready(joined) => Some(self.take(joined)),
            Poll::Pending => None,
        }
    }

    fn take(&mut self, joined: Joined<T>) -> Result<T, TaskError> {
        self.handle = None;
        self.is_consumed = true;
        let location = self.location;
        match joined {
            Ok(Some(output)) => Ok(output),
            Ok(None) | Err(NotJoined::Aborted) => Err(TaskError::Cancelled { location }),
            Err(NotJoined::Panicked(payload)) => Err(TaskError::Panicked { payload, location }),
            Err(NotJoined::Refused(source)) => Err(TaskError::Refused { source }),
        }
    }

    fn never_began(&mut self) -> TaskError {
        assert!(
            !self.is_consumed,
            "the task spawned at {} was polled after it returned its output",
            self.location
        );
        self.is_consumed = true;
        match self.refused.take() {
            Some(source) => TaskError::Refused { source: *source },
            None => TaskError::Cancelled { location: self.location },
        }
    }

    /// Reports a panic that no code awaits.
    fn tell(&self, error: &TaskError) {
        if let TaskError::Panicked { payload, .. } = error {
            self.fail(panic_message(payload.as_ref()), true);
        }
    }

    fn fail(&self, message: String, is_panic: bool) {
        let Self { kind, location, .. } = *self;
        self.tracker.fail(Failure { kind, location, message, is_panic });
    }
}

impl<T> Future for Task<T> {
    type Output = Result<T, TaskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(handle) = self.handle.as_mut() else {
            return Poll::Ready(Err(self.never_began()));
        };
        match Pin::new(handle).poll(cx) {
            Poll::Ready(joined) => Poll::Ready(self.take(joined)),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        // A panic is reported even if no code has awaited the task.
        match self.output() {
            Some(Err(error)) => self.tell(&error),
            Some(Ok(_)) => {}
            None => self.abort(),
        }
    }
}

impl<T> Task<T> {
    pub(crate) fn new(
        handle: Option<Join<T>>,
        tracker: Arc<Tracker>,
        key: Key,
        kind: Kind,
        location: &'static Location<'static>,
    ) -> Self {
        Self {
            handle,
            refused: None,
            is_consumed: false,
            tracker,
            cancel: None,
            key,
            kind,
            location,
        }
    }

    pub(crate) fn cancelled_by(mut self, cancel: Cancel) -> Self {
        self.cancel = Some(cancel);
        self
    }

    /// A task that isn't started, since its run is closing.
    pub(crate) fn turned_away(
        tracker: Arc<Tracker>,
        kind: Kind,
        location: &'static Location<'static>,
    ) -> Self {
        tracker.turn_away(kind, location);
        Self::new(None, tracker, Key::NONE, kind, location)
    }

    /// A task that isn't started, since there is no runtime for it.
    pub(crate) fn refused(source: RunError, tracker: Arc<Tracker>, kind: Kind) -> Self {
        let location = source.location();
        let mut task = Self::new(None, tracker, Key::NONE, kind, location);
        task.refused = Some(Box::new(source));
        task
    }
}
