//! Log messages, for what no function can return.

use std::any::Any;
use std::fmt;
use std::io::{self, Write};

/// Logs a warning: as a `tracing` event if that feature is on and the thread has a subscriber,
/// otherwise on standard error. This never panics, even if standard error is closed or the
/// subscriber panics.
pub(crate) fn warn(what: impl fmt::Display) {
    #[cfg(feature = "tracing")]
    if events::are_seen() && events::emit(|| tracing::warn!(target: "bridgehead", "{what}")) {
        return;
    }
    print(what);
}

/// Logs on standard error, even if the thread has a subscriber. This is for threads that are
/// unwinding or ending. It never panics.
pub(crate) fn print(what: impl fmt::Display) {
    // There is only one write, so that the output of other processes isn't mixed with the message.
    let _ = io::stderr().write_all(format!("bridgehead: {what}\n").as_bytes());
}

/// Logs a phase of closing a run as a `tracing` event. `run` is the place where the run was
/// started. Without the feature `tracing`, nothing is logged.
pub(crate) fn phase(run: impl fmt::Display, what: &str) {
    #[cfg(feature = "tracing")]
    events::emit(|| tracing::debug!(target: "bridgehead", %run, "{what}"));
    #[cfg(not(feature = "tracing"))]
    let _ = (run, what);
}

/// The message of a panic.
pub(crate) fn panic_message(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a payload that is no text".to_owned())
}

#[cfg(feature = "tracing")]
mod events {
    use std::panic::{self, AssertUnwindSafe};

    use tracing::dispatcher::get_default;
    use tracing::subscriber::NoSubscriber;

    /// Whether the thread has a subscriber. A dependency may have enabled the feature in a program
    /// without one, where the message must not be lost.
    pub(super) fn are_seen() -> bool {
        get_default(|subscriber| !subscriber.is::<NoSubscriber>())
    }

    /// Returns `false` if the subscriber panicked. The panic is caught, since this thread may be
    /// unwinding already.
    pub(super) fn emit(event: impl FnOnce()) -> bool {
        panic::catch_unwind(AssertUnwindSafe(event)).is_ok()
    }
}
