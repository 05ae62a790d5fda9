//! What closing asks of the scope: that all is told to end, is waited for, and is accounted for.

use std::task::Waker;
use std::thread;
use std::time::{Duration, Instant};

use crate::report::{Kind, Leftover, Report};
use crate::scope::{Phase, Scope};
use crate::sync::atomic::Ordering;
use crate::table::Entry;

impl Scope {
    /// Begins to close: `cancelled()` resolves, and who doesn't await it is dropped.
    pub(crate) fn ask(&self) {
        if self.phase.compare_exchange(0, 1, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            let now = self.now();
            for (_, entry) in &mut self.tracked().entries {
                // It may have been polled ever since, without waiting once.
                entry.at.get_or_insert(now);
            }
            #[cfg(feature = "fiber")]
            self.fibers.close();
            self.asked.cancel();
            self.wake(|entry| !entry.cooperative);
        }
    }

    /// Ends the grace period: everybody is dropped.
    pub(crate) fn drop_rest(&self) {
        self.phase.store(Phase::Dropping as u8, Ordering::Release);
        self.wake(|_| true);
    }

    fn wake(&self, whom: impl Fn(&Entry) -> bool) {
        let tracked = self.tracked();
        let wakers: Vec<Waker> = tracked
            .entries
            .iter()
            .filter(|(_, entry)| whom(entry))
            .filter_map(|(_, entry)| entry.waker.clone())
            .collect();
        drop(tracked);
        for waker in wakers {
            waker.wake();
        }
    }

    /// Waits until nothing of these kinds is left.
    pub(crate) async fn gone(&self, kinds: &[Kind]) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before looking, so that nothing is missed.
            changed.as_mut().enable();
            if !self.tracked().entries.iter().any(|(_, entry)| kinds.contains(&entry.kind)) {
                return;
            }
            changed.await;
        }
    }

    /// Waits until the runtime has no threads left, but no longer than `limit`. Parks with nothing that a thread which is ending lacks.
    pub(crate) fn threads_gone(&self, limit: Duration) {
        const INTERVAL: Duration = Duration::from_millis(1);
        let since = Instant::now();
        while self.threads.load(Ordering::Relaxed) > 0 && since.elapsed() < limit {
            thread::sleep(INTERVAL);
        }
    }

    /// Whether plain tokio tasks want the grace period.
    pub(crate) fn has_cooperative_strangers(&self) -> bool {
        self.tracked().has_cooperative_strangers
    }

    /// Ends the account of a runtime that was shut down: what is there still has been abandoned, threads of the runtime among it.
    pub(crate) fn settle(&self) -> Report {
        // Tracked work has a thread each; the other threads are somebody else's. Fibers have threads that are not the runtime's.
        let is_on_thread = |entry: &Entry| !matches!(entry.kind, Kind::Main | Kind::Fiber);
        let on_threads = self.tracked().entries.iter().filter(|(_, entry)| is_on_thread(entry)).count();
        self.settle_with(self.threads.load(Ordering::Relaxed).saturating_sub(on_threads))
    }

    /// Ends the account of a runtime that somebody still runs on, whose threads are no news.
    pub(crate) fn settle_tracked(&self) -> Report {
        self.settle_with(0)
    }

    fn settle_with(&self, strangers: usize) -> Report {
        // It stays in the table until it ends, if it does: who has its `Task` must not take it for ended.
        let abandoned: Vec<_> =
            self.tracked().entries.iter().map(|(_, entry)| self.leftover(entry)).collect();
        let stranger = Leftover { kind: Kind::Thread, location: None, age: None };
        let mut report = self.report();
        report.abandoned.extend(abandoned);
        report.abandoned.extend(std::iter::repeat_n(stranger, strangers));
        report.clone()
    }

    /// What is known so far.
    pub(crate) fn interim(&self) -> Report {
        Report { in_progress: true, ..self.report().clone() }
    }
}
