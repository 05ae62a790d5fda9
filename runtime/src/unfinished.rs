//! Why a call ends without a value.

#[cfg(feature = "fiber")]
use std::io;
use std::panic::Location;
use std::time::Duration;

use crate::error::CallError;
use crate::park::Elapsed;
use crate::stall::Stall;
use crate::watch::GivenUp;

pub(crate) enum Unfinished {
    Elapsed,
    Shutdown,
    Cancelled,
    /// There is nothing to keep the time of a call that has suspended its fiber.
    #[cfg(feature = "fiber")]
    NoTimer(io::Error),
    Stalled(Box<Stall>),
}

impl Unfinished {
    pub(crate) fn into_error(
        self,
        timeout: Option<Duration>,
        location: &'static Location<'static>,
    ) -> CallError {
        match self {
            Self::Elapsed => CallError::Timeout { timeout: timeout.unwrap_or(Duration::MAX), location },
            Self::Shutdown => CallError::Shutdown { location },
            Self::Cancelled => CallError::Cancelled { location },
            #[cfg(feature = "fiber")]
            Self::NoTimer(source) => CallError::Runtime { source, location },
            Self::Stalled(stall) => CallError::Stalled { stall, location },
        }
    }

    #[cold]
    pub(crate) fn panic(self, location: &'static Location<'static>) -> ! {
        panic!("{}", self.into_error(None, location))
    }
}

impl From<Elapsed> for Unfinished {
    fn from(Elapsed: Elapsed) -> Self {
        Self::Elapsed
    }
}

impl From<GivenUp> for Unfinished {
    fn from(given_up: GivenUp) -> Self {
        match given_up {
            GivenUp::Shutdown => Self::Shutdown,
            GivenUp::Stalled(stall) => Self::Stalled(stall),
        }
    }
}
