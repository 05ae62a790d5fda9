//! A runner that serves a call: `on = runner`.

use std::any::Any;
use std::borrow::Cow;
use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::runtime::RuntimeFlavor;
use tokio::sync::oneshot;

use crate::call::on::{Drive, Served, ServesCalls};
use crate::error::{CallError, RunError};
use crate::run::runner::Runner;
use crate::run::runner::inner::{Inner, User};

impl ServesCalls for Runner {
    fn serve(&self, location: &'static Location<'static>) -> Served<'_> {
        let user = match self.inner.open(location) {
            Ok(user) => user,
            Err(RunError::Build { source, .. }) => {
                return Served::not(CallError::Runtime { source, location });
            }
            Err(RunError::ThreadExiting { .. }) => {
                return Served::not(CallError::ThreadExiting { location });
            }
            Err(_) => return Served::not(CallError::Shutdown { location }),
        };
        let handle = user.runtime().handle().clone();
        let is_driven = handle.runtime_flavor() != RuntimeFlavor::MultiThread;
        let call = Call { user, inner: &self.inner, location, is_driven };
        Served::by(Cow::Owned(handle), location).kept_by(Box::new(call))
    }
}

/// A call that the runner serves. The runner isn't shut down before the call has ended or was
/// interrupted.
struct Call<'a> {
    user: User<'a>,
    inner: &'a Arc<Inner>,
    location: &'static Location<'static>,
    is_driven: bool,
}

impl Drive for Call<'_> {
    fn is_needed(&self) -> bool {
        self.is_driven
    }

    fn block_on(&self, poll: &mut dyn FnMut(&mut Context<'_>) -> Poll<()>) {
        self.user.runtime().block_on(poll_fn(poll));
    }

    fn elsewhere(&self) -> io::Result<Box<dyn Any>> {
        let (inner, location) = (Arc::clone(self.inner), self.location);
        let (stop, stopped) = oneshot::channel::<Infallible>();
        let drive = move || {
            // The runner is open for as long as the call lasts.
            if let Ok(user) = inner.open(location) {
                // Nothing is ever sent. This ends when the sender is dropped.
                let _ = user.runtime().block_on(stopped);
            }
        };
        // This returns an error if the system has no thread.
        self.user.record().spare_threads().handle(None)?.spawn_blocking(drive);
        Ok(Box::new(stop))
    }
}
