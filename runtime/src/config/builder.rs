//! How a runtime is configured and built. Every option of `#[entry]` is a method of [`Builder`] of the same name.

use std::io;
use std::time::Duration;

use crate::config::policy::Policy;

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
    pub(crate) flavor: Flavor,
    pub(crate) worker_threads: Option<usize>,
    pub(crate) max_blocking_threads: Option<usize>,
    pub(crate) thread_name: Option<String>,
    pub(crate) thread_stack_size: Option<usize>,
    pub(crate) thread_keep_alive: Option<Duration>,
    pub(crate) event_interval: Option<u32>,
    pub(crate) global_queue_interval: Option<u32>,
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

    /// Refuses what tokio's builder panics on.
    pub(crate) fn check(&self) -> io::Result<()> {
        let zero = [
            ("worker_threads", self.worker_threads == Some(0)),
            ("max_blocking_threads", self.max_blocking_threads == Some(0)),
            ("event_interval", self.event_interval == Some(0)),
            ("global_queue_interval", self.global_queue_interval == Some(0)),
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
        if let Some(fault) = self.policy.fibers.fault(self.is_multi_thread()) {
            return Err(unusable(fault.to_owned()));
        }
        Ok(())
    }
}

fn unusable(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
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
