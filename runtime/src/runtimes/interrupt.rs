//! Ending the calls that wait on a runtime, at the moment when that begins to drop its tasks.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use slab::Slab;

/// How often the calls on a runtime were interrupted, and how to wake those that wait.
#[derive(Debug, Default)]
pub(crate) struct Interrupt {
    count: AtomicU32,
    /// Those that were woken are empty, and keep their keys.
    wakers: Mutex<Slab<Option<Waker>>>,
}

impl Interrupt {
    /// How often it has happened. A call ends when this changes while it waits.
    #[inline]
    pub(crate) fn count(&self) -> u32 {
        self.count.load(Ordering::Acquire)
    }

    /// Wakes the waker when the calls are interrupted. Returns the key to [`remove`](Self::remove)
    /// it by. The caller compares the count afterwards: it may have happened meanwhile.
    pub(crate) fn register(&self, waker: Waker) -> usize {
        self.wakers().insert(Some(waker))
    }

    pub(crate) fn remove(&self, key: usize) {
        let waker = self.wakers().try_remove(key);
        // Dropped without the lock.
        drop(waker);
    }

    /// Interrupts the calls that wait now. Those that begin later are not concerned.
    pub(crate) fn set(&self) {
        self.count.fetch_add(1, Ordering::Release);
        let wakers: Vec<_> =
            self.wakers().iter_mut().filter_map(|(_, waker)| waker.take()).collect();
        wakers.into_iter().for_each(Waker::wake);
    }

    fn wakers(&self) -> MutexGuard<'_, Slab<Option<Waker>>> {
        // No user code runs under this lock.
        self.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
