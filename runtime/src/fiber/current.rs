//! The state of the fiber that the thread is on, for the rest of the crate.

use std::io;
use std::ops::Range;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::thread;

use tokio::runtime::{Handle, Id};

use crate::fiber::switch::{self, Shared};
use crate::runtime_guard::RuntimeGuard;

/// How many fibers have begun and haven't ended.
pub(crate) fn count() -> usize {
    switch::COUNT.load(Ordering::Relaxed)
}

/// The usable part of the stack of the fiber that the thread is on.
pub(crate) fn stack() -> Option<Range<usize>> {
    switch::current(|shared| shared.stack.clone())
}

/// Whether the fiber that the thread is on must not be suspended here: code on its stack has set
/// thread-local state, such as that of a `block_on`, which other tasks of the thread must not
/// observe.
///
/// `has_coop_budget` is a function of `context`, which imports this module, and so is passed in.
pub(crate) fn must_block(has_coop_budget: impl Fn() -> bool) -> bool {
    let is_in_other_hands = |shared: &Shared| {
        // The fiber's future is being dropped, and won't be polled again.
        let is_dropped = shared.dropped.get() > 0 && !shared.unwinds.get();
        is_dropped
            || !shared.in_executor.get() && is_in_executor()
            || !shared.is_polled.get() && has_coop_budget()
    };
    // A destructor that runs during a panic must not be suspended: the fiber could not be unwound
    // from there, and its values could not be dropped any more.
    thread::panicking() || switch::current(is_in_other_hands).unwrap_or(true)
}

/// Whether the fiber that the thread is on is dropped when the current runtime ends.
pub(crate) fn ends_with_runtime() -> bool {
    switch::current(|shared| shared.is_polled.get()).unwrap_or(false)
}

/// Whether the fiber that the thread is on is polled in a call on a thread that drives a
/// current-thread runtime. `worker_index` is then set by that runtime, whichever runtime is
/// current.
pub(crate) fn is_on_driver() -> bool {
    switch::current(|shared| shared.is_on_driver.get()).unwrap_or(false)
}

/// The runtime that polls the fiber that the thread is on, or was made current for it.
#[inline]
pub(crate) fn runtime() -> Option<Id> {
    switch::current(|shared| shared.runtime.get()).flatten()
}

/// Makes the runtime that `find` returns current for the fiber that the thread is on, unless a
/// runtime that runs is current already.
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

/// Whether the thread is in the `block_on` of the crate `futures`, which can't be nested.
pub(crate) fn is_in_executor() -> bool {
    futures_executor::enter().is_err()
}
