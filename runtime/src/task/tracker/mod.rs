//! Tracks what a run has started, until it ends, and records how it ended.

mod shutdown;
mod waiting;

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::{Arc, OnceLock};
use std::task::Waker;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::config::policy::{Policy, Unhandled};
use crate::log::{self, panic_message};
use crate::report::{Failure, Kind, Leftover, Report};
use crate::signal::Signal;
use crate::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use crate::sync::{Mutex, MutexGuard, PoisonError};
use crate::task::fiber::threads::FiberThreads;
use crate::task::table::{Check, Entry, Key, Polled, Table};
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

/// Whether a task is polled or dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    Poll,
    Drop,
}

/// How a task, a fiber or blocking work has ended.
pub(crate) enum End<'a> {
    /// It returned this output, if the output can be inspected.
    Done(Option<&'a dyn Any>),
    /// It panicked with this payload.
    Panicked(&'a (dyn Any + Send)),
    /// It was dropped.
    Dropped,
}

impl Tracker {
    pub(crate) fn new(policy: Policy, started: &'static Location<'static>) -> Arc<Self> {
        Arc::new(Self::with(policy, started, false))
    }

    /// The tracker of the background runtime. The place is of no use, since the first call that
    /// needs that runtime starts it.
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

    /// Adds an entry for something that is started, and returns its key.
    pub(crate) fn enter(&self, kind: Kind, location: &'static Location<'static>) -> Key {
        // Reading the clock takes longer than all the rest, and many tasks never wait.
        let at = (kind != Kind::Task).then(|| self.now());
        self.tracked.insert(kind, location, at)
    }

    fn now(&self) -> u32 {
        u32::try_from(self.begun.elapsed().as_millis()).unwrap_or(u32::MAX)
    }

    /// The address that identifies the tracker in [`Polled`].
    #[inline]
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Records the task's waker, and returns whether the task may be polled at all.
    pub(crate) fn admit(&self, key: Key, waker: &Waker) -> Admission {
        // Outside of the lock: reading the clock takes longer than all the rest.
        let now = self.now();
        let mut shard = self.tracked.shard_of(key);
        let Some(entry) = shard.get(key) else { return Admission::Drop };
        entry.at.get_or_insert(now);
        if !entry.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            entry.waker = Some(waker.clone());
        }
        // The phase is read under the lock. So either this thread reads the new phase, or the
        // thread that closes finds the waker.
        match self.phase() {
            Phase::Open => Admission::Poll,
            Phase::Requested if entry.graceful => Admission::Poll,
            Phase::Requested | Phase::Dropping => Admission::Drop,
        }
    }

    /// Gives the grace period to the task that this thread is polling.
    pub(crate) fn mark_graceful(&self) {
        match Polled::current() {
            Some((run, key)) if run == self.address() => {
                if let Some(entry) = self.tracked.shard_of(key).get(key) {
                    entry.graceful = true;
                }
            }
            _ if tokio::task::try_id().is_some() => {
                self.has_graceful_untracked.store(true, Ordering::Release);
            }
            _ => {}
        }
    }

    /// Whether the task has not ended yet.
    pub(crate) fn knows(&self, key: Key) -> bool {
        self.tracked.shard_of(key).get(key).is_some()
    }

    /// Marks the task as detached. Returns `false` if it has ended already.
    pub(crate) fn detach(&self, key: Key, check: Check) -> bool {
        match self.tracked.shard_of(key).get(key) {
            Some(entry) => {
                entry.detached = Some(check);
                true
            }
            None => false,
        }
    }

    /// Removes an entry, and records how the task or the work has ended.
    pub(crate) fn leave(&self, key: Key, end: &End<'_>) {
        let Some(entry) = self.tracked.remove(key) else { return };
        let phase = self.phase();
        if phase > Phase::Open {
            let leftover = self.leftover(&entry);
            match end {
                End::Dropped => {
                    let mut report = self.report();
                    // It awaited `cancelled()`, and did not finish within the grace period.
                    if phase == Phase::Dropping && entry.graceful {
                        report.timed_out.push(leftover.clone());
                    }
                    report.dropped.push(leftover);
                }
                End::Done(_) | End::Panicked(_) => self.report().finished.push(leftover),
            }
            self.changed.notify_waiters();
        }
        let Some(check) = entry.detached else { return };
        let failure = match end {
            End::Done(output) => output.and_then(check).map(|message| (message, false)),
            End::Panicked(payload) => Some((panic_message(*payload), true)),
            End::Dropped => None,
        };
        if let Some((message, is_panic)) = failure {
            let Entry { kind, location, .. } = entry;
            self.fail(Failure { kind, location, message, is_panic });
        }
    }

    /// Records a task or work that is not started, since the run is closing.
    pub(crate) fn turn_away(&self, kind: Kind, location: &'static Location<'static>) {
        self.report().dropped.push(Leftover {
            kind,
            location: Some(location),
            age: Some(Duration::ZERO),
        });
    }

    /// Records a failure that no code awaits.
    pub(crate) fn fail(&self, failure: Failure) {
        let told = failure.clone();
        self.report().add(failure);
        match &self.policy.handler {
            // A panic of the handler is ignored.
            Some(handler) => {
                let _ = panic::catch_unwind(AssertUnwindSafe(|| (handler.0)(&told)));
            }
            None => log::warn(&told),
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

    /// Reports a poll that took long. A place is reported again only for a poll that took twice as
    /// long.
    pub(crate) fn look_at_poll(&self, key: Key, took: Duration) {
        let Some(threshold) = self.policy.slow_poll_threshold else { return };
        if took < threshold {
            return;
        }
        let Some((kind, location)) =
            self.tracked.shard_of(key).get(key).map(|entry| (entry.kind, entry.location))
        else {
            return;
        };
        let mut slow = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        let told = slow.entry(location).or_default();
        if took < 2 * *told {
            return;
        }
        *told = took;
        drop(slow);
        log::warn(format_args!(
            "{kind} started at {location} was polled for {took:.1?} at once, and blocked its thread meanwhile; let it await more often, or \
             move the work to `bridgehead::to_thread`"
        ));
    }

    fn leftover(&self, entry: &Entry) -> Leftover {
        let age =
            entry.at.map(|at| Duration::from_millis(u64::from(self.now().saturating_sub(at))));
        Leftover { kind: entry.kind, location: Some(entry.location), age }
    }
}
