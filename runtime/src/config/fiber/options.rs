//! The options of fibers.

use crate::config::builder::Builder;
use crate::config::flavor::Flavor;
use crate::config::settings::at_least_one;

#[cfg_attr(docsrs, doc(cfg(feature = "fiber")))]
impl Builder {
    /// Whether the main future is polled on a [fiber](crate::fiber()), so that a call in a synchronous function that it calls suspends it,
    /// instead of the runtime's only thread. Not with [`Flavor::MultiThread`](crate::Flavor::MultiThread). Default: `false`.
    pub fn fiber(mut self, on: bool) -> Self {
        self.policy.fibers.is_main_on_fiber = on;
        let validate = |on: &bool, flavor| match (on, flavor) {
            (true, Flavor::MultiThread) => Err(
                "needs the flavor \"current_thread\" or \"local\"; a multi-thread runtime goes on while a call waits",
            ),
            _ => Ok(()),
        };
        self.set("fiber", on, validate, |builder, _| builder)
    }

    /// The stack of each fiber of the run, in bytes: of [`fiber`](Self::fiber) and [`spawn_fiber`](crate::spawn_fiber), not of
    /// [`fiber()`](crate::fiber()), which has its own [`stack_size`](crate::Fiber::stack_size). Default: 1 MiB.
    pub fn fiber_stack_size(mut self, bytes: usize) -> Self {
        self.policy.fibers.stack_size = bytes;
        self
    }

    /// How many threads there may be for the fibers of [`spawn_fiber`](crate::spawn_fiber); at least 1. They are started when they are
    /// needed. Default: the number of cores.
    pub fn fiber_threads(mut self, count: usize) -> Self {
        self.policy.fibers.threads = Some(count);
        self.set("fiber_threads", count, at_least_one, |builder, _| builder)
    }
}
