//! The options of a run that tokio doesn't have.

use std::sync::Arc;
use std::time::Duration;

use crate::config::builder::Builder;
use crate::config::policy::{Handler, SignalStatus, Signals, Unhandled};
use crate::config::stalls::OnStall;
use crate::report::Failure;

impl Builder {
    /// How long tasks that await [`cancelled`](crate::cancelled) are given to finish when the run closes. Default: 5 s.
    ///
    /// When closing is requested while the main future still runs (by a signal, by [`Runner::close`](crate::Runner::close) on another
    /// thread, or by a task that failed), the main future has this time as well. After it the main future is dropped at its next `.await`,
    /// and calls of the run that still wait are interrupted: [`CallError::Shutdown`](crate::CallError::Shutdown), or for a `sync_call!` a panic.
    pub fn grace_period(mut self, duration: Duration) -> Self {
        self.policy.grace_period = duration;
        self
    }

    /// How long blocking work, and whatever else doesn't yield, is waited for after that. Default: 10 s.
    pub fn shutdown_timeout(mut self, duration: Duration) -> Self {
        self.policy.shutdown_timeout = duration;
        self
    }

    /// What a panic, or an error, of a task that nobody awaits does to the run. Default: [`Unhandled::Report`].
    pub fn unhandled(mut self, unhandled: Unhandled) -> Self {
        self.policy.unhandled = unhandled;
        self
    }

    /// Is called with each such panic or error, on the thread where it happens, also while the run closes; instead of the message
    /// on standard error. A handler that panics is ignored.
    pub fn on_unhandled(mut self, handler: impl Fn(&Failure) + Send + Sync + 'static) -> Self {
        self.policy.handler = Some(Handler(Arc::new(handler)));
        self
    }

    /// Tells when the main future, or a task of [`spawn`](crate::spawn), is polled for longer than this at once: its place, once,
    /// and again only for twice the time. Default: never.
    pub fn slow_poll_threshold(mut self, duration: Duration) -> Self {
        self.policy.slow_poll_threshold = Some(duration);
        self
    }

    /// After what time a call that waits is looked at, to see whether it holds up a runtime, or waits for one that
    /// [stands still](crate::guide::stalls). Default: 1 s.
    ///
    /// A runtime stands still if it runs nothing for that time again, but at least for 50 ms and at most for 1 s. For
    /// [`configure_background`](crate::configure_background) it is set for calls in the context of runtimes that are not this crate's, too.
    pub fn stall_after(mut self, duration: Duration) -> Self {
        self.policy.stalls.after = duration;
        self
    }

    /// What is done about a call that stalls. Default: [`OnStall::Report`], but [`OnStall::Panic`] in
    /// [`#[bridgehead::test]`](macro@crate::test).
    pub fn on_stall(mut self, on_stall: OnStall) -> Self {
        self.policy.stalls.then = on_stall;
        self
    }

    /// Which signals begin to close the run. Default: none, since a library's run must not change what a signal does to the program.
    #[doc(alias("ctrl_c", "graceful"))]
    pub fn signals(mut self, signals: impl Into<Signals>) -> Self {
        self.policy.signals = signals.into();
        self
    }

    /// Which exit status the program has when a signal has closed the run. Default: [`SignalStatus::FromSignal`].
    pub fn signal_status(mut self, status: SignalStatus) -> Self {
        self.policy.signal_status = status;
        self
    }
}
