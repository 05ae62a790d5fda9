//! Threads that are ending. What std, tokio and this crate keep for a thread is dropped then, in
//! the opposite order of its first use.

use std::cell::Cell;
use std::panic::{self, Location};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, LocalKey};

use crate::error::CallError;
use crate::log;

thread_local! {
    static TOKIO_PARKS: Marker = const { Marker };
    // No destructor, see `runtimes`.
    /// The call that the thread is in, made where tokio's thread-local state is gone.
    static CALL: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
    /// Whether the panic of that call has been explained.
    static IS_EXPLAINED: Cell<bool> = const { Cell::new(false) };
}

/// Has a destructor, so that it is known when it has been dropped.
struct Marker;

impl Drop for Marker {
    fn drop(&mut self) {}
}

fn is_there(marker: &'static LocalKey<Marker>) -> bool {
    marker.try_with(|_| ()).is_ok()
}

/// Whether tokio may still park the thread in the `block_on` of a multi-thread runtime, which is
/// about to be called. It panics where the thread-local state that it parks with is gone, and that
/// may be so before its context is.
///
/// Where this is called before each `block_on`, the marker is first used before that state is, and
/// dropped after it.
pub(crate) fn tokio_can_park() -> bool {
    is_there(&TOKIO_PARKS)
}

/// Begins a call where tokio's thread-local state is gone. A panic in it is most often tokio's, and
/// names neither the call nor the remedy. It is explained in the panic hook, since nothing unwinds
/// with `panic = "abort"`, nor in an `atexit` handler.
#[cold]
pub(crate) fn begin_call(location: &'static Location<'static>) {
    static HAS_HOOK: AtomicBool = AtomicBool::new(false);
    CALL.set(Some(location));
    IS_EXPLAINED.set(false);
    // std refuses to change the hook while this thread panics.
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

/// Ends it. While the thread unwinds, reports why, if the hook was replaced and hasn't.
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
