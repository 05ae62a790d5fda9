//! Synchronizes the signal handlers with the thread that removes them, so that the pipe is closed
//! only when no handler can write to it any more. What the handlers call here neither locks nor
//! allocates.

use crate::sync::atomic::{AtomicI32, AtomicUsize, Ordering, fence};
use crate::sync::thread;

/// No pipe, and no signal.
pub(crate) const NONE: i32 = -1;

pub(crate) struct Line {
    /// The pipe to which the handlers write. `NONE` while no run watches.
    pub(crate) pipe: AtomicI32,
    /// The number of handlers that may be using the pipe.
    pub(crate) busy: AtomicUsize,
    /// The signal that came first, or `NONE`.
    pub(crate) first: AtomicI32,
}

// Each side writes `pipe` or `busy`, and then reads the other one. Because of the fences, at least
// one side reads what the other has written. `SeqCst` accesses would do as well, but loom doesn't
// support them.
impl Line {
    /// Calls `f` with the pipe, or with `NONE`. The pipe stays open until `f` returns.
    pub(crate) fn with_pipe(&self, f: impl FnOnce(i32)) {
        self.busy.fetch_add(1, Ordering::AcqRel);
        fence(Ordering::SeqCst);
        f(self.pipe.load(Ordering::Acquire));
        self.busy.fetch_sub(1, Ordering::Release);
    }

    /// Records the signal. Returns `false` if another one came before.
    pub(crate) fn is_first(&self, number: i32) -> bool {
        self.first.compare_exchange(NONE, number, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    pub(crate) fn open(&self, pipe: i32) {
        self.pipe.store(pipe, Ordering::Release);
    }

    /// Takes the pipe away from the handlers, and waits for those that are using it. Afterwards no
    /// handler uses the pipe or changes the first signal.
    pub(crate) fn close(&self) {
        self.pipe.store(NONE, Ordering::Release);
        fence(Ordering::SeqCst);
        while self.busy.load(Ordering::Acquire) > 0 {
            thread::yield_now();
        }
    }
}
