//! How many calls wait now, by the context of their threads.
//!
//! A call that is ready at once isn't counted, and pays nothing. One that waits pays an addition
//! and a subtraction, each to a counter of its context's that shares its cache line with no other.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::runtimes::record::FORKS;
use crate::thread_context::ThreadContext;

/// As large as two cache lines, of which the processor may fetch the second with the first.
#[repr(align(128))]
struct Count(AtomicUsize);

static COUNTS: [Count; ThreadContext::ALL.len()] =
    [const { Count(AtomicUsize::new(0)) }; ThreadContext::ALL.len()];

/// A call that waits, for as long as it lives.
#[derive(Debug)]
pub(crate) struct WaitingCall {
    context: ThreadContext,
    forks: u64,
}

impl WaitingCall {
    pub(crate) fn begin(context: ThreadContext) -> Self {
        counter(context).fetch_add(1, Ordering::Relaxed);
        Self { context, forks: FORKS.load(Ordering::Relaxed) }
    }
}

impl Drop for WaitingCall {
    fn drop(&mut self) {
        // In a forked child it was forgotten.
        if self.forks == FORKS.load(Ordering::Relaxed) {
            counter(self.context).fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn counter(context: ThreadContext) -> &'static AtomicUsize {
    &COUNTS[context as usize].0
}

/// How many calls wait in this context.
pub(crate) fn count(context: ThreadContext) -> usize {
    counter(context).load(Ordering::Relaxed)
}

/// In a forked child: the other threads' calls don't exist there.
pub(super) fn forget() {
    for count in &COUNTS {
        count.0.store(0, Ordering::Relaxed);
    }
}
