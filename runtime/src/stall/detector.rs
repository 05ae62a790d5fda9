//! Checks a call that waits for a long time: whether a runtime that it waits on has ended, and
//! whether that runtime makes progress.
//!
//! This takes no thread: the call itself makes the checks, from time to time. The first check comes
//! after a while, so that most calls never make one.

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

/// The time after which a call registers its waker with the runtimes that it waits on, to be woken
/// when one of them ends. If one has ended before, the call detects that when it registers.
const REGISTERS_AFTER: Duration = Duration::from_millis(100);

/// The longest time between two checks during the first seconds of a call.
const INTERVAL: Duration = Duration::from_secs(1);

/// The longest time between two checks of a call that has waited for minutes.
const LONGEST_INTERVAL: Duration = Duration::from_secs(16);

/// The time between two calls of the `interrupt` function. A user who presses Ctrl-C should not
/// notice a delay.
const ASKS_EVERY: Duration = Duration::from_millis(50);

/// Decides when a call is checked, and checks it.
pub(crate) struct Detector<'a> {
    call: BlockedCall,
    waker: &'a Waker,
    begun: Instant,
    next: Instant,
    interrupt: Option<Asks<'a>>,
    /// The runtime that serves the call, and the one that the call's thread drives, if it is
    /// another one.
    runtimes: [Option<Interruptible>; 2],
    is_registered: bool,
    /// Why the call's worker could not be handed off, if it could not.
    pub(crate) found: Option<NotHandedOff>,
    /// `None` until the first check for a stall.
    diagnosis: Option<Box<Diagnosis>>,
}

/// The `interrupt` function of the call, and when to call it next.
struct Asks<'a> {
    ask: AskToInterrupt<'a>,
    next: Instant,
}

/// A runtime whose end interrupts the call.
struct Interruptible {
    record: Arc<RuntimeRecord>,
    /// How often the runtime had interrupted its calls when this call began to wait.
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
    /// `waker` wakes the call when a runtime interrupts it.
    pub(crate) fn new(
        call: BlockedCall,
        waker: &'a Waker,
        interrupt: Option<AskToInterrupt<'a>>,
    ) -> Self {
        // The end of the runtime that polls the call's fiber is no reason to interrupt the call:
        // that runtime drops the fiber, unless another runtime polls the fiber by then.
        let serving = active_call::serving_runtime().filter(|_| !call.is_polled());
        let origin = active_call::origin_runtime();
        // A call that blocks the thread of a run is interrupted after the run's grace period, or
        // the run could not end. That thread drives the run's runtime. Under a mere guard of the
        // runtime, the thread doesn't belong to the run.
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

    /// Returns an error if a runtime that the call waits on has interrupted it. This costs a load
    /// or two.
    #[inline]
    pub(crate) fn check_shutdown(&self) -> Result<(), Interrupted> {
        if self.runtimes.iter().flatten().any(Interruptible::is_interrupted) {
            return Err(Interrupted::Shutdown);
        }
        Ok(())
    }

    /// Makes the checks that are due, and reports a stall.
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
        // After the registration: a runtime that has interrupted its calls before doesn't wake this
        // one.
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

/// The time until the next check of a call that has waited for `waited`, if the last check found no
/// stall.
///
/// Thousands of threads may wait for hours. A check costs each of them a context switch, so the
/// checks become less frequent. A stall that begins late is detected after about a quarter of the
/// time that the call has waited already.
fn interval(waited: Duration) -> Duration {
    (waited / 4).clamp(INTERVAL, LONGEST_INTERVAL)
}
