//! The options of a call.

use std::time::Duration;

use crate::config::stalls::OnStall;

/// The options of one call.
#[derive(Debug, Clone, Copy, Default)]
#[must_use]
pub struct CallOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) stall_after: Option<Duration>,
    pub(crate) on_stall: Option<OnStall>,
    /// Whether the call is a `try_sync_call!`, which returns errors.
    pub(crate) refuses: bool,
    /// The name of the adapter, such as `iter`, that makes the call. `None` for a macro.
    pub(crate) adapter: Option<&'static str>,
}

impl CallOptions {
    /// Sets no option: those of the runtime apply.
    #[inline]
    pub const fn new() -> Self {
        Self { timeout: None, stall_after: None, on_stall: None, refuses: false, adapter: None }
    }

    /// Sets the time limit of the call.
    #[inline]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// Sets how long the call waits before it is checked for a stall.
    #[inline]
    pub fn stall_after(self, duration: Duration) -> Self {
        Self { stall_after: Some(duration), ..self }
    }

    /// Sets what happens if the call stalls.
    #[inline]
    pub fn on_stall(self, on_stall: OnStall) -> Self {
        Self { on_stall: Some(on_stall), ..self }
    }

    #[inline]
    pub(crate) const fn refusing(self) -> Self {
        Self { refuses: true, ..self }
    }

    #[inline]
    pub(crate) const fn of_adapter(self, name: &'static str) -> Self {
        Self { adapter: Some(name), ..self }
    }

    /// The name of the macro or the adapter, for reports.
    pub(crate) fn name(&self) -> &'static str {
        match (self.adapter, self.refuses) {
            (Some(name), _) => name,
            (None, true) => "try_sync_call!",
            (None, false) => "sync_call!",
        }
    }
}
