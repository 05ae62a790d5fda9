//! How a run ends: ask, drain, join, leave.

use std::future::Future;
use std::mem;
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::time::{sleep, timeout};

use crate::config::{BlockOn, Built};
use crate::park;
use crate::policy::Policy;
use crate::report::{Kind, Report};
use crate::runtimes::Known;
use crate::scope::Scope;
use crate::tell;

/// How long the runtime's own threads, which have nothing to do any more, may take to stop.
const RUNTIME_STOPS: Duration = Duration::from_secs(1);

/// How long closing a runner may take by its own time limits.
pub(crate) fn at_most(policy: &Policy) -> Duration {
    // Each once for futures that other threads run, and once for all else.
    let limits = policy.grace_period.saturating_add(policy.shutdown_timeout).saturating_mul(2);
    // For fibers, for the runtime, and for the threads of workers that were handed off.
    limits.saturating_add(3 * RUNTIME_STOPS)
}

/// Closes a runtime that nobody else uses any more, in the four phases, of which the first began at `since`.
pub(crate) fn close(runtime: Built, scope: &Scope, known: &Known, since: Instant) -> Report {
    if known.is_inherited() {
        // In a forked child there is nobody to be waited for.
        mem::forget(runtime);
        return Report::default();
    }
    let policy = scope.policy();
    // Ask, and drain: who awaits `cancelled()` has the grace period, all others are dropped at once.
    scope.ask();
    tell::phase(scope.started(), "the run begins to close");
    wait(&runtime, policy.grace_period.saturating_sub(since.elapsed()), finished(scope));
    scope.drop_rest();
    tell::phase(scope.started(), "the run is drained");
    // Join.
    let drained = Instant::now();
    wait(
        &runtime,
        policy.shutdown_timeout,
        scope.gone(&[Kind::Main, Kind::Task, Kind::Fiber, Kind::Blocking]),
    );
    #[cfg(feature = "fiber")]
    scope.fibers().join(policy.shutdown_timeout.saturating_sub(drained.elapsed()).max(RUNTIME_STOPS));
    tell::phase(scope.started(), "the run is joined");
    // Leave. Calls that wait there are given up from now on. This drops the plain tokio tasks; plain blocking work has as long as the
    // tracked work had.
    known.end();
    let (since, left) =
        (Instant::now(), policy.shutdown_timeout.saturating_sub(drained.elapsed()).max(RUNTIME_STOPS));
    runtime.shutdown_timeout(left);
    let again = policy.shutdown_timeout.saturating_sub(drained.elapsed());
    known.pool().close(again.max(RUNTIME_STOPS));
    // tokio doesn't wait on a thread that is ending, where the thread-local state that it would park with is gone.
    scope.threads_gone(left.saturating_sub(since.elapsed()));
    scope.settle()
}

/// Tells of what was lost. Failures have gone to the handler, if there is one.
pub(crate) fn tell(report: &Report, scope: &Scope) {
    if !report.abandoned().is_empty() || (!report.is_clean() && scope.policy().handler.is_none()) {
        tell::warn(format_args!("{report}"));
    }
}

/// Waits for `future` no longer than `limit`.
fn wait(runtime: &Built, limit: Duration, future: impl Future<Output = ()>) {
    match runtime.handle().runtime_flavor() {
        // Its timers stand still when all of its workers are held up, so this thread keeps the time.
        RuntimeFlavor::MultiThread => {
            let _context = runtime.handle().enter();
            park::block_on(future, Instant::now().checked_add(limit));
        }
        // This thread drives the timers, and they may be those of a paused clock.
        _ => runtime.block_on(async {
            // The limit is what is waited for, too.
            let _ = timeout(limit, future).await;
        }),
    }
}

async fn finished(scope: &Scope) {
    const INTERVAL: Duration = Duration::from_millis(5);
    scope.gone(&[Kind::Main, Kind::Task, Kind::Fiber]).await;
    // A plain tokio task that awaits `cancelled()` doesn't tell when it is done. All that can be seen is how many there are.
    let metrics = Handle::current().metrics();
    while scope.has_cooperative_strangers() && metrics.num_alive_tasks() > 0 {
        sleep(INTERVAL).await;
    }
}
