//! Why a call ends without a value.

use std::io;
use std::panic::Location;
use std::thread;
use std::time::Duration;

use crate::error::CallError;
use crate::log;
use crate::stall_report::Stall;

/// A function that the call calls periodically, on its own thread. The call is interrupted when the
/// function returns `true`.
pub(crate) type AskToInterrupt<'a> = &'a mut dyn FnMut() -> bool;

/// Why a call was interrupted while it waited.
pub(crate) enum Interrupted {
    /// The deadline of the call has passed.
    Elapsed,
    /// A runtime that the call waits on has begun to drop its tasks.
    Shutdown,
    /// The blocking work that the call is part of was cancelled.
    Cancelled,
    /// The function given as `interrupt` returned `true`.
    Asked,
    /// The system has no thread for the call, or can't start the background runtime for its timer.
    Unsupported(io::Error),
    /// The stall detector has found that the call is blocked.
    Stalled(Box<Stall>),
}

impl From<io::Error> for Interrupted {
    fn from(error: io::Error) -> Self {
        Self::Unsupported(error)
    }
}

impl Interrupted {
    pub(crate) fn into_error(
        self,
        timeout: Option<Duration>,
        location: &'static Location<'static>,
    ) -> CallError {
        match self {
            Self::Elapsed => {
                CallError::Timeout { timeout: timeout.unwrap_or(Duration::MAX), location }
            }
            Self::Shutdown => CallError::Shutdown { location },
            Self::Cancelled => CallError::Cancelled { location },
            Self::Asked => CallError::Interrupted { location },
            Self::Unsupported(source) => CallError::Runtime { source, location },
            Self::Stalled(stall) => CallError::Stalled { stall, location },
        }
    }

    /// Panics in a call that can't return an error.
    #[cold]
    pub(crate) fn panic(self, location: &'static Location<'static>) -> ! {
        let is_shutdown = matches!(self, Self::Shutdown);
        let error = self.into_error(None, location);
        if cfg!(panic = "abort") && is_shutdown {
            // A panic would abort the process in the middle of a graceful shutdown. The thread
            // blocks instead, and the run reports it as abandoned.
            log::print(format_args!(
                "{error}\n  note: the thread stays blocked, since nothing unwinds in this build"
            ));
            loop {
                thread::park();
            }
        }
        panic!("{error}")
    }
}
