//! The configuration of a runtime. For every option of `#[entry]`, [`Builder`] has a method of the
//! same name.

use std::fmt::Debug;
use std::time::Duration;

use tokio::runtime as tokio;

use crate::config::flavor::Flavor;
use crate::config::policy::Policy;
use crate::config::settings::{Apply, Settings, Validate, any, at_least_one, without_nul};

/// The configuration of a runtime: for a [run](Builder::run), for
/// [`configure_background`](crate::configure_background), and for the options of
/// [`#[entry]`](macro@crate::entry).
///
/// The options are checked when the runtime is built. If a value is invalid, building the runtime
/// returns an error that contains the name of the option.
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
    /// The options that have to be validated, or applied to tokio's builder.
    pub(crate) settings: Settings,
    max_blocking_threads: Option<usize>,
    thread_stack_size: Option<usize>,
    pub(crate) policy: Policy,
}

impl Builder {
    /// Returns a builder with the defaults: a multi-thread runtime with tokio's I/O driver and
    /// timer driver, and with tokio's default for each option.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the kind of runtime. Default: [`Flavor::MultiThread`].
    pub fn flavor(mut self, flavor: Flavor) -> Self {
        self.flavor = flavor;
        self
    }

    /// Sets the number of worker threads of a multi-thread runtime; at least 1. It has no effect on
    /// the other flavors. Default: the value of the environment variable `TOKIO_WORKER_THREADS` if
    /// that is set, otherwise the number of cores.
    pub fn worker_threads(self, count: usize) -> Self {
        self.set("worker_threads", count, at_least_one, tokio::Builder::worker_threads)
    }

    /// Sets the maximum number of threads of the blocking pool; at least 1. The worker threads
    /// don't count. A `sync_call!` that waits on a worker thread uses no thread of this pool.
    /// Default: 512.
    pub fn max_blocking_threads(mut self, count: usize) -> Self {
        self.max_blocking_threads = Some(count);
        self.set("max_blocking_threads", count, at_least_one, tokio::Builder::max_blocking_threads)
    }

    /// Sets the name of the runtime. Reports contain it, and
    /// [`Handle::name`](::tokio::runtime::Handle::name) returns it. The name must not be empty.
    /// Default: no name.
    pub fn name(self, name: impl Into<String>) -> Self {
        let validate = |name: &String, _| match name.trim() {
            "" => Err("is empty; name the runtime, or remove the option"),
            _ => Ok(()),
        };
        self.set("name", name.into(), validate, tokio::Builder::name)
    }

    /// Sets the name of the runtime's threads. The name must not contain NUL characters. Default:
    /// tokio's.
    pub fn thread_name(self, name: impl Into<String>) -> Self {
        self.set("thread_name", name.into(), without_nul, tokio::Builder::thread_name)
    }

    /// Sets the stack size of each of the runtime's threads, in bytes. Default: std's, 2 MiB on
    /// most systems.
    pub fn thread_stack_size(mut self, bytes: usize) -> Self {
        self.thread_stack_size = Some(bytes);
        self.set("thread_stack_size", bytes, any, tokio::Builder::thread_stack_size)
    }

    /// Sets how long an idle thread of the blocking pool is kept. Default: 10 s.
    pub fn thread_keep_alive(self, duration: Duration) -> Self {
        self.set("thread_keep_alive", duration, any, tokio::Builder::thread_keep_alive)
    }

    /// Sets whether the runtime's clock starts paused, for tests. A paused clock advances to the
    /// next timer when the runtime has no other work. With [`Flavor::MultiThread`], building the
    /// runtime returns an error. Default: `false`.
    #[cfg(feature = "test-util")]
    #[cfg_attr(docsrs, doc(cfg(feature = "test-util")))]
    pub fn start_paused(mut self, paused: bool) -> Self {
        self.policy.start_paused = paused;
        let validate = |paused: &bool, flavor| match (paused, flavor) {
            (true, Flavor::MultiThread) => Err(
                "needs the flavor \"current_thread\" or \"local\"; a multi-thread runtime's clock can't be paused",
            ),
            _ => Ok(()),
        };
        self.set("start_paused", paused, validate, tokio::Builder::start_paused)
    }

    /// Replaces the real method while the feature is off, so that the compiler error names the
    /// feature.
    #[cfg(not(feature = "test-util"))]
    #[doc(hidden)]
    pub fn start_paused(self, _: impl NeedsTestUtil) -> Self {
        self
    }

    /// Sets the number of task polls after which the scheduler checks timers and I/O; at least 1.
    /// Default: 61.
    pub fn event_interval(self, ticks: u32) -> Self {
        self.set("event_interval", ticks, at_least_one, tokio::Builder::event_interval)
    }

    /// Sets the number of task polls after which the scheduler checks the queue that all threads
    /// share; at least 1. Default: tokio's choice.
    pub fn global_queue_interval(self, ticks: u32) -> Self {
        self.set(
            "global_queue_interval",
            ticks,
            at_least_one,
            tokio::Builder::global_queue_interval,
        )
    }

    pub(crate) fn is_multi_thread(&self) -> bool {
        self.flavor == Flavor::MultiThread
    }

    /// The maximum number of threads for blocking work.
    pub(crate) fn blocking_threads(&self) -> usize {
        const DEFAULT_OF_TOKIO: usize = 512;
        self.max_blocking_threads.unwrap_or(DEFAULT_OF_TOKIO)
    }

    pub(crate) fn stack_size(&self) -> Option<usize> {
        self.thread_stack_size
    }

    /// Records an option with its value, the function that validates the value, and the function
    /// that applies it to tokio's builder.
    pub(super) fn set<T>(
        mut self,
        option: &'static str,
        value: T,
        validate: Validate<T>,
        apply: Apply<T>,
    ) -> Self
    where
        T: Debug + Clone + Send + Sync + 'static,
    {
        self.settings.set(option, value, validate, apply);
        self
    }
}

/// No type implements this trait. It is the bound on the argument of `start_paused` while the
/// feature is off.
#[cfg(not(feature = "test-util"))]
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`start_paused` needs the feature `test-util` of `bridgehead`",
    label = "not available",
    note = "in Cargo.toml: `bridgehead = {{ version = \"…\", features = [\"test-util\"] }}`"
)]
pub trait NeedsTestUtil {}
