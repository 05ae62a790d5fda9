//! Closing a runner, on any thread.

use std::mem;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use crate::call::on_background::on_a_thread;
use crate::context::detect;
use crate::os_thread;
use crate::report::Report;
use crate::run::runner::inner::{Inner, Open, RunnerState, lock};
use crate::run::shutdown;
use crate::runtimes::RuntimeRecord;
use crate::runtimes::build::Built;

/// How long the user's code, such as a `Drop`, may block the closing thread before other threads
/// that close the same runner stop waiting for it.
const FOR_USER_CODE: Duration = Duration::from_secs(10);

impl Inner {
    /// Closes the runner on this thread if the thread may wait for that. Otherwise another thread
    /// closes it, and then calls `elsewhere`.
    pub(in crate::run) fn close_from_here(self: &Arc<Self>, elsewhere: fn(&Report)) -> Report {
        if self.is_inherited() {
            return Report::default();
        }
        if detect::is_thread_exiting() {
            self.tracker.leave_out_this_thread();
            // Closing enters the runtime, which this thread can't do. If the system has no thread,
            // the drop of the last reference shuts the runtime down.
            return on_a_thread(|| Ok(self.close())).unwrap_or_else(|_| self.tracker.interim());
        }
        if !self.must_not_wait() {
            return self.close();
        }
        self.tracker.request_shutdown();
        let inner = Arc::clone(self);
        // If the system has no thread, the drop of the last reference shuts the runtime down.
        let _ = os_thread::start("bridgehead-close", Box::new(move || elsewhere(&inner.close())));
        self.tracker.interim()
    }

    /// Whether this thread runs async code, or is one of the threads that closing waits for.
    fn must_not_wait(&self) -> bool {
        let own = match &*self.state() {
            RunnerState::Open(open) => open.runtime.handle().id(),
            RunnerState::Closing(id) => *id,
            RunnerState::New | RunnerState::Closed(_) => return false,
        };
        detect::is_polled() || Handle::try_current().is_ok_and(|handle| handle.id() == own)
    }

    fn close(&self) -> Report {
        let mut state = self.state();
        let open = match mem::take(&mut *state) {
            RunnerState::New => {
                *state = RunnerState::Closed(Report::default());
                return Report::default();
            }
            RunnerState::Open(open) => {
                *state = RunnerState::Closing(open.runtime.handle().id());
                open
            }
            other => {
                *state = other;
                return self.wait_for_the_closer(state);
            }
        };
        drop(state);
        // This thread limits the time that closing takes. The watchdog does so only if closing was
        // requested before.
        let watchdog = lock(&self.watchdog).take();
        if let Some(watchdog) = &watchdog {
            watchdog.main_ended();
        }
        self.tracker.request_shutdown();
        let record = Arc::clone(&open.record);
        let report = if let Some(Open { runtime, .. }) = self.last_user(open, &record) {
            shutdown::close(Built::Shared(runtime), &self.tracker, &record)
        } else {
            // A future on another thread doesn't yield. That thread owns the runtime now.
            record.end();
            self.tracker.report_of_tracked()
        };
        drop(watchdog);
        *self.state() = RunnerState::Closed(report.clone());
        self.changed.notify_all();
        report
    }

    /// Waits until the futures that other threads run on the runtime have finished, or have been
    /// dropped, and returns the runtime. `None` if one of them doesn't yield: its thread then drops
    /// the runtime.
    fn last_user(&self, open: Arc<Open>, record: &RuntimeRecord) -> Option<Open> {
        let policy = &self.builder.policy;
        // Closing may have been requested before, by a signal.
        let grace = policy.grace_period.saturating_sub(self.tracker.requested_at().elapsed());
        let gone = self.users_gone(open, grace).or_else(|open| {
            self.tracker.abort_rest();
            // A future that is blocked in a call isn't dropped before the call ends.
            record.interrupt_calls();
            self.users_gone(open, policy.shutdown_timeout)
        });
        // The last user may have finished meanwhile. The runtime must be returned then: its plain
        // drop would wait for its threads without a limit.
        gone.map_or_else(Arc::into_inner, Some)
    }

    fn users_gone(&self, mut open: Arc<Open>, limit: Duration) -> Result<Open, Arc<Open>> {
        let deadline = Instant::now().checked_add(limit);
        let mut state = self.state();
        loop {
            open = match Arc::try_unwrap(open) {
                Ok(open) => return Ok(open),
                Err(open) => open,
            };
            match self.wait(state, deadline) {
                Some(next) => state = next,
                None => return Err(open),
            }
        }
    }

    /// Waits until another thread has closed the runner. The user's code may block that thread, and
    /// may itself wait for this one. So the wait ends some time after the time limits of closing,
    /// and two threads don't deadlock.
    fn wait_for_the_closer(&self, mut state: MutexGuard<'_, RunnerState>) -> Report {
        let patience = shutdown::at_most(&self.builder.policy).saturating_add(FOR_USER_CODE);
        let deadline = Instant::now().checked_add(patience);
        loop {
            if let RunnerState::Closed(report) = &*state {
                return report.clone();
            }
            match self.wait(state, deadline) {
                Some(next) => state = next,
                None => return self.tracker.interim(),
            }
        }
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, RunnerState>,
        deadline: Option<Instant>,
    ) -> Option<MutexGuard<'a, RunnerState>> {
        let left = match deadline {
            None => Duration::MAX,
            Some(deadline) => deadline.saturating_duration_since(Instant::now()),
        };
        if left.is_zero() {
            return None;
        }
        let (state, _) =
            self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        Some(state)
    }
}
