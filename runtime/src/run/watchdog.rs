//! Limits the time that a run takes to end if its main future goes on after closing was requested:
//! by a signal, by another thread, or because a task failed.
//!
//! The thread that would close the run may be blocked, in a call or elsewhere. So another thread
//! limits the time. It is started when closing is requested, and not before.

use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::os_thread;
use crate::runtimes::RuntimeRecord;
use crate::task::tracker::Tracker;

/// How much longer than its grace period and shutdown timeout the end of a run may take. The
/// runtime's own threads have a second to stop, in three places.
const SLACK: Duration = Duration::from_secs(4);

/// How long the main future may go on before that is reported.
const PATIENCE: Duration = Duration::from_secs(1);

/// Watches the end of a run for as long as this lives.
#[derive(Debug)]
pub(crate) struct Watchdog {
    tracker: Arc<Tracker>,
    progress: Arc<Progress>,
}

/// The state of the run, which the watchdog's thread waits for.
#[derive(Debug, Default)]
struct Progress {
    main_ended: AtomicBool,
    closed: AtomicBool,
    thread: OnceLock<Thread>,
}

/// Ends the process, when the grace period and the shutdown timeout have passed and the run has not
/// ended.
pub(crate) type EndProcess = fn(&Tracker) -> !;

impl Watchdog {
    pub(crate) fn new(
        tracker: &Arc<Tracker>,
        record: &Arc<RuntimeRecord>,
        end_process: Option<EndProcess>,
    ) -> Self {
        let progress = Arc::new(Progress::default());
        let watched = (Arc::downgrade(tracker), Arc::downgrade(record), Arc::clone(&progress));
        tracker.on_shutdown(Box::new(move || {
            let (tracker, record, progress) = watched;
            let (Some(tracker), Some(record)) = (tracker.upgrade(), record.upgrade()) else {
                return;
            };
            let watch = move || watch(&tracker, &record, &progress, end_process);
            // If the system has no thread, the run ends only when its main future does.
            let _ = os_thread::start("bridgehead-shutdown", Box::new(watch));
        }));
        Self { tracker: Arc::clone(tracker), progress }
    }

    /// The main future has ended, and the run begins to close.
    pub(crate) fn main_ended(&self) {
        self.tracker.forget_on_shutdown();
        self.progress.main_ended.store(true, Ordering::Release);
        self.progress.wake();
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.tracker.forget_on_shutdown();
        self.progress.closed.store(true, Ordering::Release);
        self.progress.wake();
    }
}

impl Progress {
    fn wake(&self) {
        // Either this reads the handle of the watchdog's thread, or that thread reads what was
        // stored before the fence.
        fence(Ordering::SeqCst);
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    /// Waits until `done`, but no longer than until `deadline`. Returns whether it is done.
    fn wait(&self, deadline: Option<Instant>, done: fn(&Self) -> bool) -> bool {
        while !done(self) {
            match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
                None => thread::park(),
                Some(Duration::ZERO) => return false,
                Some(left) => thread::park_timeout(left),
            }
        }
        true
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn has_main_ended(&self) -> bool {
        self.main_ended.load(Ordering::Acquire) || self.is_closed()
    }
}

/// Ends the grace period when its time has passed, and the process when the shutdown timeout has
/// passed as well.
fn watch(
    tracker: &Tracker,
    record: &RuntimeRecord,
    progress: &Progress,
    end_process: Option<EndProcess>,
) {
    let _ = progress.thread.set(thread::current());
    fence(Ordering::SeqCst);
    let policy = tracker.policy();
    let after = |periods: Duration| tracker.requested_at().checked_add(periods);
    let grace = policy.grace_period;
    let periods = grace.saturating_add(policy.shutdown_timeout);
    let report = || {
        if !progress.wait(after(PATIENCE), Progress::has_main_ended) {
            // Without `end_process` there is no time limit: the run ends when the main future does.
            tracker.report_wait(end_process.map(|_| periods.saturating_sub(PATIENCE)));
        }
    };
    if grace > PATIENCE {
        report();
    }
    if progress.wait(after(grace), Progress::is_closed) {
        return;
    }
    tracker.abort_rest();
    record.interrupt_calls();
    if grace <= PATIENCE && periods > PATIENCE {
        report();
    }
    // Later calls of the main future are interrupted, too, each after it has waited for at most
    // `PATIENCE`.
    let mut next = Instant::now() + PATIENCE;
    while after(periods).is_none_or(|end| next < end)
        && !progress.wait(Some(next), Progress::has_main_ended)
    {
        record.interrupt_calls();
        next += PATIENCE;
    }
    let Some(end_process) = end_process else { return };
    let is_stuck = !progress.wait(after(periods), Progress::has_main_ended)
        || !progress.wait(after(periods.saturating_add(SLACK)), Progress::is_closed);
    if is_stuck {
        end_process(tracker);
    }
}
