//! How a signal handler, and who takes it away, agree on the pipe between them: it may be closed
//! when no handler will write there any more. Of what is here a handler may call everything.

use crate::sync::atomic::{AtomicI32, AtomicUsize, Ordering, fence};
use crate::sync::thread;

/// No pipe, and no signal.
pub(crate) const NONE: i32 = -1;

pub(crate) struct Line {
    /// The pipe to which the handlers write. `NONE` while no run watches.
    pub(crate) pipe: AtomicI32,
    /// How many handlers may be using it.
    pub(crate) busy: AtomicUsize,
    /// The signal that came first, or `NONE`.
    pub(crate) first: AtomicI32,
}

// `pipe` and `busy` are each written by one side and then the other is read. That one of the two
// sees what the other has written takes the fences; loom doesn't know that accesses may be
// `SeqCst`.
impl Line {
    /// Lends `f` the pipe, or `NONE`. It stays open until `f` returns.
    pub(crate) fn with_pipe(&self, f: impl FnOnce(i32)) {
        self.busy.fetch_add(1, Ordering::AcqRel);
        fence(Ordering::SeqCst);
        f(self.pipe.load(Ordering::Acquire));
        self.busy.fetch_sub(1, Ordering::Release);
    }

    /// Takes note of the signal. False if another one came before.
    pub(crate) fn is_first(&self, number: i32) -> bool {
        self.first.compare_exchange(NONE, number, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    pub(crate) fn open(&self, pipe: i32) {
        self.pipe.store(pipe, Ordering::Release);
    }

    /// After this no handler uses the pipe, nor changes the first signal: no handler that has
    /// borrowed it is still running.
    pub(crate) fn close(&self) {
        self.pipe.store(NONE, Ordering::Release);
        fence(Ordering::SeqCst);
        while self.busy.load(Ordering::Acquire) > 0 {
            thread::yield_now();
        }
    }
}
