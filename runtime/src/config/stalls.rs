//! When calls are checked, and what happens if they stall.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// What happens to a call that has waited for a long time while its [runtime makes no
/// progress](crate::guide::stalls).
///
/// ```
/// use std::future::ready;
///
/// use bridgehead::{Builder, OnStall, sync_call};
///
/// // The option of a run, and that of a call in it.
/// Builder::new().on_stall(OnStall::Panic).run(async {
///     assert_eq!(sync_call!(ready(1), on_stall = OnStall::Ignore), 1);
/// });
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnStall {
    /// The stall is reported once, and the call goes on waiting. A `try_sync_call!` returns
    /// [`CallError::Stalled`](crate::CallError::Stalled) instead if its own wait blocks the runtime
    /// that serves it. In the macros: `"report"`, the default.
    #[default]
    Report,
    /// The call stops waiting: a `sync_call!` panics, a `try_sync_call!` returns
    /// [`CallError::Stalled`](crate::CallError::Stalled). While the thread unwinds, a `sync_call!`
    /// reports the stall instead. In the macros: `"panic"`.
    Panic,
    /// Nothing happens. In the macros: `"ignore"`.
    Ignore,
}

/// When a call is checked, and what happens if it stalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stalls {
    pub(crate) after: Duration,
    pub(crate) then: OnStall,
}

impl Default for Stalls {
    fn default() -> Self {
        Self { after: Duration::from_secs(1), then: OnStall::default() }
    }
}

/// The shortest `stall_after` of any runtime so far, in milliseconds. The first check of a call is
/// due after this time, and then looks up the `stall_after` that applies to the call.
static SHORTEST: AtomicU64 = AtomicU64::new(1000);

/// Whether some runtime has a `stall_after` or `on_stall` of its own.
pub(crate) static IS_SET: AtomicBool = AtomicBool::new(false);

/// Records the options of a runtime, so that the first check of its calls is early enough.
pub(crate) fn expect(stalls: Stalls) {
    let after = u64::try_from(stalls.after.as_millis()).unwrap_or(u64::MAX);
    SHORTEST.fetch_min(after.max(1), Ordering::Relaxed);
    IS_SET.fetch_or(stalls != Stalls::default(), Ordering::Relaxed);
}

/// The time after which a call is first checked, unless it has a `stall_after` of its own.
pub(crate) fn first_check() -> Duration {
    Duration::from_millis(SHORTEST.load(Ordering::Relaxed))
}
