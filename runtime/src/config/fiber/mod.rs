//! What is set for the fibers of a run.

mod options;

use std::num::NonZero;
use std::thread;

/// How large a fiber's stack is unless it is set. Less than a huge page, so that no system gives it more memory at once than it uses.
pub(crate) const FIBER_STACK_SIZE: usize = 1024 * 1024;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Fibers {
    is_main_on_fiber: bool,
    pub(crate) stack_size: usize,
    threads: Option<usize>,
}

impl Fibers {
    /// The size of the stack that the main future is polled on, if that is a fiber's.
    pub(crate) fn stack_of_main(self) -> Option<usize> {
        self.is_main_on_fiber.then_some(self.stack_size)
    }

    /// How many threads there may be for fibers of `spawn_fiber`.
    pub(crate) fn threads(self) -> usize {
        let cores = || thread::available_parallelism().map_or(1, NonZero::get);
        self.threads.unwrap_or_else(cores)
    }
}

impl Default for Fibers {
    fn default() -> Self {
        Self { is_main_on_fiber: false, stack_size: FIBER_STACK_SIZE, threads: None }
    }
}
