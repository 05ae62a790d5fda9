//! How a runtime is configured and built. Every option of `#[entry]` is a method of [`Builder`] of the same name.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{self, Handle, LocalOptions, LocalRuntime, Runtime, RuntimeFlavor};

use crate::ending;
use crate::park;
use crate::policy::Policy;
use crate::scope::Scope;
use crate::waits;

/// The kind of runtime that a run gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flavor {
    /// Tasks run on several worker threads. In `#[entry]`: `"multi_thread"`, the default.
    #[default]
    MultiThread,
    /// Tasks run on the thread that runs the main future. In `#[entry]`: `"current_thread"`.
    CurrentThread,
    /// As `CurrentThread`, and tasks need not be `Send`: [`tokio::task::spawn_local`] works without a `LocalSet`. In `#[entry]`:
    /// `"local"`.
    Local,
}

/// The configuration of a runtime: for a [run](Builder::run), for [`configure_background`](crate::configure_background), and behind
/// the options of [`#[entry]`](macro@crate::entry).
///
/// Nothing is checked before the runtime is built; a value that can't be used is then an error that names the option.
///
/// ```
/// use bridgehead::{Builder, Flavor};
///
/// let answer = Builder::new().flavor(Flavor::CurrentThread).run(async { 6 * 7 });
/// assert_eq!(answer, 42);
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a configuration does nothing until it is given to a function that runs something"]
pub struct Builder {
    flavor: Flavor,
    worker_threads: Option<usize>,
    max_blocking_threads: Option<usize>,
    thread_name: Option<String>,
    thread_stack_size: Option<usize>,
    thread_keep_alive: Option<Duration>,
    event_interval: Option<u32>,
    global_queue_interval: Option<u32>,
    pub(crate) policy: Policy,
}

impl Builder {
    /// The defaults: a multi-thread runtime with all of tokio's drivers and tokio's own defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The kind of runtime. Default: [`Flavor::MultiThread`].
    pub fn flavor(mut self, flavor: Flavor) -> Self {
        self.flavor = flavor;
        self
    }

    /// How many threads run tasks; at least 1. No effect on the other flavors. Default: the number of cores, or the environment
    /// variable `TOKIO_WORKER_THREADS`.
    pub fn worker_threads(mut self, count: usize) -> Self {
        self.worker_threads = Some(count);
        self
    }

    /// How many further threads there may be for blocking work; at least 1. A call that waits on a worker thread takes none of them.
    /// Default: 512.
    pub fn max_blocking_threads(mut self, count: usize) -> Self {
        self.max_blocking_threads = Some(count);
        self
    }

    /// The name of the runtime's threads, without NUL characters.
    pub fn thread_name(mut self, name: impl Into<String>) -> Self {
        self.thread_name = Some(name.into());
        self
    }

    /// The stack of each of the runtime's threads, in bytes. Default: std's, 2 MiB on most systems.
    pub fn thread_stack_size(mut self, bytes: usize) -> Self {
        self.thread_stack_size = Some(bytes);
        self
    }

    /// How long an idle thread for blocking work is kept. Default: 10 s.
    pub fn thread_keep_alive(mut self, duration: Duration) -> Self {
        self.thread_keep_alive = Some(duration);
        self
    }

    /// Whether the runtime's clock stands still and jumps ahead when there is nothing else to do, for tests. Not with
    /// [`Flavor::MultiThread`]. Default: `false`.
    #[cfg(feature = "test-util")]
    #[cfg_attr(docsrs, doc(cfg(feature = "test-util")))]
    pub fn start_paused(mut self, paused: bool) -> Self {
        self.policy.start_paused = paused;
        self
    }

    /// Stands where the real one would, so that the compiler says what is missing.
    #[cfg(not(feature = "test-util"))]
    #[doc(hidden)]
    pub fn start_paused(self, _: impl NeedsTestUtil) -> Self {
        self
    }

    /// After how many task polls the scheduler looks for timers and I/O; at least 1. Default: 61.
    pub fn event_interval(mut self, ticks: u32) -> Self {
        self.event_interval = Some(ticks);
        self
    }

    /// After how many task polls the scheduler looks into the queue that all threads share; at least 1. Default: tokio's choice.
    pub fn global_queue_interval(mut self, ticks: u32) -> Self {
        self.global_queue_interval = Some(ticks);
        self
    }

    pub(crate) fn is_multi_thread(&self) -> bool {
        self.flavor == Flavor::MultiThread
    }

    /// How many threads there may be for blocking work.
    pub(crate) fn blocking_threads(&self) -> usize {
        const DEFAULT_OF_TOKIO: usize = 512;
        self.max_blocking_threads.unwrap_or(DEFAULT_OF_TOKIO)
    }

    pub(crate) fn stack_size(&self) -> Option<usize> {
        self.thread_stack_size
    }

