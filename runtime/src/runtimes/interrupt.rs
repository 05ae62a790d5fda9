//! Ending the calls that wait on a runtime, at the moment when that begins to drop its tasks.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use slab::Slab;

/// Whether the calls that wait on a runtime are to end, and how to wake them for that.
#[derive(Debug, Default)]
pub(crate) struct Interrupt {
    is_set: AtomicBool,
    wakers: Mutex<Slab<Waker>>,
}

impl Interrupt {
    pub(crate) fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Acquire)
    }

    /// Has the waker woken when the calls are interrupted. Returns the key to [`remove`](Self::remove) it by.
    pub(crate) fn register(&self, waker: Waker) -> usize {
        let key = self.wakers().insert(waker.clone());
        // Asked after the waker is in: whoever sets it finds the waker, or is seen here.
        if self.is_set() {
            waker.wake();
        }
        key
    }

    pub(crate) fn remove(&self, key: usize) {
        let waker = self.wakers().try_remove(key);
        // A waker may be user code. It is dropped without the lock.
        drop(waker);
    }

    /// Interrupts the calls that wait, and those that begin to wait later.
    pub(crate) fn set(&self) {
        self.is_set.store(true, Ordering::Release);
        let wakers = mem::take(&mut *self.wakers());
        for (_, waker) in wakers {
            waker.wake();
        }
    }

    fn wakers(&self) -> MutexGuard<'_, Slab<Waker>> {
        // No user code runs under this lock.
        self.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
