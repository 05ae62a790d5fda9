//! Whether a runtime makes progress: checked with work that does nothing but record that it was
//! run.

use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// Work that was posted to a runtime to check whether the runtime runs it.
#[derive(Debug)]
pub(crate) struct LivenessCheck {
    ran: Arc<AtomicBool>,
    work: JoinHandle<()>,
    since: Instant,
}

impl LivenessCheck {
    /// Posts the check as a task.
    pub(crate) fn task(handle: &Handle) -> Self {
        Self::post(|ran| handle.spawn(async move { ran.store(true, Ordering::Release) }))
    }

    /// Posts the check as blocking work. Returns `None` if the pool has no thread and can't start
    /// one: tokio panics then.
    pub(crate) fn blocking(handle: &Handle) -> Option<Self> {
        let post =
            || Self::post(|ran| handle.spawn_blocking(move || ran.store(true, Ordering::Release)));
        panic::catch_unwind(AssertUnwindSafe(post)).ok()
    }

    fn post(work: impl FnOnce(Arc<AtomicBool>) -> JoinHandle<()>) -> Self {
        let ran = Arc::new(AtomicBool::new(false));
        Self { work: work(Arc::clone(&ran)), ran, since: Instant::now() }
    }

    pub(crate) fn has_run(&self) -> bool {
        self.ran.load(Ordering::Acquire)
    }

    /// Whether the work was dropped and not run, since the runtime has begun to end.
    pub(crate) fn was_dropped(&self) -> bool {
        // In this order, since the work may run and finish between the two reads.
        self.work.is_finished() && !self.has_run()
    }

    /// How long ago the check was posted.
    pub(crate) fn age(&self) -> Duration {
        self.since.elapsed()
    }
}

/// Whether the runtime has begun to end. This spawns a task to find out, which is expensive.
///
/// The result is also right if the sentinel has not been dropped yet: the runtime may drop it after
/// the task that makes this check.
pub(crate) fn has_ended(handle: &Handle) -> bool {
    LivenessCheck::task(handle).was_dropped()
}

/// The result of a liveness check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The runtime has run the last check.
    Runs,
    /// The runtime has not run the last check, which was posted this long ago.
    Unresponsive(Duration),
    /// The runtime has ended, or has begun to end.
    Ended,
}

/// The liveness check of one runtime. All callers share it, so that a runtime that makes no
/// progress has at most one check in its queue.
#[derive(Debug, Default)]
pub(crate) struct Heartbeat(Mutex<LastCheck>);

#[derive(Debug, Default)]
struct LastCheck {
    /// `None` once the runtime has ended.
    handle: Option<Handle>,
    last: Option<LivenessCheck>,
}

impl Heartbeat {
    pub(crate) fn set_handle(&self, handle: &Handle) {
        self.state().handle = Some(handle.clone());
    }

    /// The runtime's handle, if the lock is free. In a forked child, the lock may be held by a
    /// thread that doesn't exist there.
    pub(crate) fn handle(&self) -> Option<Handle> {
        self.0.try_lock().ok()?.handle.clone()
    }

    /// Drops the handle and the last check, if the lock is free.
    pub(crate) fn end(&self) {
        let state = self.0.try_lock().map(|mut state| mem::take(&mut *state));
        // They are dropped outside of the lock.
        drop(state);
    }

    /// Returns the result of the last check. If that check has run and is older than half of
    /// `patience`, the next one is posted.
    pub(crate) fn check(
        &self,
        patience: Duration,
        post: fn(&Handle) -> Option<LivenessCheck>,
    ) -> Answer {
        let mut answer = Answer::Unresponsive(Duration::ZERO);
        let state = self.state();
        if let Some(last) = &state.last {
            if last.was_dropped() {
                return Answer::Ended;
            }
            if !last.has_run() {
                return Answer::Unresponsive(last.age());
            }
            answer = Answer::Runs;
            if last.age() < patience / 2 {
                return answer;
            }
        }
        let Some(handle) = state.handle.clone() else { return Answer::Ended };
        // The lock is released before `post`: a runtime that has shut down drops the check within
        // that call.
        drop(state);
        let Some(check) = post(&handle) else { return answer };
        if check.was_dropped() {
            answer = Answer::Ended;
        }
        let last = self.state().last.replace(check);
        drop(last);
        answer
    }

    fn state(&self) -> MutexGuard<'_, LastCheck> {
        // Nothing that can panic runs under this lock, so a poisoned one is sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
