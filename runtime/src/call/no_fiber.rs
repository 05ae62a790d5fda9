//! Replaces `fiber/` without the feature `fiber`: no call is suspended.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Instant;

use crate::call::enter::Entered;
use crate::call::on::Chosen;
use crate::config::call_options::CallOptions;
use crate::interrupted::{AskToInterrupt, Interrupted};

/// Never called: without the feature no call is made on a fiber.
pub(crate) fn wait<F: Future>(
    _: &Entered<'_>,
    _: Option<Chosen<'_>>,
    _: Pin<&mut F>,
    _: CallOptions,
    _: Option<Instant>,
    _: Option<AskToInterrupt<'_>>,
) -> Result<F::Output, Interrupted> {
    Err(Interrupted::from(io::Error::from(io::ErrorKind::Unsupported)))
}

pub(crate) mod scoped {
    use std::future::Future;
    use std::panic::Location;

    use crate::error::RunError;

    /// Never called: without the feature no main future is polled on a fiber.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "it has the signature of the function that may fail"
    )]
    pub(crate) fn scoped<F: Future, R>(
        future: F,
        _: usize,
        _: &'static Location<'static>,
        f: impl FnOnce(F) -> R,
    ) -> Result<R, RunError> {
        Ok(f(future))
    }
}
