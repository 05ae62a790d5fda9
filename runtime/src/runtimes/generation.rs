//! When what threads remember has become stale.

use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Code that remembers something remembers the generation with it, and looks again when that has
/// passed. The generation is read *before* the thing is looked up: what changes in between is then
/// remembered under an generation that has passed already.
#[derive(Debug)]
pub(crate) struct Generation(pub(crate) AtomicU64);

impl Generation {
    #[inline]
    pub(crate) fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// To be called *after* something has changed: who sees the new generation sees the change.
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
