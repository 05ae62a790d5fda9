//! Generations, which show whether a cached value is stale.

use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counts changes. A cached value is stored with its generation, and is looked up again once the
/// generation has changed. The generation must be read *before* the value is looked up: if the
/// value changes in between, it is stored with a generation that is over already.
#[derive(Debug)]
pub(crate) struct Generation(pub(crate) AtomicU64);

impl Generation {
    #[inline]
    pub(crate) fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Begins a new generation. To be called *after* a change: a thread that reads the new
    /// generation then also reads the change.
    pub(crate) fn pass(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

/// Whether a runtime still runs, as far as is known.
#[derive(Debug)]
pub(crate) struct Alive(AtomicBool);

impl Alive {
    pub(crate) fn new() -> Self {
        Self(AtomicBool::new(true))
    }

    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    pub(crate) fn end(&self, generation: &Generation) {
        self.0.store(false, Ordering::Release);
        generation.pass();
    }
}
