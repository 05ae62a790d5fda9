//! What is known of a call that waits for long, and what is thought of it.

use std::mem;
use std::panic::{self, Location};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Id, RuntimeFlavor};

use crate::context::{self, NotHandedOver};
use crate::enter::Entered;
#[cfg(feature = "fiber")]
use crate::fiber::inside;
use crate::mark;
use crate::options::CallOptions;
use crate::policy::{OnStall, Stalls};
use crate::probe::{Answer, Probe};
use crate::runtimes::{self, Known};
use crate::stall::{Cause, Stall, lock};
use crate::tell;
use crate::thread_context::ThreadContext;

/// Why a call is given up.
pub(crate) enum GivenUp {
    /// Its runtime has ended.
    Shutdown,
    Stalled(Box<Stall>),
}

pub(super) enum Verdict {
    /// Whatever the call waits for, the runtimes run.
    Fine,
    /// To be asked again soon.
    Unsure,
    Stalled(Cause),
}

/// What is known of a call that waits for long.
pub(super) struct Facts {
    location: &'static Location<'static>,
    /// What it is known by among those that wait.
    key: usize,
    context: ThreadContext,
    /// The runtime that the thread is in, where the call is served by another.
    home: Option<Runtime>,
    pub(super) serving: Option<Runtime>,
    is_served_by_own: bool,
    lock: Option<String>,
    pub(super) stalls: Stalls,
    options: CallOptions,
    /// Whether a thread is to be had for the worker that was handed over.
    pool: Option<Probe>,
    found: Option<NotHandedOver>,
    was_asked: bool,
    /// It was told of, or need not be.
    pub(super) is_done: bool,
}

impl Drop for Facts {
    fn drop(&mut self) {
        runtimes::waits(|waits| waits.leave(self.key));
    }
}

pub(super) struct Runtime {
    id: Id,
    known: Option<Arc<Known>>,
}

impl Runtime {
    fn find(id: Id) -> Self {
        Self { id, known: runtimes::known(id) }
    }

    pub(super) fn ask(&self) -> Answer {
        self.known.as_ref().map_or(Answer::Ended, |known| known.ask())
    }
}

/// Whether the thread is on a fiber that the runtime polls.
#[cfg(feature = "fiber")]
fn is_polled(context: ThreadContext) -> bool {
    context == ThreadContext::Fiber && inside::ends_with_runtime()
}

#[cfg(not(feature = "fiber"))]
fn is_polled(_: ThreadContext) -> bool {
    false
}

impl Facts {
    pub(super) fn find(
        entered: &Entered,
        options: CallOptions,
        future: &str,
        found: Option<NotHandedOver>,
    ) -> Self {
        let (home, serving) = (mark::home(), mark::serving());
        let set = runtimes::stalls([home, serving]);
        let stalls = Stalls {
            after: options.stall_after.unwrap_or(set.after),
            then: options.on_stall.unwrap_or(set.then),
        };
        let context = match (found, entered.context()) {
            (Some(NotHandedOver::Driver), _) => ThreadContext::Driver,
            (Some(NotHandedOver::NoThread), _) => ThreadContext::Worker,
            (None, ThreadContext::Entered) if context::has_handed_over() => ThreadContext::Worker,
            (None, context) => context,
        };
        // Nothing depends on one that is gone. But where code is polled, another one may do that, under its guard.
        let is_of_interest = context != ThreadContext::RuntimeGone || context::has_coop_budget();
        let away = home.filter(|home| Some(*home) != serving && is_of_interest);
        let held = match context {
            ThreadContext::Driver => away,
            ThreadContext::Worker => serving,
            _ => None,
        };
        let location = entered.location();
        Self {
            location,
            key: runtimes::waits(|waits| waits.enter(location, held)),
            context,
            home: away.map(Runtime::find),
            serving: serving.map(Runtime::find),
            is_served_by_own: home == serving,
            lock: lock(future),
            stalls,
            options,
            pool: None,
            found,
            was_asked: false,
            is_done: stalls.then == OnStall::Ignore,
        }
    }

    /// How long a runtime may take to run what it has been given. One that takes longer stands still.
    pub(super) fn patience(&self) -> Duration {
        self.stalls.after.clamp(Duration::from_millis(50), Duration::from_secs(1))
    }

    pub(super) fn judge(&mut self, serving: Option<Answer>) -> Verdict {
        let home = match (self.context, &self.home) {
            // It drives one that can't be seen.
            (ThreadContext::Driver, None) => return Verdict::Stalled(Cause::Driven),
            (ThreadContext::Forked, _) => return Verdict::Stalled(Cause::Inherited),
            (_, home) => home.as_ref().map(Runtime::ask),
        };
        let patience = self.patience();
        let is_run = matches!(self.context, ThreadContext::Driver | ThreadContext::RuntimeGone);
        match (home, serving) {
            (Some(Answer::Silent(age)), _) if age >= patience => Verdict::Stalled(match self.context {
                ThreadContext::Driver => Cause::Driven,
                _ => Cause::NotDriven,
            }),
            // It has stood still, and now polls the fiber that looks.
            (_, Some(Answer::Silent(_))) if is_polled(self.context) => Verdict::Unsure,
            (_, Some(Answer::Silent(age))) => self.judge_serving(age),
            (Some(Answer::Silent(_)), _) => Verdict::Unsure,
            // The last answer may be an old one.
            _ if !mem::replace(&mut self.was_asked, true) => Verdict::Unsure,
            // Whoever runs that one, if anybody does, this thread is another one's.
            (Some(Answer::Runs | Answer::Ended), _) if is_run => Verdict::Stalled(Cause::Hidden),
            _ if self.lock.is_some() => Verdict::Stalled(Cause::Lock),
            // A limit of its own is told of whatever the runtimes do.
            _ if self.options.stall_after.is_some() => Verdict::Stalled(Cause::Unexpected),
            _ => Verdict::Fine,
        }
    }

