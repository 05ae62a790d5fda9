//! The errors. Each message contains the file and line of the call, the fault and the remedy.

use std::error::Error;
use std::fmt;
use std::io;
use std::panic::Location;
use std::time::Duration;

use crate::signal::Signal;
use crate::stall_report::Stall;
use crate::thread_context::ThreadContext;

/// Why a [`try_sync_call!`](crate::try_sync_call) returned no value.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallError {
    /// The future was not ready within the timeout. It has been dropped.
    #[non_exhaustive]
    Timeout {
        /// The timeout of the call.
        timeout: Duration,
        /// The file and line of the call.
        location: &'static Location<'static>,
    },
    /// The call needs a runtime or a thread, which could not be started. The next call tries again.
    #[non_exhaustive]
    Runtime {
        /// The error of the system.
        source: io::Error,
        /// The file and line of the call.
        location: &'static Location<'static>,
    },
    /// The thread is ending, and tokio's thread-local state is gone. So no runtime can be entered.
    /// The expression was not evaluated.
    #[non_exhaustive]
    ThreadExiting {
        /// The file and line of the call.
        location: &'static Location<'static>,
    },
    /// The call is nested in so many others that the stack of its thread is nearly used up, or the
    /// stack of its fiber. The expression was not evaluated.
    #[non_exhaustive]
    StackExhausted {
        /// The file and line of the call.
        location: &'static Location<'static>,
    },
    /// The call is part of work of [`to_thread`](crate::to_thread), and this work was cancelled,
    /// before the call or while the call waited. The future has been dropped. Only one call of the
    /// work returns this error. Later calls wait as usual, so that the work can clean up.
    #[non_exhaustive]
    Cancelled {
        /// The file and line of the call.
        location: &'static Location<'static>,
    },
    /// The function given with `interrupt = …` returned `true` while the call waited. The future
    /// has been dropped.
    #[non_exhaustive]
    Interrupted {
        /// The file and line of the call.
        location: &'static Location<'static>,
    },
    /// The call has [stalled](crate::guide::stalls). The future has been dropped.
    ///
    /// With [`OnStall::Panic`](crate::OnStall::Panic), each stalled `try_sync_call!` returns this
    /// error, for example because a runtime that it may depend on makes no progress. With
    /// [`OnStall::Report`](crate::OnStall::Report), the default, only one kind does: a call on a
    /// worker, if the system has no thread to take over the worker. The error frees the call's own
    /// thread.
    #[non_exhaustive]
    Stalled {
        /// The report: which runtime makes no progress, why, and what can be done.
        stall: Box<Stall>,
        /// The file and line of the call.
        location: &'static Location<'static>,
    },
    /// The runtime that serves the call, or whose thread the call blocks, shut down while the call
    /// waited. The future has been dropped.
    ///
    /// Or the runtime that is given with `on = …` had ended before the call. In this case the
    /// expression was not evaluated.
    #[non_exhaustive]
    Shutdown {
        /// The file and line of the call.
        location: &'static Location<'static>,
    },
}

impl CallError {
    /// The file and line of the call.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        match self {
            Self::Timeout { location, .. }
            | Self::Runtime { location, .. }
            | Self::ThreadExiting { location }
            | Self::StackExhausted { location }
            | Self::Cancelled { location }
            | Self::Interrupted { location }
            | Self::Stalled { location, .. }
            | Self::Shutdown { location } => location,
        }
    }

    /// Whether the call timed out.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout { .. })
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout { timeout, location } => {
                write!(f, "the call at {location} was not ready within {timeout:?}")
            }
            Self::Runtime { source, location } => write!(
                f,
                "the call at {location} could not start the background runtime, or what else it needs: {source}"
            ),
            Self::ThreadExiting { location } => write!(
                f,
                "the call at {location} was made while its thread ends and tokio's thread-local state is gone; make it before the \
                 thread ends, on another thread, or with `bridgehead::on_background`"
            ),
            Self::StackExhausted { location } => write!(
                f,
                "the call at {location} is nested so deeply in others that the stack is nearly used up; end the recursion earlier, \
                 await in it what is async, or ask for a larger stack, such as by `thread_stack_size`, or a fiber's `stack_size`"
            ),
            Self::Cancelled { location } => {
                write!(
                    f,
                    "the call at {location} ended, since the work that it is part of was cancelled"
                )
            }
            Self::Interrupted { location } => {
                write!(f, "the call at {location} was interrupted by its `interrupt` function")
            }
            Self::Stalled { stall, .. } => stall.fmt(f),
            Self::Shutdown { location } => write!(
                f,
                "the call at {location} waits on a runtime that is shutting down, where timers and sockets no longer work; let the \
                 call end before the runtime does, or make it on a thread without that runtime"
            ),
        }
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Runtime { source, .. } => Some(source),
            Self::Timeout { .. }
            | Self::ThreadExiting { .. }
            | Self::StackExhausted { .. }
            | Self::Cancelled { .. }
            | Self::Interrupted { .. }
            | Self::Stalled { .. }
            | Self::Shutdown { .. } => None,
        }
    }
}

