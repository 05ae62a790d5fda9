//! Looking after a call that waits for long: whether a runtime that it waits on has ended, and
//! whether that is run at all.
//!
//! There is no thread for it: the call itself looks from time to time, and for the first time after
//! a while, so that most calls never do.

use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::context::active_call;
use crate::context::hand_off::NotHandedOff;
use crate::interrupted::{AskToInterrupt, Interrupted};
use crate::runtimes::liveness::Answer;
use crate::runtimes::{self, RuntimeRecord};
use crate::stall::diagnosis::{BlockedCall, Diagnosis, Verdict};
use crate::thread_context::ThreadContext;

/// After what time a call registers to be woken when a runtime that it waits on ends. One that ends
/// earlier is found out at that time.
const REGISTERS_AFTER: Duration = Duration::from_millis(100);

/// How often a call checks at least, for the first seconds, whether the runtimes make progress.
const INTERVAL: Duration = Duration::from_secs(1);

/// How often a call checks at least that has waited for minutes.
const LONGEST_INTERVAL: Duration = Duration::from_secs(16);

/// How often a call asks whether it is to be interrupted: a person who has pressed Ctrl-C shouldn't
/// notice that it takes a moment.
const ASKS_EVERY: Duration = Duration::from_millis(50);

/// Decides when a call is checked, and checks it.
pub(crate) struct Detector<'a> {
    call: BlockedCall,
    waker: &'a Waker,
    begun: Instant,
    next: Instant,
    interrupt: Option<Asks<'a>>,
    /// The runtime that serves the call, and the one that its thread drives, where that is another
    /// one.
    runtimes: [Option<Interruptible>; 2],
    is_registered: bool,
    /// What only came out when the call's worker was to be handed off.
    pub(crate) found: Option<NotHandedOff>,
    /// From the first look on.
    diagnosis: Option<Box<Diagnosis>>,
}

/// The function that is asked whether to interrupt the call, and when it is to be asked next.
struct Asks<'a> {
    ask: AskToInterrupt<'a>,
    next: Instant,
}

/// A runtime that interrupts the call when it ends.
struct Interruptible {
    record: Arc<RuntimeRecord>,
    /// How often it had interrupted calls before this one began to wait.
    count: u32,
    registered: Option<usize>,
}

impl Interruptible {
    fn is_interrupted(&self) -> bool {
        self.record.interrupt().count() != self.count
    }

    fn register(&mut self, waker: &Waker) {
        // In a forked child the lock may be held by a thread that doesn't exist there.
        if !self.record.is_inherited() {
            self.registered = Some(self.record.interrupt().register(waker.clone()));
        }
    }
}

impl Drop for Interruptible {
    fn drop(&mut self) {
        if let Some(key) = self.registered.filter(|_| !self.record.is_inherited()) {
            self.record.interrupt().remove(key);
        }
    }
}

impl<'a> Detector<'a> {
    /// `waker` wakes the call when it is to be interrupted.
    pub(crate) fn new(
        call: BlockedCall,
        waker: &'a Waker,
        interrupt: Option<AskToInterrupt<'a>>,
    ) -> Self {
        // A fiber that a runtime polls is dropped with that, and may be polled by another one by
        // then.
        let serving = active_call::serving_runtime().filter(|_| !call.is_polled());
        let origin = active_call::origin_runtime();
        // A run whose thread is in the call must end when its grace period is over. A mere guard
        // doesn't show that.
        let driven = origin.filter(|_| call.context == ThreadContext::Driver && origin != serving);
        let runtimes = [serving, driven].map(|id| {
            let record = runtimes::seen(id?)?;
            let count = record.interrupt().count();
            Some(Interruptible { record, count, registered: None })
        });
        let begun = Instant::now();
        Self {
            call,
            waker,
            begun,
            next: begun + REGISTERS_AFTER.min(call.first_check()),
            interrupt: interrupt.map(|ask| Asks { ask, next: begun + ASKS_EVERY }),
            runtimes,
            is_registered: false,
            found: None,
            diagnosis: None,
        }
    }

    pub(crate) fn next_check(&self) -> Instant {
        self.interrupt.as_ref().map_or(self.next, |asks| asks.next.min(self.next))
    }

    /// Whether the call is to end, since a runtime that it waits on does. Costs a load or two.
    #[inline]
    pub(crate) fn check_shutdown(&self) -> Result<(), Interrupted> {
        if self.runtimes.iter().flatten().any(Interruptible::is_interrupted) {
            return Err(Interrupted::Shutdown);
        }
        Ok(())
    }

    /// Asks, looks, and reports what there is to report.
    #[cold]
    pub(crate) fn check(&mut self, now: Instant) -> Result<(), Interrupted> {
        if let Some(asks) = self.interrupt.as_mut().filter(|asks| asks.next <= now) {
            if (asks.ask)() {
                return Err(Interrupted::Asked);
            }
            asks.next = now + ASKS_EVERY;
        }
        if self.next <= now { self.look(now) } else { Ok(()) }
    }

    fn look(&mut self, now: Instant) -> Result<(), Interrupted> {
        if !self.is_registered {
            self.is_registered = true;
            for runtime in self.runtimes.iter_mut().flatten() {
                runtime.register(self.waker);
            }
        }
        // Also after it was registered: it may have happened before.
        self.check_shutdown()?;
        let first = self.begun + self.call.first_check();
        if now < first {
            self.next = first;
            return Ok(());
        }
        let Self { call, found, .. } = *self;
        let find = || Box::new(Diagnosis::find(call, found));
        let diagnosis = self.diagnosis.get_or_insert_with(find);
        let waited = now - self.begun;
        let serving = diagnosis.check_serving();
        if serving == Some(Answer::Ended) && !self.call.is_polled() {
            return Err(Interrupted::Shutdown);
        }
        let left = diagnosis.stalls.after.saturating_sub(waited);
        let pause = match left {
            _ if diagnosis.is_done => {
                diagnosis.request_again(serving);
                if serving == Some(Answer::Runs) { interval(waited) } else { INTERVAL }
            }
            Duration::ZERO => match diagnosis.diagnose(serving) {
                Verdict::Fine => interval(waited).max(diagnosis.patience()),
                Verdict::Unsure => diagnosis.patience() / 2,
                Verdict::Stalled(cause) => {
                    diagnosis.act(cause, waited)?;
                    diagnosis.patience()
                }
            },
            left => left.min(INTERVAL),
        };
        self.next = now + pause;
        Ok(())
    }
}

/// When a call that has waited for so long checks next, if it has found nothing.
///
/// Thousands of threads may wait for hours. A check costs each of them a context switch, so the
/// checks get rarer: a stall that begins late is reported after a quarter of the time that the call
/// has waited already.
fn interval(waited: Duration) -> Duration {
    (waited / 4).clamp(INTERVAL, LONGEST_INTERVAL)
}
