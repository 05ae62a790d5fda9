//! What the rest of the crate asks of the fiber that the thread is on.

use std::io;
use std::ops::Range;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::thread;

use tokio::runtime::{Handle, Id};

use crate::fiber::switch::{self, Shared};
use crate::runtime_guard::RuntimeGuard;

/// How many fibers have begun and not ended.
pub(crate) fn count() -> usize {
    switch::COUNT.load(Ordering::Relaxed)
}

/// What can be used of the stack of the fiber that the thread is on.
pub(crate) fn stack() -> Option<Range<usize>> {
    switch::current(|shared| shared.stack.clone())
}

/// Whether the fiber that the thread is on must not be suspended where it is. What has marked the
/// thread as its own would meet others there that don't know of each other.
///
/// `has_coop_budget` is the context's, which asks this in turn.
pub(crate) fn must_block(has_coop_budget: impl Fn() -> bool) -> bool {
    let is_in_other_hands = |shared: &Shared| {
        // Its future is being dropped, and won't be polled again.
        let is_dropped = shared.dropped.get() > 0 && !shared.unwinds.get();
        is_dropped
            || !shared.in_executor.get() && is_in_executor()
            || !shared.is_polled.get() && has_coop_budget()
    };
    // What is dropped by a panic can't be left in the middle: nothing could be dropped there any
    // more.
    thread::panicking() || switch::current(is_in_other_hands).unwrap_or(true)
}

/// Whether the fiber that the thread is on is dropped when the current runtime ends.
pub(crate) fn ends_with_runtime() -> bool {
    switch::current(|shared| shared.is_polled.get()).unwrap_or(false)
}

/// Whether the fiber that the thread is on is polled in a call on a thread that drives a
/// current-thread runtime. What tokio reports about a worker there concerns that runtime, whichever
/// is current.
pub(crate) fn is_on_driver() -> bool {
    switch::current(|shared| shared.is_on_driver.get()).unwrap_or(false)
}

/// The runtime that polls the fiber that the thread is on, or serves it.
#[inline]
pub(crate) fn runtime() -> Option<Id> {
    switch::current(|shared| shared.runtime.get()).flatten()
}

/// Makes a runtime current for the fiber that the thread is on, if there is none that runs: the one
/// that `find` gives.
#[inline]
pub(crate) fn serve(find: impl Fn() -> io::Result<Rc<Handle>>) -> io::Result<()> {
    switch::current(|shared| {
        if !shared.is_served.get() && shared.served_by.borrow().is_none() {
            let handle = find()?;
            shared.runtime.set(Some(handle.id()));
            shared.guard.set(Some(RuntimeGuard::keeping(Rc::clone(&handle))));
            shared.served_by.replace(Some(handle));
        }
        Ok(())
    })
    .unwrap_or(Ok(()))
}

/// Whether the thread is in the `block_on` of the crate futures, which refuses to nest.
pub(crate) fn is_in_executor() -> bool {
    futures_executor::enter().is_err()
}
