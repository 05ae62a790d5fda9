//! The four phases in which a run ends: request, drain, join, abort.

use std::future::Future;
use std::mem;
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::time::{sleep, timeout};

use crate::call::park;
use crate::config::policy::Policy;
use crate::log;
use crate::report::{Kind, Report};
use crate::run::block_on::BlockOn;
use crate::runtimes::RuntimeRecord;
use crate::runtimes::build::Built;
use crate::task::tracker::Tracker;

/// How long the runtime's own threads may take to stop once they have no more work.
const RUNTIME_STOPS: Duration = Duration::from_secs(1);

/// How long the end of a run waits before it checks what it still waits for.
const LOOK: Duration = Duration::from_millis(300);

/// How long the end of a run waits before the wait is reported.
const SILENCE: Duration = Duration::from_secs(1);

/// How long closing a runner may take by its own time limits.
pub(crate) fn at_most(policy: &Policy) -> Duration {
    // Each limit applies once to the futures that other threads run, and once to all other work.
    let limits = policy.grace_period.saturating_add(policy.shutdown_timeout).saturating_mul(2);
    // Once for fibers, once for the runtime, and once for the threads of workers that were handed
    // off.
    limits.saturating_add(3 * RUNTIME_STOPS)
}

/// Closes a runtime that no other thread uses, in the four phases.
pub(crate) fn close(runtime: Built, tracker: &Tracker, record: &RuntimeRecord) -> Report {
    if record.is_inherited() {
        // In a forked child there are no threads to join.
        mem::forget(runtime);
        return Report::default();
    }
    let policy = tracker.policy();
    // Request and drain. Tasks that await `cancelled()` have the grace period. All others are
    // dropped at once.
    tracker.request_shutdown();
    log::phase(tracker.name(), "the run begins to close");
    let passed = tracker.requested_at().elapsed();
    let ending = Ending { tracker, begun: Instant::now() };
    let grace = policy.grace_period.saturating_sub(passed);
    ending.wait(&runtime, grace, policy.shutdown_timeout, || finished(tracker), || false);
    tracker.abort_rest();
    log::phase(tracker.name(), "the run is drained");
    // Join. A main future that went on after the grace period has used up a part of the shutdown
    // timeout.
    let drained = Instant::now();
    let timeout =
        policy.shutdown_timeout.saturating_sub(passed.saturating_sub(policy.grace_period));
    let left = || timeout.saturating_sub(drained.elapsed());
    let joined = || tracker.until_idle(&[Kind::Main, Kind::Task, Kind::Fiber, Kind::Blocking]);
    ending.wait(&runtime, timeout, Duration::ZERO, joined, || tracker.only_reads_stdin());
    tracker.fibers().join(left().max(RUNTIME_STOPS));
    log::phase(tracker.name(), "the run is joined");
    // Abort. Calls that wait on the runtime are interrupted, and plain tokio tasks are dropped.
    // Plain blocking work has the same deadline as the tracked work.
    let stopping = Instant::now();
    record.end();
    runtime.shutdown_timeout(LOOK);
    record.spare_threads().close(LOOK);
    ending.wait_for_threads(left, RUNTIME_STOPS.saturating_sub(stopping.elapsed()));
    tracker.final_report()
}

/// Reports what was lost. Failures were reported when they happened.
pub(crate) fn report_losses(report: &Report) {
    if let Some(text) = report.losses(report.headline()) {
        log::warn(text);
    }
}

/// A run that is ending.
struct Ending<'a> {
    tracker: &'a Tracker,
    begun: Instant,
}

impl Ending<'_> {
    /// Waits for the future, but no longer than `limit`, and only until `in_vain` returns `true`.
    /// `later` is how long the phases after this one may take.
    fn wait<F: Future<Output = ()>>(
        &self,
        runtime: &Built,
        limit: Duration,
        later: Duration,
        future: impl Fn() -> F,
        in_vain: impl Fn() -> bool,
    ) {
        let mut left = limit;
        let mut slice = LOOK;
        loop {
            let began = Instant::now();
            let limit = slice.min(left);
            if wait(runtime, limit, future()) {
                return;
            }
            left = left.saturating_sub(limit.max(began.elapsed()));
            if left.is_zero() || in_vain() {
                return;
            }
            self.report(left.saturating_add(later));
            // A clock that a test has paused advances at once. The wait then has no further slices.
            if began.elapsed() < limit / 2 {
                slice = left;
            }
        }
    }

    /// Waits for the threads of the runtime, after its shutdown, as long as there is time `left`,
    /// and at least for `least`.
    fn wait_for_threads(&self, left: impl Fn() -> Duration, least: Duration) {
        let begun = Instant::now();
        let threads = self.tracker.threads();
        loop {
            let left = left();
            let limit = left.max(least.saturating_sub(begun.elapsed()));
            if threads.gone(limit.min(LOOK)) || limit.is_zero() || threads.all_read_stdin() {
                return;
            }
            if !left.is_zero() {
                self.report(left);
            }
        }
    }

    fn report(&self, left: Duration) {
        if self.begun.elapsed() >= SILENCE {
            self.tracker.report_wait(Some(left));
        }
    }
}

/// Waits for `future`, but no longer than `limit`. Returns whether it is ready.
fn wait(runtime: &Built, limit: Duration, future: impl Future<Output = ()>) -> bool {
    match runtime.handle().runtime_flavor() {
        // The runtime's timers don't fire while all of its workers are blocked. So this thread
        // limits the time itself.
        RuntimeFlavor::MultiThread => {
            let _context = runtime.handle().enter();
            park::block_on(future, Instant::now().checked_add(limit)).is_some()
        }
        // This thread drives the runtime's timers. Their clock may be paused, and then advances to
        // the limit.
        _ => runtime.block_on(async {
            // `timeout` must be called in the context of the runtime.
            timeout(limit, future).await.is_ok()
        }),
    }
}

async fn finished(tracker: &Tracker) {
    const INTERVAL: Duration = Duration::from_millis(5);
    tracker.until_idle(&[Kind::Main, Kind::Task, Kind::Fiber]).await;
    // The end of a plain tokio task that awaits `cancelled()` isn't detected. Only the number of
    // tasks is known.
    let metrics = Handle::current().metrics();
    while tracker.has_graceful_untracked() && metrics.num_alive_tasks() > 0 {
        sleep(INTERVAL).await;
    }
}