/// Converts the error for a synchronous reader or writer. [`get_ref`](io::Error::get_ref) returns
/// the `CallError`. The [`kind`](io::Error::kind) is
///
/// - `TimedOut` for [`CallError::Timeout`],
/// - `Deadlock` for [`CallError::Stalled`],
/// - the kind of the source for [`CallError::Runtime`],
/// - `Other` for all other errors.
impl From<CallError> for io::Error {
    fn from(error: CallError) -> Self {
        let kind = match &error {
            CallError::Timeout { .. } => io::ErrorKind::TimedOut,
            // Not `WouldBlock`: many readers and writers retry at once after that, and would stall
            // again.
            CallError::Stalled { .. } => io::ErrorKind::Deadlock,
            CallError::Runtime { source, .. } => source.kind(),
            // Not `Interrupted`: std's own loops retry after that.
            CallError::Cancelled { .. }
            | CallError::Interrupted { .. }
            | CallError::StackExhausted { .. }
            | CallError::ThreadExiting { .. }
            | CallError::Shutdown { .. } => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

/// Why [`try_run`](crate::try_run()) or a method of [`Runner`](crate::Runner) did not complete its
/// future.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunError {
    /// The thread is running async code already. A second run inside it would block the first one.
    #[non_exhaustive]
    AlreadyRunning {
        /// The context of the thread.
        context: ThreadContext,
        /// The file and line where the outer run was started, if this crate started it.
        started: Option<&'static Location<'static>>,
        /// The file and line of the refused call.
        location: &'static Location<'static>,
    },
    /// The runtime could not be built.
    #[non_exhaustive]
    Build {
        /// The error of the system, or of the check of the options.
        source: io::Error,
        /// The file and line of the call.
        location: &'static Location<'static>,
    },
    /// The thread is ending, and tokio's thread-local state is gone. So it can neither build nor
    /// enter a runtime.
    #[non_exhaustive]
    ThreadExiting {
        /// The file and line of the call.
        location: &'static Location<'static>,
    },
    /// The [`Runner`](crate::Runner) is closed. In a forked child, a `Runner` that the parent has
    /// used counts as closed. [`TaskError::Refused`](crate::TaskError::Refused) contains this error
    /// also if the runtime on which the task was to be spawned has ended.
    #[non_exhaustive]
    Closed {
        /// The file and line of the call.
        location: &'static Location<'static>,
    },
    /// The shutdown of the run has dropped the future. A signal, another thread or a failed task
    /// has begun the shutdown.
    #[non_exhaustive]
    Interrupted {
        /// The signal, if a signal has begun the shutdown.
        signal: Option<Signal>,
        /// The file and line of the call.
        location: &'static Location<'static>,
    },
}

impl RunError {
    /// The file and line of the call.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        match self {
            Self::AlreadyRunning { location, .. }
            | Self::Build { location, .. }
            | Self::ThreadExiting { location }
            | Self::Closed { location }
            | Self::Interrupted { location, .. } => location,
        }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyRunning { context, started, location } => {
                write!(
                    f,
                    "the run at {location} was started {context}, where async code is running already"
                )?;
                if let Some(started) = started {
                    write!(f, " (its run was started at {started})")?;
                }
                f.write_str(
                    "; in async code `.await` the future instead, in a synchronous function wait for it with \
                     `bridgehead::sync_call!(future)`",
                )
            }
            Self::Build { source, location } => {
                write!(f, "the runtime for the run at {location} could not be built: {source}")
            }
            Self::ThreadExiting { location } => write!(
                f,
                "the run at {location} was started while its thread ends and tokio's thread-local state is gone; start it before the \
                 thread ends, on another thread, or use `bridgehead::on_background`"
            ),
            Self::Closed { location } => {
                write!(f, "the runner that was used at {location} is closed; make a new one")
            }
            Self::Interrupted { signal, location } => {
                write!(f, "the run at {location} was closed before its future was done")?;
                if let Some(signal) = signal {
                    write!(f, ", by {signal}")?;
                }
                f.write_str(
                    "; a future that awaits `bridgehead::cancelled()` is given time to finish",
                )
            }
        }
    }
}

impl Error for RunError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::AlreadyRunning { .. }
            | Self::ThreadExiting { .. }
            | Self::Closed { .. }
            | Self::Interrupted { .. } => None,
            Self::Build { source, .. } => Some(source),
        }
    }
}

/// The error of [`configure_background`](crate::configure_background).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackgroundError {
    /// The background runtime is running already, because an earlier call has started it. Configure
    /// it before the first call, or after [`close_background`](crate::close_background).
    Started,
    /// The background runtime has been configured before, and not closed since.
    Configured,
    /// The flavor is not multi-thread. No thread would drive a background runtime of another
    /// flavor.
    Flavor,
}

impl fmt::Display for BackgroundError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Started => "the background runtime runs already; configure it before the first call, or after `close_background`",
            Self::Configured => "the background runtime has been configured already; do so in one place",
            Self::Flavor => "the background runtime must be multi-thread: no thread would drive a runtime of another flavor",
        })
    }
}

impl Error for BackgroundError {}
