//! How a signal handler, and who takes it away, agree on the pipe between them: it may be closed when no handler will write there any
//! more. Of what is here a handler may call everything.

use crate::sync::atomic::{AtomicI32, AtomicUsize, Ordering, fence};
use crate::sync::thread;

/// No pipe, and no signal.
pub(super) const NONE: i32 = -1;

pub(super) struct Line {
    /// What the handlers write to. `NONE` while nobody watches.
    pub(super) pipe: AtomicI32,
    /// How many handlers may be using it.
    pub(super) busy: AtomicUsize,
    /// The signal that came first, or `NONE`.
    pub(super) first: AtomicI32,
}

// `pipe` and `busy` are each written by one side and then the other is read. That one of the two sees what the other has written takes the
// fences; loom doesn't know that accesses may be `SeqCst`.
impl Line {
    /// Lends `f` the pipe, or `NONE`. It stays open until `f` returns.
    pub(super) fn with_pipe(&self, f: impl FnOnce(i32)) {
        self.busy.fetch_add(1, Ordering::AcqRel);
        fence(Ordering::SeqCst);
        f(self.pipe.load(Ordering::Acquire));
        self.busy.fetch_sub(1, Ordering::Release);
    }

    /// Takes note of the signal. False if another one came before.
    pub(super) fn is_first(&self, number: i32) -> bool {
        self.first.compare_exchange(NONE, number, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    pub(super) fn open(&self, pipe: i32) {
        self.pipe.store(pipe, Ordering::Release);
    }

    /// After this nobody uses the pipe, nor changes what came first: there is no handler under way that has been lent it.
    pub(super) fn close(&self) {
        self.pipe.store(NONE, Ordering::Release);
        fence(Ordering::SeqCst);
        while self.busy.load(Ordering::Acquire) > 0 {
            thread::yield_now();
        }
    }
}
