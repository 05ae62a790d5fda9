//! Looking after a call that waits for long: whether its runtime has ended, and whether it is run at all.
//!
//! Nothing is looked at before a call has waited for `stall_after`, and there is no thread for it: who waits looks from time to time.

mod facts;

use std::mem;
use std::time::{Duration, Instant};

use crate::context::NotHandedOver;
use crate::enter::Entered;
use crate::options::CallOptions;
use crate::probe::Answer;
use crate::waits;
use crate::watch::facts::{Facts, Runtime, Verdict};

pub(crate) use crate::watch::facts::GivenUp;

/// How often it is looked whether the runtime has ended.
const INTERVAL: Duration = Duration::from_secs(1);

/// Says when a call is to be looked at, and looks.
pub(crate) struct Watch<'a> {
    entered: &'a Entered,
    options: CallOptions,
    /// The name of the future's type.
    future: &'static str,
    begun: Instant,
    next: Instant,
    /// What only came out when the call's worker was to be handed over.
    pub(crate) found: Option<NotHandedOver>,
    has_ended: bool,
    /// From the first look on.
    facts: Option<Box<Facts>>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(entered: &'a Entered, options: CallOptions, future: &'static str) -> Self {
        let first = options.stall_after.unwrap_or_else(waits::first_look).min(INTERVAL);
        let begun = Instant::now();
        let next = begun + first;
        Self { entered, options, future, begun, next, found: None, has_ended: false, facts: None }
    }

    pub(crate) fn next_look(&self) -> Instant {
        self.next
    }

    /// Looks, and tells what there is to tell.
    #[cold]
    pub(crate) fn look(&mut self) -> Result<(), GivenUp> {
        let Self { entered, options, future, found, .. } = *self;
        let find = || Box::new(Facts::find(entered, options, future, found));
        let facts = self.facts.get_or_insert_with(find);
        let now = Instant::now();
        let waited = now - self.begun;
        let serving = facts.serving.as_ref().map(Runtime::ask);
        let has_ended = match serving {
            Some(Answer::Ended) => true,
            Some(Answer::Silent(age)) => facts.ask_pool(age),
            Some(Answer::Runs) | None => false,
        };
        if has_ended {
            // The future may depend on other things, so it is given until the next look.
            self.next = now + INTERVAL;
            return if mem::replace(&mut self.has_ended, true) { Err(GivenUp::Shutdown) } else { Ok(()) };
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
