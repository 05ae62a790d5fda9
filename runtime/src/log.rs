//! Logging what no return value can carry.

use std::any::Any;
use std::fmt;
use std::io::{self, Write};

/// Logs something that was lost or is wrong: a `tracing` event where that feature is on and events
/// have a subscriber, else a message on standard error. Never panics: standard error may be closed,
/// a subscriber may be broken.
pub(crate) fn warn(what: impl fmt::Display) {
    #[cfg(feature = "tracing")]
    if events::are_seen() && events::emit(|| tracing::warn!(target: "bridgehead", "{what}")) {
        return;
    }
    print(what);
}

/// Logs on standard error, even if events have a subscriber: for a thread that unwinds, or ends.
/// Never panics.
pub(crate) fn print(what: impl fmt::Display) {
    // In one write, so that the output of other processes isn't mixed with it.
    let _ = io::stderr().write_all(format!("bridgehead: {what}\n").as_bytes());
}

/// Logs how far the closing of `run` has come, which is named by where it was started: a `tracing`
/// event, or nothing.
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

    /// A dependency may have turned the feature on in a program that has no subscriber; the message
    /// must not be lost there.
    pub(super) fn are_seen() -> bool {
        get_default(|subscriber| !subscriber.is::<NoSubscriber>())
    }

    /// False if a subscriber has panicked, perhaps while this thread unwinds already.
    pub(super) fn emit(event: impl FnOnce()) -> bool {
        panic::catch_unwind(AssertUnwindSafe(event)).is_ok()
    }
}
