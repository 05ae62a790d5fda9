//! The options of fibers.

use crate::config::builder::Builder;
use crate::config::flavor::Flavor;
use crate::config::settings::at_least_one;

#[cfg_attr(docsrs, doc(cfg(feature = "fiber")))]
impl Builder {
    /// Sets whether the main future is polled on a [fiber](crate::fiber()). A call in a synchronous
    /// function then suspends the main future, and doesn't block the runtime's only thread. With
    /// [`Flavor::MultiThread`](crate::Flavor::MultiThread), building the runtime returns an error.
    /// Default: `false`.
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

    /// Sets the stack size of the run's fibers, in bytes: those of [`fiber`](Self::fiber) and
    /// [`spawn_fiber`](crate::spawn_fiber). A [`fiber()`](crate::fiber()) has an option of its own,
    /// [`stack_size`](crate::Fiber::stack_size). Default: 1 MiB.
    pub fn fiber_stack_size(mut self, bytes: usize) -> Self {
        self.policy.fibers.stack_size = bytes;
        self
    }

    /// Sets the maximum number of threads for the fibers of [`spawn_fiber`](crate::spawn_fiber); at
    /// least 1. The threads are started when they are needed. Default: the number of cores.
    pub fn fiber_threads(mut self, count: usize) -> Self {
        self.policy.fibers.threads = Some(count);
        self.set("fiber_threads", count, at_least_one, |builder, _| builder)
    }
}
