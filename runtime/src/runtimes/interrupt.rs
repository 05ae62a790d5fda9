//! Interrupting the calls that wait on a runtime when the runtime begins to drop its tasks.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use slab::Slab;

/// How often the calls on a runtime were interrupted, and the wakers of those that wait.
#[derive(Debug, Default)]
pub(crate) struct Interrupt {
    count: AtomicU32,
    /// An entry whose waker was woken is `None`, and keeps its key.
    wakers: Mutex<Slab<Option<Waker>>>,
}

impl Interrupt {
    /// How often the calls were interrupted. A call that waits ends when this number changes.
    #[inline]
    pub(crate) fn count(&self) -> u32 {
        self.count.load(Ordering::Acquire)
    }

    /// Registers a waker, which is woken when the calls are interrupted. Returns its key for
    /// [`remove`](Self::remove). The caller must compare the count afterwards, since the calls may
    /// have been interrupted before the registration.
    pub(crate) fn register(&self, waker: Waker) -> usize {
        self.wakers().insert(Some(waker))
    }

    pub(crate) fn remove(&self, key: usize) {
        let waker = self.wakers().try_remove(key);
        // The waker is dropped outside of the lock.
        drop(waker);
    }

    /// Interrupts the calls that wait now. Calls that begin later are not interrupted.
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
