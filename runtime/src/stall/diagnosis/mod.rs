//! Diagnosing a call that has waited for a long time: whether it has stalled, and why.

mod outcome;

use std::mem;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::runtime::{Id, RuntimeFlavor};

use crate::config::call_options::CallOptions;
use crate::config::stalls::{self, OnStall, Stalls};
use crate::context::active_call;
use crate::context::detect;
use crate::context::hand_off::{self, HandedOff, NotHandedOff};
use crate::context::stack;
use crate::fiber::current;
use crate::os_thread;
use crate::runtimes::liveness::{Answer, LivenessCheck};
use crate::runtimes::pending_calls::Holds;
use crate::runtimes::{self, RuntimeRecord};
use crate::stall_report::{Cause, lock};
use crate::thread_context::ThreadContext;

static STALLS: AtomicU64 = AtomicU64::new(0);

/// The number of stalls so far that were reported or ended a call.
pub(crate) fn count_stalls() -> u64 {
    STALLS.load(Ordering::Relaxed)
}

/// The call that the detector checks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BlockedCall {
    pub(crate) location: &'static Location<'static>,
    /// The context of the thread when the outermost of its nested calls was made.
    pub(crate) context: ThreadContext,
    /// The name of the future's type.
    pub(crate) future: &'static str,
    pub(crate) options: CallOptions,
    /// Whether another runtime serves the call than the one that polls its fiber.
    pub(crate) is_served_elsewhere: bool,
}

impl BlockedCall {
    /// Whether the call is on a fiber, and the runtime that polls the fiber also serves the call.
    /// Then that runtime makes progress, since it polls the fiber.
    pub(super) fn is_polled(&self) -> bool {
        self.context == ThreadContext::Fiber
            && !self.is_served_elsewhere
            && current::ends_with_runtime()
    }

    /// The time after which the call first checks whether the runtimes make progress.
    pub(crate) fn first_check(&self) -> Duration {
        const LATEST: Duration = Duration::from_secs(1);
        self.options.stall_after.unwrap_or_else(stalls::first_check).min(LATEST)
    }
}

pub(crate) enum Verdict {
    /// The runtimes make progress.
    Fine,
    /// It isn't known yet. The call is to be checked again soon.
    Unsure,
    Stalled(Cause),
}

/// The state of a call that has waited for a long time.
pub(crate) struct Diagnosis {
    call: BlockedCall,
    /// The key of the call in `PendingCalls`.
    key: usize,
    context: ThreadContext,
    /// What the call blocks while it waits.
    holds: Option<Holds>,
    /// The runtime that was current before the call, if another one serves the call and the call
    /// may depend on this one.
    origin: Option<Runtime>,
    serving: Option<Runtime>,
    is_served_by_own: bool,
    lock: Option<String>,
    pub(crate) stalls: Stalls,
    /// The check whether there is a thread for the worker that was handed off.
    spare_thread: Option<LivenessCheck>,
    found: Option<NotHandedOff>,
    was_checked: bool,
    /// Whether the stall was reported, or need not be.
    pub(crate) is_done: bool,
}

impl Drop for Diagnosis {
    fn drop(&mut self) {
        runtimes::pending_calls(|calls| calls.leave(self.key));
    }
}

struct Runtime {
    id: Id,
    record: Option<Arc<RuntimeRecord>>,
}

impl Runtime {
    fn find(id: Id) -> Self {
        Self { id, record: runtimes::record(id) }
    }

    fn check(&self, patience: Duration) -> Answer {
        self.record.as_ref().map_or(Answer::Ended, |record| record.check(patience))
    }
}

impl Diagnosis {
    pub(crate) fn find(call: BlockedCall, found: Option<NotHandedOff>) -> Self {
        let BlockedCall { location, options, future, .. } = call;
        let (origin, serving) = (active_call::origin_runtime(), active_call::serving_runtime());
        let set = runtimes::stalls([origin, serving]);
        let stalls = Stalls {
            after: options.stall_after.unwrap_or(set.after),
            then: options.on_stall.unwrap_or(set.then),
        };
        let context = match (found, call.context) {
            (Some(NotHandedOff::Driver), _) => ThreadContext::Driver,
            (Some(NotHandedOff::NoThread), _) => ThreadContext::Worker,
            (None, ThreadContext::Entered) if hand_off::handed_off().is_some() => {
                ThreadContext::Worker
            }
            (None, context) => context,
        };
        let is_of_interest = match context {
            // No call depends on a runtime that is gone. But if this code is polled, another
            // runtime may poll it under a guard of the one that is gone.
            ThreadContext::RuntimeGone => detect::has_coop_budget(),
            // The call doesn't block its own runtime. If another one serves the call, it was chosen
            // with `on`.
            ThreadContext::Worker | ThreadContext::BlockOn | ThreadContext::Entered => false,
            _ => true,
        };
        let away = origin.filter(|origin| Some(*origin) != serving && is_of_interest);
        let holds = match context {
            // Otherwise the thread drives a runtime that isn't detected.
            ThreadContext::Driver if found.is_none() => origin.map(Holds::Driver),
            ThreadContext::Worker => origin.map(Holds::Worker),
            context if detect::is_on_blocking_pool(context) => origin.map(Holds::BlockingPool),
            _ => None,
        };
        Self {
            call,
            key: runtimes::pending_calls(|calls| calls.enter(location, holds)),
            context,
            holds,
            origin: away.map(Runtime::find),
            serving: serving.map(Runtime::find),
            is_served_by_own: origin == serving,
            lock: lock(future),
            stalls,
            spare_thread: None,
            found,
            was_checked: false,
            is_done: stalls.then == OnStall::Ignore,
        }
    }

