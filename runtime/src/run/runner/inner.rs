//! The runtime of a runner: it is built once, used by any number of threads, and shut down when
//! none of them uses it any more.

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

/// How long the user's code, such as a `Drop`, may block the closing thread before other threads
/// that close the same runner stop waiting for it.
const FOR_USER_CODE: Duration = Duration::from_secs(10);

/// The state that a runner shares with the thread that closes it.
pub(in crate::run) struct Inner {
    pub(super) builder: Builder,
    pub(super) tracker: Arc<Tracker>,
    /// The record of the runtime, once it is built. It is read before `state` is locked: in a
    /// forked child, the lock may be held by a thread that doesn't exist there.
    record: OnceLock<Arc<RuntimeRecord>>,
    state: Mutex<RunnerState>,
    /// `Some` from when the runtime is built until it is closed.
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

/// A use of the runtime, for instance by a run or a call. The runtime isn't shut down while there
/// is one.
pub(super) struct User<'a> {
    /// `None` once this is being dropped.
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
        // Under the lock, so that the thread that waits for the last user doesn't miss the
        // notification.
        let state = self.inner.state();
        let left_over = self.open.take().and_then(Arc::into_inner);
        self.inner.changed.notify_all();
        drop(state);
        // The closing thread has abandoned this run, since its future didn't yield. So no other
        // thread shuts the runtime down.
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

    /// A former background runtime, which is closed like a runner.
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

    /// Whether this is a forked child and the runtime belongs to its parent. Waiting for that
    /// runtime would never end, and tokio's locks may be held by threads that don't exist.
    fn is_inherited(&self) -> bool {
        self.record.get().is_some_and(|record| record.is_inherited())
    }

    /// Whether there is a runtime that is not closed yet.
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

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("builder", &self.builder).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    /// Shuts the runtime down if it wasn't closed, since the system had no thread for that.
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
            // This thread may run async code, where the plain drop of a runtime panics.
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
