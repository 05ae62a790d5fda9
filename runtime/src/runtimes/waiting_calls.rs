//! How many calls wait now, by the context of their threads.
//!
//! A call that is ready at once isn't counted, and costs nothing. A call that waits costs an
//! addition and a subtraction. The counter of each context shares its cache lines with no other.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::runtimes::record::FORKS;
use crate::thread_context::ThreadContext;

/// As large as two cache lines, since a processor may fetch the second one with the first.
#[repr(align(128))]
struct Count(AtomicUsize);

static COUNTS: [Count; ThreadContext::ALL.len()] =
    [const { Count(AtomicUsize::new(0)) }; ThreadContext::ALL.len()];

/// Counts a waiting call for as long as this lives.
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
        // In a forked child, `forget` has reset the counters.
        if self.forks == FORKS.load(Ordering::Relaxed) {
            counter(self.context).fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn counter(context: ThreadContext) -> &'static AtomicUsize {
    &COUNTS[context as usize].0
}

/// The number of calls that wait in this context.
pub(crate) fn count(context: ThreadContext) -> usize {
    counter(context).load(Ordering::Relaxed)
}

/// Resets the counters in a forked child, where the other threads don't exist.
pub(super) fn forget() {
    for count in &COUNTS {
        count.0.store(0, Ordering::Relaxed);
    }
}
