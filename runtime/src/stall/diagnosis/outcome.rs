//! What happens to a call that has stalled: a report, or an error.

use std::backtrace::Backtrace;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use crate::config::stalls::OnStall;
use crate::interrupted::Interrupted;
use crate::log;
use crate::runtimes;
use crate::stall::diagnosis::{Diagnosis, STALLS};
use crate::stall_report::{Cause, Exhausted, Stall};
use crate::thread_context::ThreadContext;

impl Diagnosis {
    /// Reports the stall, or interrupts the call.
    pub(crate) fn act(&mut self, cause: Cause, waited: Duration) -> Result<(), Interrupted> {
        let stops_waiting = match self.stalls.then {
            // A second panic would abort the process, although the clean-up that makes this call
            // may just be slow.
            OnStall::Panic => self.call.options.refuses || !thread::panicking(),
            OnStall::Report => self.call.options.refuses && cause.is_of_its_own(),
            OnStall::Ignore => false,
        };
        if stops_waiting {
            STALLS.fetch_add(1, Ordering::Relaxed);
            return Err(Interrupted::Stalled(Box::new(self.stall(cause, waited))));
        }
        if runtimes::pending_calls(|calls| calls.may_report(self.key, waited)) {
            STALLS.fetch_add(1, Ordering::Relaxed);
            log::warn(self.stall(cause, waited));
            self.is_done = true;
        }
        Ok(())
    }

    fn stall(&self, cause: Cause, waited: Duration) -> Stall {
        let own = match self.context {
            ThreadContext::Driver if self.found.is_some() => self.origin.as_ref(),
            _ => self.origin.as_ref().or(self.serving.as_ref()),
        };
        let (concerned, is_own) = match cause {
            Cause::Driven | Cause::NotDriven | Cause::Hidden | Cause::Inherited => (own, true),
            Cause::NoThread
            | Cause::PoolExhausted
            | Cause::Busy
            | Cause::Lock
            | Cause::Unexpected => (self.serving.as_ref(), self.is_served_by_own),
        };
        let context = match (cause, self.context) {
            (Cause::Hidden, ThreadContext::Driver) => ThreadContext::EnteredCurrentThread,
            (_, context) => context,
        };
        let pool = if cause == Cause::PoolExhausted { self.exhausted() } else { None };
        Stall {
            name: self.call.options.name(),
            location: self.call.location,
            context,
            waited,
            cause,
            runtime: concerned.map(|runtime| runtimes::name(runtime.id)),
            is_own,
            others: concerned
                .map(|runtime| runtimes::pending_calls(|calls| calls.others(self.key, runtime.id)))
                .unwrap_or_default(),
            lock: self.lock.clone(),
            pool,
            backtrace: Arc::new(Backtrace::capture()),
        }
    }

    /// The number of threads of the exhausted pool, if known, and the calls that block them.
    fn exhausted(&self) -> Option<Exhausted> {
        let serving = self.serving.as_ref()?;
        let threads = self.record()?.max_blocking_threads();
        let (calls, places) = runtimes::pending_calls(|calls| calls.on_pool(serving.id));
        Some(Exhausted { threads, calls, places })
    }
}
