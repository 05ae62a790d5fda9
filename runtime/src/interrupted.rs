//! Why a call ends without a value.

use std::io;
use std::panic::Location;
use std::thread;
use std::time::Duration;

use crate::error::CallError;
use crate::log;
use crate::stall_report::Stall;

/// Is asked from time to time, on the thread of the call, whether to interrupt it.
pub(crate) type AskToInterrupt<'a> = &'a mut dyn FnMut() -> bool;

/// What has interrupted the wait of a call.
pub(crate) enum Interrupted {
    /// Its deadline has passed.
    Elapsed,
    /// A runtime that it waits on has begun to drop its tasks.
    Shutdown,
    /// The blocking work that it is part of was cancelled.
    Cancelled,
    /// The function given as `interrupt` returned `true`.
    Asked,
    /// The system has refused what the call needs to wait: a thread, or the background runtime to
    /// keep the time.
    Unsupported(io::Error),
    /// The stall detector has found that it is blocked.
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

    /// Ends a call that has no error to return.
    #[cold]
    pub(crate) fn panic(self, location: &'static Location<'static>) -> ! {
        let is_shutdown = matches!(self, Self::Shutdown);
        let error = self.into_error(None, location);
        if cfg!(panic = "abort") && is_shutdown {
            // A panic would abort the process, and the program is ending in order. Its thread is
            // reported as abandoned.
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
