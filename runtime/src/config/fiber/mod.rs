//! What is set for the fibers of a run.

mod options;

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How large a fiber's stack is unless it is set. Less than a huge page, so that no system gives it
/// more memory at once than it uses.
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
        self.threads.unwrap_or_else(cores)
    }
}

/// How many cores there are. Each fiber that is spawned asks this, and the answer takes Linux a
/// dozen system calls: it is kept.
fn cores() -> usize {
    /// Once it is known. Several threads may find it out at a time: a child that is forked then
    /// waits for none of them.
    static CORES: AtomicUsize = AtomicUsize::new(0);
    let known = CORES.load(Ordering::Relaxed);
    if known > 0 {
        return known;
    }
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    CORES.store(cores, Ordering::Relaxed);
    cores
}

impl Default for Fibers {
    fn default() -> Self {
        Self { is_main_on_fiber: false, stack_size: FIBER_STACK_SIZE, threads: None }
    }
}
