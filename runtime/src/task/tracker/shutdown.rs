//! The tracker's part of a shutdown: requests it from all tasks, waits for them, and counts them.

use std::iter;
use std::task::Waker;
use std::time::Instant;

use crate::report::{Kind, Leftover, Report};
use crate::sync::PoisonError;
use crate::sync::atomic::Ordering;
use crate::task::table::Entry;
use crate::task::tracker::{OnShutdown, Phase, Tracker};

impl Tracker {
    /// When closing was requested, or now.
    pub(crate) fn requested_at(&self) -> Instant {
        self.requested_at.get().copied().unwrap_or_else(Instant::now)
    }

    /// Has `f` called when closing is requested, unless that is done already or is forgotten
    /// before.
    pub(crate) fn on_shutdown(&self, f: Box<dyn FnOnce() + Send>) {
        *self.on_shutdown.lock().unwrap_or_else(PoisonError::into_inner) = Some(OnShutdown(f));
        // Asked after it is in: one who requests it finds it, or is seen here.
        if self.phase() > Phase::Open {
            self.call_when_asked();
        }
    }

    pub(crate) fn forget_on_shutdown(&self) {
        let forgotten = self.on_shutdown.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(forgotten);
    }

    fn call_when_asked(&self) {
        let called = self.on_shutdown.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(OnShutdown(f)) = called {
            f();
        }
    }

    /// Begins to close: `cancelled()` resolves, and who doesn't await it is dropped.
    pub(crate) fn request_shutdown(&self) {
        if self.phase.compare_exchange(0, 1, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            self.requested_at.get_or_init(Instant::now);
            // Before anybody is woken: the main future may end then, and forgets it.
            self.call_when_asked();
            let now = self.now();
            self.tracked.for_each(|entry| {
                // It may have been polled ever since, without waiting once.
                entry.at.get_or_insert(now);
            });
            self.fibers.close();
            self.shutdown_token.cancel();
            self.wake(|entry| !entry.graceful);
        }
    }

    /// Ends the grace period: everybody is dropped.
    pub(crate) fn abort_rest(&self) {
        self.phase.store(Phase::Dropping as u8, Ordering::Release);
        self.wake(|_| true);
    }

    fn wake(&self, whom: impl Fn(&Entry) -> bool) {
        let wakers = self.tracked.collect(|entry| entry.waker.clone().filter(|_| whom(entry)));
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Waits until nothing of these kinds is left.
    pub(crate) async fn until_idle(&self, kinds: &[Kind]) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before looking, so that nothing is missed.
            changed.as_mut().enable();
            if self.tracked.count(kinds) == 0 {
                return;
            }
            changed.await;
        }
    }

    /// Whether nothing is left but tracked blocking work that is blocked in reads of standard
    /// input.
    pub(crate) fn only_reads_stdin(&self) -> bool {
        let count = self.tracked.count(&[Kind::Blocking]);
        let all_block = self.tracked.count(&[Kind::Main, Kind::Task, Kind::Fiber]) == 0;
        all_block && self.threads.all_work_reads_stdin(count)
    }

    /// Whether plain tokio tasks want the grace period.
    pub(crate) fn has_graceful_untracked(&self) -> bool {
        self.has_graceful_untracked.load(Ordering::Acquire)
    }

    /// Ends the account of a runtime that was shut down: what is there still has been abandoned,
    /// threads of the runtime among it.
    pub(crate) fn final_report(&self) -> Report {
        // Tracked work has a thread each; the other threads are somebody else's. Fibers have
        // threads that are not the runtime's.
        let on_threads = self.tracked.count(&[Kind::Task, Kind::Blocking]);
        let untracked = self.threads.count().saturating_sub(on_threads);
        self.report_with(untracked, self.threads.count_stdin_readers().min(untracked))
    }

    /// Ends the account of a runtime that somebody still runs on, whose threads are no news.
    pub(crate) fn report_of_tracked(&self) -> Report {
        self.report_with(0, 0)
    }

    /// `readers` of the `strangers` are blocked in a read of standard input.
    fn report_with(&self, untracked: usize, readers: usize) -> Report {
        // It stays in the table until it ends, if it does: who has its `Task` must not take it for
        // ended.
        let abandoned = self.tracked.collect(|entry| Some(self.leftover(entry)));
        let thread = |kind| Leftover { kind, location: None, age: None };
        let mut report = self.report();
        report.abandoned.extend(abandoned);
        report.abandoned.extend(iter::repeat_n(thread(Kind::StdinRead), readers));
        report.abandoned.extend(iter::repeat_n(thread(Kind::Thread), untracked - readers));
        report.clone()
    }

    /// What is known so far.
    pub(crate) fn interim(&self) -> Report {
        Report { in_progress: true, ..self.report().clone() }
    }
}
