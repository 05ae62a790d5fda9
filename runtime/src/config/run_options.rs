//! The options of a run that tokio's builder doesn't have.

use std::sync::Arc;
use std::time::Duration;

use crate::config::builder::Builder;
use crate::config::policy::{Handler, SignalStatus, Signals, Unhandled};
use crate::config::stalls::OnStall;
use crate::report::Failure;

impl Builder {
    /// Sets how long tasks that await [`cancelled`](crate::cancelled) may take to finish when the
    /// run closes. Default: 5 s.
    ///
    /// The shutdown may also be requested while the main future still runs: by a signal, by
    /// [`Runner::close`](crate::Runner::close) on another thread, or by a failed task. A main
    /// future that awaits `cancelled` has this time as well. Any other main future is dropped at
    /// its next `.await` at once.
    ///
    /// Calls of the run that still wait after the grace period are interrupted: a `try_sync_call!`
    /// returns [`CallError::Shutdown`](crate::CallError::Shutdown), and a `sync_call!` panics.
    pub fn grace_period(mut self, duration: Duration) -> Self {
        self.policy.grace_period = duration;
        self
    }

    /// Sets how long the run waits, after the grace period, for blocking work and for tasks that
    /// don't yield. Default: 10 s.
    pub fn shutdown_timeout(mut self, duration: Duration) -> Self {
        self.policy.shutdown_timeout = duration;
        self
    }

    /// Sets the effect on the run of a panic or an error in a task that no code awaits. Default:
    /// [`Unhandled::Report`].
    pub fn unhandled(mut self, unhandled: Unhandled) -> Self {
        self.policy.unhandled = unhandled;
        self
    }

    /// Sets a handler for panics and errors of tasks that no code awaits. It is called on the
    /// thread where the failure is detected, also while the run closes. It replaces the message on
    /// standard error. A panic of the handler is ignored.
    pub fn on_unhandled(mut self, handler: impl Fn(&Failure) + Send + Sync + 'static) -> Self {
        self.policy.handler = Some(Handler(Arc::new(handler)));
        self
    }

    /// Reports each poll of the main future, or of a task of [`spawn`](crate::spawn), that takes
    /// longer than this. The report contains the file and line where the task was spawned. The same
    /// place is reported again only for a poll that takes at least twice as long. Default: never.
    pub fn slow_poll_threshold(mut self, duration: Duration) -> Self {
        self.policy.slow_poll_threshold = Some(duration);
        self
    }

    /// Sets the time after which a waiting call checks whether it blocks a runtime, or waits for
    /// one that [makes no progress](crate::guide::stalls). Default: 1 s.
    ///
    /// A runtime makes no progress if it then runs nothing for the same time, but for at least
    /// 50 ms and at most 1 s. The option of [`configure_background`](crate::configure_background)
    /// also applies to calls in the context of runtimes that this crate did not start.
    pub fn stall_after(mut self, duration: Duration) -> Self {
        self.policy.stalls.after = duration;
        self
    }

    /// Sets what happens to a call that stalls. Default: [`OnStall::Report`], but
    /// [`OnStall::Panic`] in [`#[bridgehead::test]`](macro@crate::test).
    pub fn on_stall(mut self, on_stall: OnStall) -> Self {
        self.policy.stalls.then = on_stall;
        self
    }

    /// Sets the signals on which the run closes. Default: none, since a run in a library must not
    /// change the effect of a signal on the program.
    #[doc(alias("ctrl_c", "graceful"))]
    pub fn signals(mut self, signals: impl Into<Signals>) -> Self {
        self.policy.signals = signals.into();
        self
    }

    /// Sets the exit status of the program after a signal has closed the run. Default:
    /// [`SignalStatus::FromSignal`].
    pub fn signal_status(mut self, status: SignalStatus) -> Self {
        self.policy.signal_status = status;
        self
    }
}