    /// Checks the liveness of the runtime that serves the call.
    pub(crate) fn check_serving(&self) -> Option<Answer> {
        self.serving.as_ref().map(|serving| serving.check(self.patience()))
    }

    /// How long a runtime may take to run a check. A runtime that takes longer is stalled.
    pub(crate) fn patience(&self) -> Duration {
        self.stalls.after.clamp(Duration::from_millis(50), Duration::from_secs(1))
    }

    pub(crate) fn diagnose(&mut self, serving: Option<Answer>) -> Verdict {
        let patience = self.patience();
        let origin = match (self.context, &self.origin) {
            // The thread drives a runtime that isn't detected.
            (ThreadContext::Driver, None) => return Verdict::Stalled(Cause::Driven),
            (ThreadContext::Forked, _) => return Verdict::Stalled(Cause::Inherited),
            (_, origin) => origin.as_ref().map(|origin| origin.check(patience)),
        };
        let is_run = matches!(self.context, ThreadContext::Driver | ThreadContext::RuntimeGone);
        match (origin, serving) {
            (Some(Answer::Unresponsive(age)), _) if age >= patience => {
                Verdict::Stalled(match self.context {
                    ThreadContext::Driver => Cause::Driven,
                    _ => Cause::NotDriven,
                })
            }
            // The runtime didn't respond in time, but now it polls the fiber that makes this check.
            (_, Some(Answer::Unresponsive(_))) if self.call.is_polled() => Verdict::Unsure,
            (_, Some(Answer::Unresponsive(age))) => self.diagnose_serving(age),
            (Some(Answer::Unresponsive(_)), _) => Verdict::Unsure,
            // The answer may be from before the last check of the call. In this case a new liveness
            // check was posted, so the next answer decides.
            _ if !mem::replace(&mut self.was_checked, true) => Verdict::Unsure,
            // That runtime makes progress while this thread is blocked, or it has ended. So another
            // runtime polls this code.
            (Some(Answer::Runs | Answer::Ended), _) if is_run => Verdict::Stalled(Cause::Hidden),
            _ if self.is_pool_exhausted() => Verdict::Stalled(Cause::PoolExhausted),
            _ if self.lock.is_some() => Verdict::Stalled(Cause::Lock),
            // A call with a `stall_after` of its own is reported in any case.
            _ if self.call.options.stall_after.is_some() => Verdict::Stalled(Cause::Unexpected),
            _ => {
                self.was_checked = false;
                Verdict::Fine
            }
        }
    }

    /// Whether the call blocks a thread of the blocking pool, and the pool has no thread for more
    /// work. The work that the call waits for may then never begin.
    fn is_pool_exhausted(&self) -> bool {
        let patience = self.patience();
        let is_there = matches!(self.holds, Some(Holds::BlockingPool(_)));
        let asked = self.record().filter(|_| is_there).map(|record| record.check_pool(patience));
        matches!(asked, Some(Answer::Unresponsive(age)) if age >= patience)
    }

    /// Diagnoses whether there is a thread for the worker that was handed off.
    fn diagnose_worker(&mut self, silent: Duration) -> Verdict {
        let spare =
            self.spare_thread.take().filter(|check| !check.has_run() || check.age() <= silent);
        self.spare_thread = spare.or_else(|| self.request_thread());
        match &self.spare_thread {
            None => self.stalled(Cause::NoThread, silent),
            Some(check) if check.has_run() => self.stalled(Cause::Busy, silent),
            Some(check) if check.age() >= self.patience() / 2 => {
                self.stalled(Cause::NoThread, silent)
            }
            Some(_) => Verdict::Unsure,
        }
    }

    /// Requests a thread for the worker again, after the stall was reported: the system may have a
    /// free one later.
    pub(crate) fn request_again(&mut self, serving: Option<Answer>) {
        if let Some(Answer::Unresponsive(silent)) = serving {
            self.diagnose_serving(silent);
        }
    }

    /// Posts work to the pool that the worker was handed off to. Once the system has threads again,
    /// the pool starts one for this work, and that thread takes the worker as well.
    fn request_thread(&self) -> Option<LivenessCheck> {
        let record = self.record()?;
        let is_queued = self.found == Some(NotHandedOff::NoThread);
        let pool = if is_queued || hand_off::handed_off() == Some(HandedOff::ToOwnPool) {
            os_thread::check().ok()?;
            record.handle()?
        } else {
            record.spare_threads().handle(stack::stack_size()).ok()?
        };
        LivenessCheck::blocking(&pool)
    }

    /// The runtime that serves the call.
    fn record(&self) -> Option<&Arc<RuntimeRecord>> {
        self.serving.as_ref()?.record.as_ref()
    }

    /// Diagnoses why the runtime that serves the call has run no task for the time `silent`.
    fn diagnose_serving(&mut self, silent: Duration) -> Verdict {
        let handle = self.record().and_then(|record| record.handle());
        // The runtime has just ended.
        let Some(handle) = handle else { return Verdict::Unsure };
        match (handle.runtime_flavor(), self.context) {
            (RuntimeFlavor::MultiThread, ThreadContext::Worker) if self.is_served_by_own => {
                self.diagnose_worker(silent)
            }
            (RuntimeFlavor::MultiThread, _) => self.stalled(Cause::Busy, silent),
            _ => self.stalled(Cause::NotDriven, silent),
        }
    }

    fn stalled(&self, cause: Cause, silent: Duration) -> Verdict {
        if silent >= self.patience() { Verdict::Stalled(cause) } else { Verdict::Unsure }
    }
}
