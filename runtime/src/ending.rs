//! Threads that are ending. What std, tokio and this crate keep for a thread is dropped then, in the opposite order of its first use.

use std::thread::LocalKey;

thread_local! {
    static TOKIO_PARKS: Marker = const { Marker };
}

/// Has a destructor, so that it is known when it has been dropped.
struct Marker;

impl Drop for Marker {
    fn drop(&mut self) {}
}

fn is_there(marker: &'static LocalKey<Marker>) -> bool {
    marker.try_with(|_| ()).is_ok()
}

/// Whether tokio may still park the thread in the `block_on` of a multi-thread runtime, which is about to be called. It panics where the
/// thread-local state that it parks with is gone, and that may be so before its context is.
///
/// Where this is called before each `block_on`, the marker is first used before that state is, and dropped after it.
pub(crate) fn tokio_can_park() -> bool {
    is_there(&TOKIO_PARKS)
}
