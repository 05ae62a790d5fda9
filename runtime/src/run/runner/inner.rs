//! The runtime of a runner: built once, used by many, and shut down when the last of them is done.

use std::fmt;
use std::mem;
use std::panic::Location;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, Id, Runtime};

use crate::call::on_background::on_a_thread;
use crate::config::builder::Builder;
use crate::context::detect;
use crate::error::RunError;
use crate::os_thread;
use crate::report::Report;
use crate::run::shutdown;
use crate::run::watchdog::Watchdog;
use crate::runtimes::backgrounds::Background;
use crate::runtimes::build::Built;
use crate::runtimes::{self, RuntimeRecord};
use crate::task::tracker::Tracker;

/// How long code of the user's, such as a `Drop`, may block the thread that closes, before others
/// that close return without it.
const FOR_USER_CODE: Duration = Duration::from_secs(10);

/// What a runner shares with a thread that closes it.
pub(in crate::run) struct Inner {
    pub(super) builder: Builder,
    pub(super) tracker: Arc<Tracker>,
    /// What is known of the runtime, from when it is built. A forked child looks here first: it may
    /// have inherited the lock from a thread that doesn't exist there.
    record: OnceLock<Arc<RuntimeRecord>>,
    state: Mutex<RunnerState>,
    /// From when the runtime is built until it is closed.
    watchdog: Mutex<Option<Watchdog>>,
    /// Notified when a user of the runtime has finished, and when the runner is closed.
    changed: Condvar,
}

#[derive(Default)]
enum RunnerState {
    #[default]
    New,
    Open(Arc<Open>),
    Closing(Id),
    Closed(Report),
}

struct Open {
    runtime: Runtime,
    record: Arc<RuntimeRecord>,
}

/// Somebody who uses the runtime, which isn't shut down before they have done so.
pub(super) struct User<'a> {
    /// Until it is dropped.
    open: Option<Arc<Open>>,
    inner: &'a Inner,
}

impl User<'_> {
    pub(super) fn runtime(&self) -> &Runtime {
        &self.open().runtime
    }

    pub(super) fn record(&self) -> &RuntimeRecord {
        &self.open().record
    }

    fn open(&self) -> &Open {
        match &self.open {
            Some(open) => open,
            None => unreachable!("it is taken out when it is dropped"),
        }
    }
}

impl Drop for User<'_> {
    fn drop(&mut self) {
        if self.inner.is_inherited() {
            mem::forget(self.open.take());
            return;
        }
        // Under the lock, so that who waits for the last user doesn't miss it.
        let state = self.inner.state();
        let left_over = self.open.take().and_then(Arc::into_inner);
        self.inner.changed.notify_all();
        drop(state);
        // The closing thread has abandoned this run, whose future didn't yield. No thread waits for
        // the runtime any more.
        if let Some(Open { runtime, .. }) = left_over {
            runtime.shutdown_background();
        }
    }
}

impl Inner {
    pub(super) fn new(builder: Builder, location: &'static Location<'static>) -> Arc<Self> {
        let tracker = Tracker::new(builder.policy.clone(), location);
        let (state, changed) = (Mutex::default(), Condvar::new());
        Arc::new(Self {
            builder,
            tracker,
            record: OnceLock::new(),
            state,
            watchdog: Mutex::default(),
            changed,
        })
    }

