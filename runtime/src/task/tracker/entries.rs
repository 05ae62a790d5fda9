//! The entries of what a run has started: from the start to the end of each.

use std::any::Any;
use std::panic::Location;
use std::task::Waker;
use std::time::Duration;

use crate::log::{self, panic_message};
use crate::report::{Failure, Kind, Leftover};
use crate::sync::PoisonError;
use crate::sync::atomic::Ordering;
use crate::task::table::{Check, Entry, Key, Polled};
use crate::task::tracker::{Phase, Tracker};

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
    /// Adds an entry for something that is started, and returns its key.
    pub(crate) fn enter(&self, kind: Kind, location: &'static Location<'static>) -> Key {
        // Reading the clock takes longer than all the rest, and many tasks never wait.
        let at = (kind != Kind::Task).then(|| self.now());
        self.tracked.insert(kind, location, at)
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
    pub(crate) fn has(&self, key: Key) -> bool {
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
        let reported = slow.entry(location).or_default();
        if took < 2 * *reported {
            return;
        }
        *reported = took;
        drop(slow);
        log::warn(format_args!(
            "{kind} started at {location} was polled for {took:.1?} at once, and blocked its thread meanwhile; let it await more often, or \
             move the work to `bridgehead::to_thread`"
        ));
    }

    pub(super) fn leftover(&self, entry: &Entry) -> Leftover {
        let age =
            entry.at.map(|at| Duration::from_millis(u64::from(self.now().saturating_sub(at))));
        Leftover { kind: entry.kind, location: Some(entry.location), age }
    }
}
