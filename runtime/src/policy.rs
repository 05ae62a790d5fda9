//! How a run ends, and what is told of it: what the options of [`Builder`](crate::Builder) set that tokio doesn't have.

use std::fmt;
#[cfg(feature = "fiber")]
use std::num::NonZero;
use std::sync::Arc;
#[cfg(feature = "fiber")]
use std::thread;
use std::time::Duration;

#[cfg(feature = "fiber")]
use crate::fiber::stack;
use crate::report::Failure;

/// What a failure that nobody awaits does to the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unhandled {
    /// It is told and listed in the [`Report`](crate::Report). In `#[entry]`: `"report"`, the default.
    #[default]
    Report,
    /// The run is closed as well, and the program fails. In `#[entry]`: `"fail"`.
    Fail,
}

/// What is done about a call that has waited for long, where its [runtime stands still](crate#when-a-call-holds-up-what-it-waits-for).
///
/// ```
/// use std::future::ready;
///
/// use bridgehead::{Builder, OnStall, sync_call};
///
/// // For a run, and for a call in it.
/// Builder::new().on_stall(OnStall::Panic).run(async {
///     assert_eq!(sync_call!(ready(1), on_stall = OnStall::Ignore), 1);
/// });
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnStall {
    /// It is told once, and goes on waiting. A `try_sync_call!` ends with [`CallError::Stalled`](crate::CallError::Stalled) instead if
    /// its own wait is part of what holds up the runtime that serves it. In the macros: `"report"`, the default.
    #[default]
    Report,
    /// It is given up: a `sync_call!` panics, a `try_sync_call!` ends with [`CallError::Stalled`](crate::CallError::Stalled). While the
    /// thread unwinds, a `sync_call!` is told of instead. In the macros: `"panic"`.
    Panic,
    /// Nothing. In the macros: `"ignore"`.
    Ignore,
}

/// When a call is looked at, and what is done if it stalls.
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

/// What is called for each failure that nobody awaits.
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
    /// Whether its clock need not be the system's.
    pub(crate) start_paused: bool,
    #[cfg(feature = "fiber")]
    pub(crate) fibers: Fibers,
}

/// What is set for the fibers of a run.
#[cfg(feature = "fiber")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fibers {
    /// Whether the main future is polled on one.
    pub(crate) main: bool,
    pub(crate) stack_size: usize,
    pub(crate) threads: Option<usize>,
}

#[cfg(feature = "fiber")]
impl Fibers {
    /// How many threads there may be for fibers of `spawn_fiber`.
    pub(crate) fn threads(self) -> usize {
        let cores = || thread::available_parallelism().map_or(1, NonZero::get);
        self.threads.unwrap_or_else(cores)
    }
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
            #[cfg(feature = "fiber")]
            fibers: Fibers { main: false, stack_size: stack::DEFAULT_SIZE, threads: None },
        }
    }
}

/// A signal that asks a program to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Signal {
    /// SIGINT, Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP, the terminal is gone.
    Hangup,
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::Hangup => "SIGHUP",
        })
    }
}

/// The exit status of a program whose run was closed by a [signal](crate::Builder::signals).
///
/// It is an option of [`#[entry]`](macro@crate::entry), and does nothing elsewhere: a run that does not end the program returns to its caller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignalStatus {
    /// The signal's: the process ends as the signal would have ended it, which is what a shell expects. In `#[entry]`: `"signal"`, the
    /// default.
    #[default]
    FromSignal,
    /// That of what `main` returns, if `main` awaits [`cancelled`](crate::cancelled) and returns; else the signal's. For a service whose
    /// manager takes 0 for a clean end. In `#[entry]`: `"main"`.
    FromMain,
}

/// The signals that begin to close a run: `true` for the usual ones, SIGINT and SIGTERM, `false` for none, or a list.
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
