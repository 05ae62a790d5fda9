//! The runtime of a runner: it is built once, used by any number of threads, and shut down when
//! none of them uses it any more.

use std::fmt;
use std::mem;
use std::panic::Location;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::runtime::{Id, Runtime};

use crate::config::builder::Builder;
use crate::context::detect;
use crate::error::RunError;
use crate::report::Report;
use crate::run::shutdown;
use crate::run::watchdog::Watchdog;
use crate::runtimes::backgrounds::Background;
use crate::runtimes::build::Built;
use crate::runtimes::{self, RuntimeRecord};
use crate::task::tracker::Tracker;

/// The state that a runner shares with the thread that closes it.
pub(in crate::run) struct Inner {
    pub(super) builder: Builder,
    pub(super) tracker: Arc<Tracker>,
    /// The record of the runtime, once it is built. It is read before `state` is locked: in a
    /// forked child, the lock may be held by a thread that doesn't exist there.
    record: OnceLock<Arc<RuntimeRecord>>,
    state: Mutex<RunnerState>,
    /// `Some` from when the runtime is built until it is closed.
    pub(super) watchdog: Mutex<Option<Watchdog>>,
    /// Notified when a user of the runtime has finished, and when the runner is closed.
    pub(super) changed: Condvar,
}

#[derive(Default)]
pub(super) enum RunnerState {
    #[default]
    New,
    Open(Arc<Open>),
    Closing(Id),
    Closed(Report),
}

pub(super) struct Open {
    pub(super) runtime: Runtime,
    pub(super) record: Arc<RuntimeRecord>,
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
    pub(super) fn is_inherited(&self) -> bool {
        self.record.get().is_some_and(|record| record.is_inherited())
    }

    /// Whether there is a runtime that is not closed yet.
    pub(super) fn has_runtime(&self) -> bool {
        !self.is_inherited() && !matches!(*self.state(), RunnerState::New | RunnerState::Closed(_))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, RunnerState> {
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

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn local_is_not_shared(location: &'static Location<'static>) -> RunError {
    let what = "the flavor \"local\" belongs to one thread; use `Builder::run` or `#[entry]`, or the flavor \"current_thread\"";
    RunError::Build {
        source: std::io::Error::new(std::io::ErrorKind::InvalidInput, what),
        location,
    }
}
