//! The tracker's part of a shutdown: requesting it, waiting for tasks, and listing what was lost.

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

    /// Registers `f` to be called when closing is requested, unless `forget_on_shutdown` is called
    /// first. If closing was requested before, `f` is called at once.
    pub(crate) fn on_shutdown(&self, f: Box<dyn FnOnce() + Send>) {
        *self.on_shutdown.lock().unwrap_or_else(PoisonError::into_inner) = Some(OnShutdown(f));
        // The phase is read after `f` is stored. So either the thread that requests closing finds
        // `f`, or this thread reads the new phase.
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

    /// Begins to close the run: `cancelled()` resolves, and tasks that don't await it are dropped.
    pub(crate) fn request_shutdown(&self) {
        if self.phase.compare_exchange(0, 1, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            self.requested_at.get_or_init(Instant::now);
            // This comes before any task is woken: the main future may end then, and its thread
            // removes the function.
            self.call_when_asked();
            let now = self.now();
            self.tracked.for_each(|entry| {
                // The task may have been in its first poll since it was spawned.
                entry.at.get_or_insert(now);
            });
            self.fibers.close();
            self.shutdown_token.cancel();
            self.wake(|entry| !entry.graceful);
        }
    }

    /// Ends the grace period: all tasks are dropped.
    pub(crate) fn abort_rest(&self) {
        self.phase.store(Phase::Dropping as u8, Ordering::Release);
        self.wake(|_| true);
    }

    fn wake(&self, whom: impl Fn(&Entry) -> bool) {
        let wakers = self.tracked.collect(|entry| entry.waker.clone().filter(|_| whom(entry)));
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Waits until everything of these kinds has ended.
    pub(crate) async fn until_idle(&self, kinds: &[Kind]) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before the entries are counted, so that no notification is missed.
            changed.as_mut().enable();
            if self.tracked.count(kinds) == 0 {
                return;
            }
            changed.await;
        }
    }

    /// Whether the only tracked work that has not ended is blocked in reads of standard input.
    pub(crate) fn only_reads_stdin(&self) -> bool {
        let count = self.tracked.count(&[Kind::Blocking]);
        let all_block = self.tracked.count(&[Kind::Main, Kind::Task, Kind::Fiber]) == 0;
        all_block && self.threads.all_work_reads_stdin(count)
    }

    /// Whether plain tokio tasks have awaited `cancelled()`, and so have the grace period.
    pub(crate) fn has_graceful_untracked(&self) -> bool {
        self.has_graceful_untracked.load(Ordering::Acquire)
    }

    /// Returns the final report, after the runtime was shut down. What has not ended is listed as
    /// abandoned, including threads of the runtime.
    pub(crate) fn final_report(&self) -> Report {
        // Each tracked task and each piece of blocking work that has not ended occupies a thread.
        // The other threads run untracked code. Fibers run on threads that are not the runtime's.
        let on_threads = self.tracked.count(&[Kind::Task, Kind::Blocking]);
        let untracked = self.threads.count().saturating_sub(on_threads);
        self.report_with(untracked, self.threads.count_stdin_readers().min(untracked))
    }

    /// Returns the final report of a runtime that is still in use. Its threads are not listed.
    pub(crate) fn report_of_tracked(&self) -> Report {
        self.report_with(0, 0)
    }

    /// `readers` of the `untracked` threads are blocked in a read of standard input.
    fn report_with(&self, untracked: usize, readers: usize) -> Report {
        // The entries stay in the table until the tasks end, so that a `Task` doesn't take its task
        // for ended.
        let abandoned = self.tracked.collect(|entry| Some(self.leftover(entry)));
        let thread = |kind| Leftover { kind, location: None, age: None };
        let mut report = self.report();
        report.abandoned.extend(abandoned);
        report.abandoned.extend(iter::repeat_n(thread(Kind::StdinRead), readers));
        report.abandoned.extend(iter::repeat_n(thread(Kind::Thread), untracked - readers));
        report.clone()
    }

    /// Returns the report so far, while closing goes on.
    pub(crate) fn interim(&self) -> Report {
        Report { in_progress: true, ..self.report().clone() }
    }
}
