//! Whether a runtime makes progress: checked with work that does nothing but record that it was
//! run.

use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// Work that was given to a runtime to see whether it is run.
#[derive(Debug)]
pub(crate) struct LivenessCheck {
    ran: Arc<AtomicBool>,
    work: JoinHandle<()>,
    since: Instant,
}

impl LivenessCheck {
    /// A task.
    pub(crate) fn task(handle: &Handle) -> Self {
        Self::post(|ran| handle.spawn(async move { ran.store(true, Ordering::Release) }))
    }

    /// Blocking work. `None` where there is no thread for that, and none can be started: tokio
    /// panics then.
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

    /// Dropped instead of run: the runtime has begun to end.
    pub(crate) fn was_dropped(&self) -> bool {
        // Asked in this order: it may run, and finish, while we look.
        self.work.is_finished() && !self.has_run()
    }

    /// How long ago it was posted.
    pub(crate) fn age(&self) -> Duration {
        self.since.elapsed()
    }
}

/// Whether the runtime has begun to end, asked of tokio itself.
///
/// Sure even before the sentinel is dropped, which may come after the very task that asks; and
/// dear.
pub(crate) fn has_ended(handle: &Handle) -> bool {
    LivenessCheck::task(handle).was_dropped()
}

/// What a runtime answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It has run the last check.
    Runs,
    /// It has not run the last check, which was posted so long ago.
    Unresponsive(Duration),
    /// It has ended, or begun to.
    Ended,
}

/// What it takes to ask one runtime. All callers share one check, so that at most one is left
/// behind on a runtime that runs none.
#[derive(Debug, Default)]
pub(crate) struct Heartbeat(Mutex<LastCheck>);

#[derive(Debug, Default)]
struct LastCheck {
    /// Until the runtime ends.
    handle: Option<Handle>,
    last: Option<LivenessCheck>,
}

impl Heartbeat {
    pub(crate) fn set_handle(&self, handle: &Handle) {
        self.state().handle = Some(handle.clone());
    }

    /// The runtime's handle, if it is to be had at once: in a forked child the lock may be held by
    /// a thread that doesn't exist.
    pub(crate) fn handle(&self) -> Option<Handle> {
        self.0.try_lock().ok()?.handle.clone()
    }

    /// Releases the runtime, if the lock is to be had at once.
    pub(crate) fn end(&self) {
        let state = self.0.try_lock().map(|mut state| mem::take(&mut *state));
        // Dropped without the lock.
        drop(state);
    }

    /// The runtime's answer to the last check. Once that has run, and is older than half of
    /// `patience`, the next one is posted. Many calls may ask.
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
        // A runtime that has shut down drops the check within this call.
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
