//! The configuration of a run's fibers.

mod options;

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The default stack size of a fiber. It is less than a huge page, so that no system backs a stack
/// with a huge page, most of which would be unused.
pub(crate) const FIBER_STACK_SIZE: usize = 1024 * 1024;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Fibers {
    is_main_on_fiber: bool,
    pub(crate) stack_size: usize,
    threads: Option<usize>,
}

impl Fibers {
    /// The stack size of the main future's fiber. `None` if the main future isn't polled on a
    /// fiber.
    pub(crate) fn stack_of_main(self) -> Option<usize> {
        self.is_main_on_fiber.then_some(self.stack_size)
    }

    /// The maximum number of threads for the fibers of `spawn_fiber`.
    pub(crate) fn threads(self) -> usize {
        self.threads.unwrap_or_else(cores)
    }
}

/// The number of cores. It is cached, since every `spawn_fiber` needs it, and std's function makes
/// a dozen system calls on Linux.
fn cores() -> usize {
    /// 0 until the number is known. Several threads may determine it at the same time. With a
    /// `OnceLock`, a child that is forked meanwhile would wait for a thread that doesn't exist
    /// there.
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
