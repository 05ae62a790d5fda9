//! Building a runtime.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{self, Handle, LocalOptions, LocalRuntime, Runtime};

use crate::config::builder::Builder;
use crate::config::flavor::Flavor;
use crate::config::stalls;
use crate::os_thread;
use crate::task::tracker::Tracker;

impl Builder {
    /// Finds out whether a thread is to be had, if the runtime needs one: tokio panics when its
    /// first worker can't be started.
    pub(crate) fn check_threads(&self) -> io::Result<()> {
        if self.is_multi_thread() {
            // The result of an empty closure that can't panic.
            let _ = os_thread::check()?.join();
        }
        Ok(())
    }

    /// Builds the runtime, each of whose threads calls `starts` and `stops`. Returns an error where
    /// tokio would panic, except where the system has no [thread](Self::check_threads) left.
    pub(crate) fn build_with(
        &self,
        starts: impl Fn() + Send + Sync + 'static,
        stops: impl Fn() + Send + Sync + 'static,
    ) -> io::Result<Built> {
        stalls::expect(self.policy.stalls);
        self.settings.validate(self.flavor)?;
        check_descriptors()?;
        let mut builder = match self.flavor {
            #[cfg(not(target_family = "wasm"))]
            Flavor::MultiThread => runtime::Builder::new_multi_thread(),
            // tokio has the other kind only on wasm, which `lib.rs` refuses: that is to be the only
            // error.
            _ => runtime::Builder::new_current_thread(),
        };
        builder.enable_all();
        builder.on_thread_start(starts);
        builder.on_thread_stop(stops);
        self.settings.apply(&mut builder);
        match self.flavor {
            Flavor::Local => builder.build_local(LocalOptions::default()).map(Built::Local),
            Flavor::MultiThread | Flavor::CurrentThread => builder.build().map(Built::Shared),
        }
    }

    /// Builds the background runtime. It is multi-thread, which was found out when it was
    /// configured.
    pub(crate) fn start_background(&self, tracker: &Arc<Tracker>) -> io::Result<Runtime> {
        self.check_threads()?;
        match self.build_for(tracker)? {
            Built::Shared(runtime) => Ok(runtime),
            Built::Local(_) => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    /// As [`build_with`](Self::build_with), with the threads counted by `tracker`.
    pub(crate) fn build_for(&self, tracker: &Arc<Tracker>) -> io::Result<Built> {
        let (starts, stops) = (Arc::clone(tracker), Arc::clone(tracker));
        self.build_with(move || starts.thread_started(), move || stops.thread_stopped())
    }
}

/// Finds out whether there are descriptors to be had: tokio panics when the pipe for signals can't
/// be made.
///
/// The two descriptors of that pipe, its duplicate, and the two of the I/O driver are what a
/// runtime opens at most.
fn check_descriptors() -> io::Result<()> {
    #[cfg(unix)]
    {
        let pair = std::os::unix::net::UnixStream::pair;
        let _descriptors = (pair()?, pair()?, pair()?);
    }
    Ok(())
}

/// A runtime of either of tokio's types.
#[derive(Debug)]
pub(crate) enum Built {
    Shared(Runtime),
    Local(LocalRuntime),
}

impl Built {
    pub(crate) fn handle(&self) -> &Handle {
        match self {
            Self::Shared(runtime) => runtime.handle(),
            Self::Local(runtime) => runtime.handle(),
        }
    }

    pub(crate) fn shutdown_timeout(self, timeout: Duration) {
        match self {
            Self::Shared(runtime) => runtime.shutdown_timeout(timeout),
            Self::Local(runtime) => runtime.shutdown_timeout(timeout),
        }
    }
}