    /// Asks the blocking pool of a runtime that has run nothing for so long. Says whether the runtime has ended.
    ///
    /// A worker that is handed over once its runtime has begun to end is lost: it is given to a pool that takes nothing any more, and
    /// the runtime goes on ending, with all of its tasks, when the call is over.
    pub(super) fn ask_pool(&mut self, silent: Duration) -> bool {
        if !matches!(self.context, ThreadContext::Worker | ThreadContext::Entered) {
            return false;
        }
        // Once the system has threads again, tokio starts one, which takes the worker that waits for it.
        if self.found == Some(NotHandedOver::NoThread) && thread::Builder::new().spawn(|| ()).is_err() {
            return false;
        }
        let pool = self.pool.take().filter(|pool| !pool.has_run() || pool.age() <= silent);
        self.pool = pool.or_else(|| {
            let known = self.known()?;
            let handle = known.pool().handle().or_else(|| known.handle())?;
            // tokio panics if the system has no thread after all.
            panic::catch_unwind(|| Probe::blocking(&handle)).ok()
        });
        if self.pool.is_some() {
            self.found = None;
        }
        let has_ended = self.pool.as_ref().is_some_and(Probe::was_dropped);
        if let Some(known) = self.known().filter(|_| has_ended) {
            known.end();
        }
        has_ended
    }

    /// The runtime that serves the call.
    fn known(&self) -> Option<&Arc<Known>> {
        self.serving.as_ref()?.known.as_ref()
    }

    /// The runtime that serves the call hasn't run a task for so long.
    fn judge_serving(&self, silent: Duration) -> Verdict {
        let handle = self.known().and_then(|known| known.handle());
        // It has just ended.
        let Some(handle) = handle else { return Verdict::Unsure };
        let cause = match (handle.runtime_flavor(), &self.pool) {
            // Another thread has taken this one's place, or there is none to be had.
            (RuntimeFlavor::MultiThread, Some(pool)) if self.context == ThreadContext::Worker => {
                match pool.has_run() {
                    true => Cause::Busy,
                    false if pool.age() >= self.patience() / 2 => Cause::NoThread,
                    false => return Verdict::Unsure,
                }
            }
            (RuntimeFlavor::MultiThread, None) if self.context == ThreadContext::Worker => Cause::NoThread,
            (RuntimeFlavor::MultiThread, _) => Cause::Busy,
            _ => Cause::NotDriven,
        };
        if silent >= self.patience() { Verdict::Stalled(cause) } else { Verdict::Unsure }
    }

    /// Tells of the call, or gives it up.
    pub(super) fn act(&mut self, cause: Cause, waited: Duration) -> Result<(), GivenUp> {
        let gives_up = match self.stalls.then {
            // A second panic would end the process, and with it clean-up that is no more than slow.
            OnStall::Panic => self.options.refuses || !thread::panicking(),
            OnStall::Report => self.options.refuses && cause.is_of_its_own(),
            OnStall::Ignore => false,
        };
        if gives_up {
            return Err(GivenUp::Stalled(Box::new(self.stall(cause, waited))));
        }
        if runtimes::waits(|waits| waits.may_tell(self.key, waited)) {
            tell::warn(self.stall(cause, waited));
            self.is_done = true;
        }
        Ok(())
    }

    fn stall(&self, cause: Cause, waited: Duration) -> Stall {
        let own = match self.context {
            ThreadContext::Driver => self.home.as_ref(),
            _ => self.home.as_ref().or(self.serving.as_ref()),
        };
        let (concerned, is_own) = match cause {
            Cause::Driven | Cause::NotDriven | Cause::Hidden | Cause::Inherited => (own, true),
            Cause::NoThread | Cause::Busy | Cause::Lock | Cause::Unexpected => {
                (self.serving.as_ref(), self.is_served_by_own)
            }
        };
        let context = match (cause, self.context) {
            (Cause::Hidden, ThreadContext::Driver) => ThreadContext::EnteredCurrentThread,
            (_, context) => context,
        };
        Stall {
            location: self.location,
            context,
            waited,
            cause,
            runtime: concerned.map(|runtime| runtimes::name(runtime.id)),
            is_own,
            others: concerned
                .map(|runtime| runtimes::waits(|waits| waits.others(self.key, runtime.id)))
                .unwrap_or_default(),
            lock: self.lock.clone(),
        }
    }
}