    /// Finds out whether a thread is to be had, if the runtime needs one: tokio panics when its first worker can't be started.
    pub(crate) fn probe_threads(&self) -> io::Result<()> {
        if self.is_multi_thread() {
            // The result of an empty closure that can't panic.
            let _ = std::thread::Builder::new().spawn(|| ())?.join();
        }
        Ok(())
    }

    /// Builds the runtime, whose threads `scope` counts. What tokio would panic on is an error here, but for a want of
    /// [threads](Self::probe_threads).
    pub(crate) fn build_for(&self, scope: &Arc<Scope>) -> io::Result<Built> {
        waits::expect(self.policy.stalls);
        self.check()?;
        probe_descriptors()?;
        let mut builder = match self.flavor {
            Flavor::MultiThread => runtime::Builder::new_multi_thread(),
            Flavor::CurrentThread | Flavor::Local => runtime::Builder::new_current_thread(),
        };
        builder.enable_all();
        let (starts, stops) = (Arc::clone(scope), Arc::clone(scope));
        builder.on_thread_start(move || starts.thread_started());
        builder.on_thread_stop(move || stops.thread_stopped());
        if let Some(count) = self.worker_threads {
            builder.worker_threads(count);
        }
        if let Some(count) = self.max_blocking_threads {
            builder.max_blocking_threads(count);
        }
        if let Some(name) = &self.thread_name {
            builder.thread_name(name);
        }
        if let Some(bytes) = self.thread_stack_size {
            builder.thread_stack_size(bytes);
        }
        if let Some(duration) = self.thread_keep_alive {
            builder.thread_keep_alive(duration);
        }
        if let Some(ticks) = self.event_interval {
            builder.event_interval(ticks);
        }
        if let Some(ticks) = self.global_queue_interval {
            builder.global_queue_interval(ticks);
        }
        #[cfg(feature = "test-util")]
        if self.policy.start_paused {
            builder.start_paused(true);
        }
        match self.flavor {
            Flavor::Local => builder.build_local(LocalOptions::default()).map(Built::Local),
            Flavor::MultiThread | Flavor::CurrentThread => builder.build().map(Built::Shared),
        }
    }

    /// Refuses what tokio's builder panics on.
    fn check(&self) -> io::Result<()> {
        let zero = [
            ("worker_threads", self.worker_threads == Some(0)),
            ("max_blocking_threads", self.max_blocking_threads == Some(0)),
            ("event_interval", self.event_interval == Some(0)),
            ("global_queue_interval", self.global_queue_interval == Some(0)),
            #[cfg(feature = "fiber")]
            ("fiber_threads", self.policy.fibers.threads == Some(0)),
        ];
        if let Some((option, _)) = zero.iter().find(|(_, is_zero)| *is_zero) {
            return Err(unusable(format!("`{option}` is 0; it must be at least 1")));
        }
        if self.thread_name.as_ref().is_some_and(|name| name.contains('\0')) {
            return Err(unusable("`thread_name` contains a NUL character; remove it".to_owned()));
        }
        if self.policy.start_paused && self.is_multi_thread() {
            return Err(unusable(
                "`start_paused` needs the flavor \"current_thread\" or \"local\"; a multi-thread runtime's clock can't stand still"
                    .to_owned(),
            ));
        }
        #[cfg(feature = "fiber")]
        if self.policy.fibers.main && self.is_multi_thread() {
            return Err(unusable(
                "`fiber` needs the flavor \"current_thread\" or \"local\"; a multi-thread runtime goes on while a call waits".to_owned(),
            ));
        }
        Ok(())
    }
}

fn unusable(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

/// Finds out whether there are descriptors to be had: tokio panics when the pipe for signals can't be made.
///
/// The two descriptors of that pipe, its duplicate, and the two of the I/O driver are what a runtime opens at most.
fn probe_descriptors() -> io::Result<()> {
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

/// What a future can be run on to its end, on the thread that calls.
pub(crate) trait BlockOn {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output;
}

impl BlockOn for Runtime {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        if self.handle().runtime_flavor() == RuntimeFlavor::MultiThread && !ending::tokio_can_park() {
            let _context = self.enter();
            return park::block_on(future, None).expect("it has no deadline");
        }
        self.block_on(future)
    }
}

impl BlockOn for Built {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self {
            Self::Shared(runtime) => BlockOn::block_on(runtime, future),
            Self::Local(runtime) => runtime.block_on(future),
        }
    }
}

/// Implemented by nothing: what `start_paused` asks of its argument while the feature is off.
#[cfg(not(feature = "test-util"))]
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`start_paused` needs the feature `test-util` of `bridgehead`",
    label = "not available",
    note = "in Cargo.toml: `bridgehead = {{ version = \"…\", features = [\"test-util\"] }}`"
)]
pub trait NeedsTestUtil {}
