//! Reporting what the end of a run waits for.

use std::fmt::Write;
use std::time::Duration;

use crate::log;
use crate::report::{Kind, places};
use crate::sync::atomic::Ordering;
use crate::task::tracker::{Phase, Tracker};

/// The maximum number of places that a report lists.
const SHOWN: usize = 4;

impl Tracker {
    /// Reports what the end of the run waits for, once for each run. `left` is the time that the
    /// wait may still take, if known.
    pub(crate) fn report_wait(&self, left: Option<Duration>) {
        if self.wait_reported.swap(true, Ordering::Relaxed) {
            return;
        }
        let waited = self.requested_at().elapsed();
        let mut text = format!("{} has been shutting down for {waited:.1?}", self.subject());
        let waits_for = self.tracked.collect(|entry| Some(self.leftover(entry)));
        let found = places(&waits_for);
        for (leftover, count) in found.iter().take(SHOWN) {
            let _ = write!(text, "\n  note: it waits for {}{}", article(leftover.kind), leftover);
            if *count > 1 {
                let _ = write!(text, " (and {} more from there)", count - 1);
            }
        }
        if found.len() > SHOWN {
            let _ = write!(
                text,
                "\n  note: it waits for what was started at {} more places",
                found.len() - SHOWN
            );
        }
        if found.is_empty() {
            text += self.untracked();
        }
        if let Some(left) = left {
            let _ = write!(text, "\n  note: it waits for at most {left:.1?} more");
        }
        text += match self.phase() {
            Phase::Open | Phase::Requested => {
                "\n  help: `grace_period` limits how long tasks that await `cancelled()` may take, `shutdown_timeout` how long blocking work may take after that"
            }
            Phase::Dropping => {
                "\n  help: `shutdown_timeout` limits how long blocking work may take"
            }
        };
        log::warn(text);
    }

    fn untracked(&self) -> &'static str {
        match self.phase() {
            Phase::Open | Phase::Requested => {
                "\n  note: it waits for tasks of `tokio::spawn`, of which at least one has awaited `cancelled()`"
            }
            Phase::Dropping => {
                "\n  note: it waits for threads of the runtime: `tokio::task::spawn_blocking` work, such as a read of standard input or of a file, or tasks that do not yield"
            }
        }
    }
}

fn article(kind: Kind) -> &'static str {
    match kind {
        Kind::Main | Kind::Blocking => "",
        Kind::Task | Kind::Fiber | Kind::Thread | Kind::StdinRead => "a ",
    }
}
