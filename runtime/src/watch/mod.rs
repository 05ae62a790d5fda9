//! Looking after a call that waits for long: whether a runtime that it waits on has ended, and whether that is run at all.
//!
//! There is no thread for it: the call itself looks from time to time, and for the first time after a while, so that most calls never do.

mod facts;

use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::context::NotHandedOff;
use crate::enter::Entered;
use crate::interrupted::Interrupted;
use crate::mark;
use crate::options::CallOptions;
use crate::probe::Answer;
use crate::runtimes::{self, Known};
use crate::thread_context::ThreadContext;
use crate::waits;
use crate::watch::facts::{Facts, Verdict};

/// After what time a call registers to be woken when a runtime that it waits on ends. One that ends earlier is found out at that time.
const REGISTERS_AFTER: Duration = Duration::from_millis(100);

/// How often it is looked whether the runtime makes progress.
const INTERVAL: Duration = Duration::from_secs(1);

/// Says when a call is to be looked at, and looks.
pub(crate) struct Watch<'a> {
    entered: &'a Entered,
    options: CallOptions,
    /// The name of the future's type.
    future: &'static str,
    waker: &'a Waker,
    begun: Instant,
    next: Instant,
    /// The runtime that serves the call, and the one that its thread drives, where that is another one.
    runtimes: [Option<Interruptible>; 2],
    is_registered: bool,
    /// What only came out when the call's worker was to be handed off.
    pub(crate) found: Option<NotHandedOff>,
    /// From the first look on.
    facts: Option<Box<Facts>>,
}

/// A runtime that interrupts the call when it ends.
struct Interruptible {
    known: Arc<Known>,
    /// How often it had interrupted calls before this one began to wait.
    count: u32,
    registered: Option<usize>,
}

impl Interruptible {
    fn is_interrupted(&self) -> bool {
        self.known.interrupt().count() != self.count
    }

    fn register(&mut self, waker: &Waker) {
        // In a forked child the lock may be held by a thread that doesn't exist there.
        if !self.known.is_inherited() {
            self.registered = Some(self.known.interrupt().register(waker.clone()));
        }
    }
}

impl Drop for Interruptible {
    fn drop(&mut self) {
        if let Some(key) = self.registered.filter(|_| !self.known.is_inherited()) {
            self.known.interrupt().remove(key);
        }
    }
}

impl<'a> Watch<'a> {
    /// `waker` wakes the call when it is to be interrupted.
    pub(crate) fn new(
        entered: &'a Entered,
        options: CallOptions,
        future: &'static str,
        waker: &'a Waker,
    ) -> Self {
        let (serving, home) = (mark::serving(), mark::home());
        // A run whose thread is in the call wants to end when its grace period is over. A mere guard says nothing of the kind.
        let driven = home.filter(|_| entered.context() == ThreadContext::Driver && home != serving);
        let runtimes = [serving, driven].map(|id| {
            let known = runtimes::seen(id?)?;
            let count = known.interrupt().count();
            Some(Interruptible { known, count, registered: None })
        });
        let begun = Instant::now();
        Self {
            entered,
            options,
            future,
            waker,
            begun,
            next: begun + REGISTERS_AFTER.min(Self::first_look(options)),
            runtimes,
            is_registered: false,
            found: None,
            facts: None,
        }
    }

    /// After what time it is first looked whether the runtimes make progress.
    fn first_look(options: CallOptions) -> Duration {
        options.stall_after.unwrap_or_else(waits::first_look).min(INTERVAL)
    }

    pub(crate) fn next_look(&self) -> Instant {
        self.next
    }

    /// Whether the call is to end, since a runtime that it waits on does. Costs a load or two.
    #[inline]
    pub(crate) fn check_shutdown(&self) -> Result<(), Interrupted> {
        if self.runtimes.iter().flatten().any(Interruptible::is_interrupted) {
            return Err(Interrupted::Shutdown);
        }
        Ok(())
    }

    /// Looks, and reports what there is to report.
    #[cold]
    pub(crate) fn look(&mut self, now: Instant) -> Result<(), Interrupted> {
        if !self.is_registered {
            self.is_registered = true;
            for runtime in self.runtimes.iter_mut().flatten() {
                runtime.register(self.waker);
            }
        }
        // Also after it was registered: it may have happened before.
        self.check_shutdown()?;
        let first = self.begun + Self::first_look(self.options);
        if now < first {
            self.next = first;
            return Ok(());
        }
        let Self { entered, options, future, found, .. } = *self;
        let find = || Box::new(Facts::find(entered, options, future, found));
        let facts = self.facts.get_or_insert_with(find);
        let waited = now - self.begun;
        let serving = facts.ask_serving();
        if serving == Some(Answer::Ended) {
            return Err(Interrupted::Shutdown);
        }
        let left = facts.stalls.after.saturating_sub(waited);
        let pause = match left {
            _ if facts.is_done => INTERVAL,
            Duration::ZERO => match facts.judge(serving) {
                Verdict::Fine => facts.patience(),
                Verdict::Unsure => facts.patience() / 2,
                Verdict::Stalled(cause) => {
                    facts.act(cause, waited)?;
                    facts.patience()
                }
            },
            left => left,
        };
        self.next = now + pause.min(INTERVAL);
        Ok(())
    }
}
