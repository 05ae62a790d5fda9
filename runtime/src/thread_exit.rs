//! Calls on a thread that is exiting. The thread-locals of std, tokio and this crate are then
//! dropped, in the reverse order of their first use.

use std::cell::Cell;
use std::panic::{self, Location};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, LocalKey};

use crate::error::CallError;
use crate::log;

thread_local! {
    static TOKIO_PARKS: Marker = const { Marker };
    // No destructors, so that both can be used while other thread-locals are being dropped.
    /// The call that the thread is in, if tokio's thread-local state was gone when the call began.
    static CALL: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
    /// Whether the cause of that call's panic has been reported.
    static IS_EXPLAINED: Cell<bool> = const { Cell::new(false) };
}

/// The destructor makes `try_with` fail once the thread-local was dropped.
struct Marker;

impl Drop for Marker {
    fn drop(&mut self) {}
}

fn is_there(marker: &'static LocalKey<Marker>) -> bool {
    marker.try_with(|_| ()).is_ok()
}

/// Whether tokio can still park the thread in the `block_on` of a multi-thread runtime, which is
/// about to be called. tokio panics if the thread-local state that it parks with is gone, which may
/// be dropped before tokio's context is.
///
/// This must be called before each `block_on`. Then the marker is first used before that state, and
/// so is dropped after it.
pub(crate) fn tokio_can_park() -> bool {
    is_there(&TOKIO_PARKS)
}

/// Begins a call on a thread whose tokio state is gone. A panic in it is most often tokio's, whose
/// message names neither the call nor a remedy. The panic hook reports the cause. A destructor
/// would not suffice: nothing unwinds with `panic = "abort"`, nor in an `atexit` handler.
#[cold]
pub(crate) fn begin_call(location: &'static Location<'static>) {
    static HAS_HOOK: AtomicBool = AtomicBool::new(false);
    CALL.set(Some(location));
    IS_EXPLAINED.set(false);
    // std panics if the hook is changed while this thread panics.
    if thread::panicking() || HAS_HOOK.swap(true, Ordering::Relaxed) {
        return;
    }
    let former = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if let Some(location) = CALL.take() {
            explain(location);
        }
        former(info);
    }));
}

/// Ends the call. If the call panics and the hook has not reported the cause, since the program has
/// replaced the hook, this reports it.
#[cold]
pub(crate) fn end_call(location: &'static Location<'static>, panics: bool) {
    CALL.set(None);
    if panics && !IS_EXPLAINED.get() {
        explain(location);
    }
}

fn explain(location: &'static Location<'static>) {
    IS_EXPLAINED.set(true);
    let error = CallError::ThreadExiting { location };
    log::print(format_args!("{error}; a future that needs tokio can't run there"));
}
