//! How a run ends, and what it reports: the options of [`Builder`](crate::Builder) that tokio
//! doesn't have.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::config::fiber::Fibers;
use crate::config::stalls::Stalls;
use crate::report::Failure;
use crate::signal::Signal;

/// The effect of a failed task that no code awaits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unhandled {
    /// The failure is reported, and listed in the [`Report`](crate::Report). In `#[entry]`:
    /// `"report"`, the default.
    #[default]
    Report,
    /// The failure is reported, and the run is closed. A program with `#[entry]` then exits with
    /// status 1. In `#[entry]`: `"fail"`.
    Fail,
}

/// The handler of failures that no code awaits.
#[derive(Clone)]
pub(crate) struct Handler(pub(crate) Arc<dyn Fn(&Failure) + Send + Sync>);

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handler")
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) grace_period: Duration,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) unhandled: Unhandled,
    pub(crate) handler: Option<Handler>,
    pub(crate) slow_poll_threshold: Option<Duration>,
    pub(crate) signals: Signals,
    pub(crate) signal_status: SignalStatus,
    pub(crate) stalls: Stalls,
    /// Whether the runtime's clock starts paused, so that it differs from the system's.
    pub(crate) start_paused: bool,
    pub(crate) fibers: Fibers,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            grace_period: Duration::from_secs(5),
            shutdown_timeout: Duration::from_secs(10),
            unhandled: Unhandled::default(),
            handler: None,
            slow_poll_threshold: None,
            signals: Signals::default(),
            signal_status: SignalStatus::default(),
            stalls: Stalls::default(),
            start_paused: false,
            fibers: Fibers::default(),
        }
    }
}

/// The exit status of a program whose run was closed by a [signal](crate::Builder::signals).
///
/// It is an option of [`#[entry]`](macro@crate::entry). It has no effect elsewhere, since other
/// runs return to their callers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignalStatus {
    /// The process is terminated by the signal itself, as a shell expects. In `#[entry]`:
    /// `"signal"`, the default.
    #[default]
    FromSignal,
    /// The status is that of the value which `main` returns, if `main` awaits
    /// [`cancelled`](crate::cancelled) and returns. Otherwise it is the signal's. This is for a
    /// service manager that expects 0 after a graceful shutdown. In `#[entry]`: `"main"`.
    FromMain,
}

/// The signals on which a run closes: `true` for the usual ones, SIGINT and SIGTERM, `false` for
/// none, or a list.
///
/// ```
/// use bridgehead::{Builder, Signal};
///
/// let usual = Builder::new().signals(true);
/// let only_ctrl_c = Builder::new().signals([Signal::Interrupt]);
/// # let _ = (usual, only_ctrl_c);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signals(pub(crate) Vec<Signal>);

impl From<bool> for Signals {
    fn from(usual: bool) -> Self {
        Self(if usual { vec![Signal::Interrupt, Signal::Terminate] } else { Vec::new() })
    }
}

impl<const N: usize> From<[Signal; N]> for Signals {
    fn from(signals: [Signal; N]) -> Self {
        Self(signals.to_vec())
    }
}
