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
    /// Returns an error if the runtime needs threads and the system has none: tokio panics if its
    /// first worker can't be started.
    pub(crate) fn check_threads(&self) -> io::Result<()> {
        if self.is_multi_thread() {
            // The closure is empty and can't panic.
            let _ = os_thread::check()?.join();
        }
        Ok(())
    }

    /// Builds the runtime. Each of its threads calls `starts` when it starts, and `stops` when it
    /// stops. Returns an error where tokio would panic, except if the system has no
    /// [thread](Self::check_threads) left.
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
            // On wasm, tokio has only this kind. `lib.rs` refuses wasm, and that is to be the only
            // compile error there.
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

    /// Builds the background runtime. It is multi-thread: other flavors were refused when it was
    /// configured.
    pub(crate) fn start_background(&self, tracker: &Arc<Tracker>) -> io::Result<Runtime> {
        self.check_threads()?;
        match self.build_for(tracker)? {
            Built::Shared(runtime) => Ok(runtime),
            Built::Local(_) => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    /// Like [`build_with`](Self::build_with), with `tracker` counting the threads.
    pub(crate) fn build_for(&self, tracker: &Arc<Tracker>) -> io::Result<Built> {
        let (starts, stops) = (Arc::clone(tracker), Arc::clone(tracker));
        self.build_with(move || starts.thread_started(), move || stops.thread_stopped())
    }
}

/// Returns an error if the process has no file descriptors left: tokio panics if it can't create
/// the pipe for signals.
///
/// A runtime opens at most six descriptors: two for that pipe, which the process has once, one for
/// its duplicate, and three for the I/O driver: those of epoll and of the waker, and a duplicate.
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