    /// What was the background runtime, to be closed as a runner is.
    pub(in crate::run) fn of_background(background: Background) -> Arc<Self> {
        let Background { runtime, builder, record } = background;
        Arc::new(Self {
            builder,
            tracker: Arc::clone(record.tracker()),
            record: OnceLock::from(Arc::clone(&record)),
            state: Mutex::new(RunnerState::Open(Arc::new(Open { runtime, record }))),
            // There is no main future to be watched.
            watchdog: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// Whether its runtime belongs to the parent of a forked child. A wait for that would never
    /// end, and tokio's locks may be held by threads that don't exist.
    fn is_inherited(&self) -> bool {
        self.record.get().is_some_and(|record| record.is_inherited())
    }

    /// Whether it has a runtime that is not closed yet.
    pub(super) fn has_runtime(&self) -> bool {
        !self.is_inherited() && !matches!(*self.state(), RunnerState::New | RunnerState::Closed(_))
    }

    fn state(&self) -> MutexGuard<'_, RunnerState> {
        lock(&self.state)
    }

    pub(super) fn open(&self, location: &'static Location<'static>) -> Result<User<'_>, RunError> {
        if self.is_inherited() {
            return Err(RunError::Closed { location });
        }
        let mut state = self.state();
        let open = match &*state {
            RunnerState::Open(open) => Arc::clone(open),
            RunnerState::Closing(_) | RunnerState::Closed(_) => {
                return Err(RunError::Closed { location });
            }
            RunnerState::New if detect::is_thread_exiting() => {
                return Err(RunError::ThreadExiting { location });
            }
            RunnerState::New => {
                let checked = self.builder.check_threads();
                let runtime = match checked.and_then(|()| self.builder.build_for(&self.tracker)) {
                    Ok(Built::Shared(runtime)) => runtime,
                    Ok(Built::Local(_)) => return Err(local_is_not_shared(location)),
                    Err(source) => return Err(RunError::Build { source, location }),
                };
                let record = runtimes::register(runtime.handle(), &self.tracker, &self.builder);
                let record = Arc::clone(self.record.get_or_init(|| record));
                *lock(&self.watchdog) = Some(Watchdog::new(&self.tracker, &record, None));
                let open = Arc::new(Open { runtime, record });
                *state = RunnerState::Open(Arc::clone(&open));
                open
            }
        };
        Ok(User { open: Some(open), inner: self })
    }

    /// Closes here if this thread may wait for it, else on a thread that then calls `elsewhere`.
    pub(in crate::run) fn close_from_here(self: &Arc<Self>, elsewhere: fn(&Report)) -> Report {
        if self.is_inherited() {
            return Report::default();
        }
        if detect::is_thread_exiting() {
            self.tracker.leave_out_this_thread();
            // Closing enters the runtime. Where there is no thread for that, the drop of the last
            // reference has to do.
            return on_a_thread(|| Ok(self.close())).unwrap_or_else(|_| self.tracker.interim());
        }
        if !self.must_not_wait() {
            return self.close();
        }
        self.tracker.request_shutdown();
        let inner = Arc::clone(self);
        // Where there is no thread to be had, the drop of the last reference has to do.
        let _ = os_thread::start("bridgehead-close", Box::new(move || elsewhere(&inner.close())));
        self.tracker.interim()
    }

    /// Whether this thread runs async code, or is one of those that closing waits for.
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
        // Unless closing was requested before, this thread keeps the time.
        let watchdog = lock(&self.watchdog).take();
        if let Some(watchdog) = &watchdog {
            watchdog.main_ended();
        }
        self.tracker.request_shutdown();
        let record = Arc::clone(&open.record);
        let report = if let Some(Open { runtime, .. }) = self.last_user(open, &record) {
            shutdown::close(Built::Shared(runtime), &self.tracker, &record)
        } else {
            // Somebody's future doesn't yield. The runtime is theirs now.
            record.end();
            self.tracker.report_of_tracked()
        };
        drop(watchdog);
        *self.state() = RunnerState::Closed(report.clone());
        self.changed.notify_all();
        report
    }

    /// The runtime, when the futures that are run on it on other threads have finished, or have
    /// been dropped. `None` if one doesn't yield: the runtime is then dropped by its thread.
    fn last_user(&self, open: Arc<Open>, record: &RuntimeRecord) -> Option<Open> {
        let policy = &self.builder.policy;
        // It may have been asked to close before, by a signal.
        let grace = policy.grace_period.saturating_sub(self.tracker.requested_at().elapsed());
        let gone = self.users_gone(open, grace).or_else(|open| {
            self.tracker.abort_rest();
            // A future that is blocked in a call isn't dropped before the call ends.
            record.interrupt_calls();
            self.users_gone(open, policy.shutdown_timeout)
        });
        // The last one may have left since. A runtime that is merely dropped waits for its threads
        // without limit.
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

    /// Another thread closes already, and this one waits until that is over. Should the two wait
    /// for each other, both go on in the end: code of the user's that blocks the closing thread for
    /// long after all of its time limits is not waited for.
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

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("builder", &self.builder).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    /// If it wasn't closed, since there was no thread for that.
    fn drop(&mut self) {
        let is_inherited = self.is_inherited();
        let state = mem::take(self.state.get_mut().unwrap_or_else(PoisonError::into_inner));
        if is_inherited {
            mem::forget(state);
        } else if let RunnerState::Open(open) = state
            && let Some(Open { runtime, record }) = Arc::into_inner(open)
        {
            self.tracker.request_shutdown();
            self.tracker.abort_rest();
            record.end();
            // This thread may run async code, where a runtime that is merely dropped panics.
            runtime.shutdown_background();
            shutdown::report_losses(&self.tracker.report_of_tracked());
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn local_is_not_shared(location: &'static Location<'static>) -> RunError {
    let what = "the flavor \"local\" belongs to one thread; use `Builder::run` or `#[entry]`, or the flavor \"current_thread\"";
    RunError::Build {
        source: std::io::Error::new(std::io::ErrorKind::InvalidInput, what),
        location,
    }
}
