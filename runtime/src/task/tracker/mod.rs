//! Tracks what a run has started, until it ends, and records how it ended.

pub(crate) mod entries;
mod shutdown;
mod waiting;

use std::collections::HashMap;
use std::fmt;
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::config::policy::{Policy, Unhandled};
use crate::log;
use crate::report::{Failure, Kind, Report};
use crate::signal::Signal;
use crate::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use crate::sync::{Mutex, MutexGuard, PoisonError};
use crate::task::fiber::threads::FiberThreads;
use crate::task::table::{Polled, Table};
use crate::task::threads::Threads;
use crate::task::token::Token;

/// The tasks, fibers and blocking work that were started in one run.
#[derive(Debug)]
pub(crate) struct Tracker {
    policy: Policy,
    begun: Instant,
    started: &'static Location<'static>,
    is_background: bool,
    phase: AtomicU8,
    shutdown_token: Token,
    requested_at: OnceLock<Instant>,
    /// The function to call when closing is requested.
    on_shutdown: Mutex<Option<OnShutdown>>,
    /// Whether the wait for the end of the run has been reported.
    wait_reported: AtomicBool,
    signal: Mutex<Option<Signal>>,
    failed: AtomicBool,
    /// The threads of the runtime.
    threads: Threads,
    tracked: Table,
    /// Whether plain tokio tasks have awaited `cancelled()`. Their end can't be detected, so they
    /// have no entries.
    has_graceful_untracked: AtomicBool,
    /// Notified when a task has finished while the run closes.
    changed: Notify,
    report: Mutex<Report>,
    /// The threads of `spawn_fiber`.
    fibers: FiberThreads,
    /// The longest poll that was reported, by place.
    slow: Mutex<HashMap<&'static Location<'static>, Duration>>,
}

/// The function to call when closing is requested.
struct OnShutdown(Box<dyn FnOnce() + Send>);

impl fmt::Debug for OnShutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnShutdown")
    }
}

/// The phases of closing, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Phase {
    Open,
    /// Tasks that await `cancelled()` go on. All others are dropped.
    Requested,
    /// All tasks are dropped.
    Dropping,
}

impl Tracker {
    pub(crate) fn new(policy: Policy, started: &'static Location<'static>) -> Arc<Self> {
        Arc::new(Self::with(policy, started, false))
    }

    /// The tracker of the background runtime. Its place is a placeholder: messages name that
    /// runtime, and not the call that happened to start it, see `subject`.
    pub(crate) fn of_background(policy: Policy) -> Arc<Self> {
        Arc::new(Self::with(policy, Location::caller(), true))
    }

    fn with(policy: Policy, started: &'static Location<'static>, is_background: bool) -> Self {
        Self {
            policy,
            begun: Instant::now(),
            started,
            is_background,
            phase: AtomicU8::new(Phase::Open as u8),
            shutdown_token: Token::default(),
            requested_at: OnceLock::new(),
            on_shutdown: Mutex::default(),
            wait_reported: AtomicBool::new(false),
            signal: Mutex::new(None),
            failed: AtomicBool::new(false),
            threads: Threads::default(),
            tracked: Table::default(),
            has_graceful_untracked: AtomicBool::new(false),
            changed: Notify::new(),
            report: Mutex::new(Report { of_background: is_background, ..Report::default() }),
            fibers: FiberThreads::default(),
            slow: Mutex::default(),
        }
    }

    #[inline]
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(crate) fn started(&self) -> &'static Location<'static> {
        self.started
    }

    /// The subject of a message about the run.
    pub(crate) fn subject(&self) -> String {
        if self.is_background {
            self.name()
        } else {
            format!("the run started at {}", self.started)
        }
    }

    /// The name of the run, for the log.
    pub(crate) fn name(&self) -> String {
        if self.is_background {
            "the background runtime".to_owned()
        } else {
            self.started.to_string()
        }
    }

    pub(crate) fn begun(&self) -> Instant {
        self.begun
    }

    /// The number of entries of this kind, which have not ended.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.tracked.count(&[kind])
    }

    pub(crate) fn fibers(&self) -> &FiberThreads {
        &self.fibers
    }

    #[inline]
    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::Open,
            1 => Phase::Requested,
            _ => Phase::Dropping,
        }
    }

    /// The token that is cancelled when the run begins to close.
    pub(crate) fn shutdown_requested(&self) -> &Token {
        &self.shutdown_token
    }

    pub(crate) fn threads(&self) -> &Threads {
        &self.threads
    }

    pub(crate) fn thread_started(&self) {
        self.threads.started();
    }

    pub(crate) fn thread_stopped(&self) {
        self.threads.stopped();
    }

    /// Excludes this thread, and the task that it polls, from what the end of the run waits for.
    /// The thread waits for that end itself, for instance in an `atexit` handler after a task has
    /// called `exit`.
    pub(crate) fn leave_out_this_thread(&self) {
        if self.threads.stopped()
            && let Some((run, key)) = Polled::current()
            && run == self.address()
        {
            let polled = self.tracked.remove(key);
            // The entry is dropped outside of the lock.
            drop(polled);
            self.changed.notify_waiters();
        }
    }

    fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u32 {
        u32::try_from(self.begun.elapsed().as_millis()).unwrap_or(u32::MAX)
    }

    /// The address that identifies the tracker in [`Polled`].
    #[inline]
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Records a failure that no code awaits.
    pub(crate) fn fail(&self, failure: Failure) {
        let reported = failure.clone();
        self.report().add(failure);
        match &self.policy.handler {
            // A panic of the handler is ignored.
            Some(handler) => {
                let _ = panic::catch_unwind(AssertUnwindSafe(|| (handler.0)(&reported)));
            }
            None => log::warn(&reported),
        }
        if self.policy.unhandled == Unhandled::Fail {
            self.failed.store(true, Ordering::Release);
            self.request_shutdown();
        }
    }

    /// Whether a task has failed whose failure is to fail the program.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Records the signal, and begins to close the run.
    pub(crate) fn interrupt(&self, signal: Signal) {
        self.signal.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(signal);
        self.request_shutdown();
    }

    pub(crate) fn signal(&self) -> Option<Signal> {
        *self.signal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
