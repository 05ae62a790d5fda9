//! The options of a run that tokio's builder doesn't have.

use std::sync::Arc;
use std::time::Duration;

use crate::config::builder::Builder;
use crate::config::policy::{Handler, SignalStatus, Signals, Unhandled};
use crate::config::stalls::OnStall;
use crate::report::Failure;

impl Builder {
    /// Sets how long tasks that await [`cancelled`](crate::cancelled) may take to finish after the
    /// [shutdown](crate::guide::shutdown) of the run has begun. Default: 5 s.
    ///
    /// The shutdown may begin while the main future still runs: because of a signal, a failed task,
    /// or a [`Runner::close`](crate::Runner::close) on another thread. If the main future awaits
    /// `cancelled`, it has this time as well. Otherwise it is dropped at its next `.await`. Calls
    /// of the run that still wait after this time end without a value: a `try_sync_call!` returns
    /// [`CallError::Shutdown`](crate::CallError::Shutdown), and a `sync_call!` panics.
    pub fn grace_period(mut self, duration: Duration) -> Self {
        self.policy.grace_period = duration;
        self
    }

    /// Sets how long the shutdown of the run waits, after the grace period, for blocking work and
    /// for tasks that don't yield. What still runs then is abandoned, and listed in
    /// [`Report::abandoned`](crate::Report::abandoned). Default: 10 s.
    pub fn shutdown_timeout(mut self, duration: Duration) -> Self {
        self.policy.shutdown_timeout = duration;
        self
    }

    /// Sets what the run does if a task that no code awaits panics or returns an error. Default:
    /// [`Unhandled::Report`].
    pub fn unhandled(mut self, unhandled: Unhandled) -> Self {
        self.policy.unhandled = unhandled;
        self
    }

    /// Sets a handler for panics and errors of tasks that no code awaits. The handler replaces the
    /// message on standard error. It is called on the thread where the failure is detected, also
    /// during the shutdown. A panic of the handler is ignored.
    pub fn on_unhandled(mut self, handler: impl Fn(&Failure) + Send + Sync + 'static) -> Self {
        self.policy.handler = Some(Handler(Arc::new(handler)));
        self
    }

    /// Sets after how long a poll of the main future, or of a task of [`spawn`](crate::spawn), is
    /// reported. The report contains the file and line where the task was spawned. For the same
    /// file and line, the next report comes only if a poll takes at least twice as long. Default:
    /// never.
    pub fn slow_poll_threshold(mut self, duration: Duration) -> Self {
        self.policy.slow_poll_threshold = Some(duration);
        self
    }

    /// Sets how long a `sync_call!` or `try_sync_call!` waits before it checks for a
    /// [stall](crate::guide::stalls): whether the runtime that serves it, or the runtime whose
    /// thread it blocks, makes no progress. Default: 1 s.
    ///
    /// For the check, the call watches these runtimes for the same duration, but for at least 50 ms
    /// and at most 1 s. A runtime makes no progress if it runs no task in this time.
    ///
    /// If you set this option with [`configure_background`](crate::configure_background), it also
    /// applies to calls on runtimes that this crate did not start.
    pub fn stall_after(mut self, duration: Duration) -> Self {
        self.policy.stalls.after = duration;
        self
    }

    /// Sets what happens if a call [stalls](crate::guide::stalls). Default: [`OnStall::Report`]. In
    /// [`#[bridgehead::test]`](macro@crate::test) the default is [`OnStall::Panic`].
    pub fn on_stall(mut self, on_stall: OnStall) -> Self {
        self.policy.stalls.then = on_stall;
        self
    }

    /// Sets the signals that begin the [shutdown](crate::guide::shutdown) of the run. Default:
    /// none, since a run in a library must not change the effect of a signal on the program.
    #[doc(alias("ctrl_c", "graceful"))]
    pub fn signals(mut self, signals: impl Into<Signals>) -> Self {
        self.policy.signals = signals.into();
        self
    }

    /// Sets the exit status of the program if a signal has begun the shutdown of the run. Default:
    /// [`SignalStatus::FromSignal`].
    pub fn signal_status(mut self, status: SignalStatus) -> Self {
        self.policy.signal_status = status;
        self
    }
}
