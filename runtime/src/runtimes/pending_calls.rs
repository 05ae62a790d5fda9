//! The calls of this process that have waited for a long time, and which of them were reported.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::panic::Location;
use std::time::Duration;

use slab::Slab;
use tokio::runtime::Id;

#[derive(Debug)]
pub(crate) struct PendingCalls {
    calls: Slab<PendingCall>,
    /// How long the last reported call of each place had waited.
    reported: BTreeMap<&'static Location<'static>, Duration>,
}

#[derive(Debug)]
struct PendingCall {
    location: &'static Location<'static>,
    /// What the call blocks while it waits.
    holds: Option<Holds>,
    reported: bool,
}

/// What a call blocks while it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// The only thread of this runtime.
    Driver(Id),
    /// A worker of this runtime.
    Worker(Id),
    /// A thread of this runtime's blocking pool.
    BlockingPool(Id),
}

impl PendingCalls {
    pub(crate) const fn new() -> Self {
        Self { calls: Slab::new(), reported: BTreeMap::new() }
    }

    /// Adds a call, and returns its key.
    pub(crate) fn enter(
        &mut self,
        location: &'static Location<'static>,
        holds: Option<Holds>,
    ) -> usize {
        self.calls.insert(PendingCall { location, holds, reported: false })
    }

    pub(crate) fn leave(&mut self, key: usize) {
        // In a forked child, `forget` may have removed the call.
        self.calls.try_remove(key);
    }

    /// Removes all calls in a forked child, where the other threads don't exist. This frees no
    /// memory, since another thread may have held the allocator's lock during the fork.
    pub(crate) fn forget(&mut self) {
        self.calls.clear();
    }

    /// Returns whether to report the call, and then marks it as reported. A place is not reported
    /// again while a reported call still waits there. Later calls at the place are reported only
    /// when they have waited for twice as long as the last reported one.
    pub(crate) fn may_report(&mut self, key: usize, waited: Duration) -> bool {
        let Some(location) = self.calls.get(key).map(|call| call.location) else { return true };
        if self.calls.iter().any(|(_, call)| call.reported && call.location == location) {
            return false;
        }
        let reported = self.reported.entry(location).or_default();
        if waited < 2 * *reported {
            return false;
        }
        *reported = waited;
        self.calls[key].reported = true;
        true
    }

    /// The places of the other calls that block this runtime, or workers of it, as text. Empty if
    /// there are none.
    pub(crate) fn others(&self, key: usize, runtime: Id) -> String {
        let blocks = [Some(Holds::Driver(runtime)), Some(Holds::Worker(runtime))];
        places(
            self.calls.iter().filter(|(other, call)| *other != key && blocks.contains(&call.holds)),
        )
    }

    /// The number and the places of the calls that block threads of this runtime's blocking pool.
    pub(crate) fn on_pool(&self, runtime: Id) -> (usize, String) {
        let on_pool =
            |(_, call): &(usize, &PendingCall)| call.holds == Some(Holds::BlockingPool(runtime));
        (self.calls.iter().filter(on_pool).count(), places(self.calls.iter().filter(on_pool)))
    }
}

/// The places of these calls, as text.
fn places<'a>(calls: impl Iterator<Item = (usize, &'a PendingCall)>) -> String {
    const SHOWN: usize = 3;
    let mut places: Vec<(&Location<'_>, usize)> = Vec::new();
    for (_, call) in calls {
        match places.iter_mut().find(|(location, _)| *location == call.location) {
            Some((_, count)) => *count += 1,
            None => places.push((call.location, 1)),
        }
    }
    let shown = places.iter().take(SHOWN).map(|(location, count)| match count {
        1 => location.to_string(),
        count => format!("{location} ({count} calls)"),
    });
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if places.len() > SHOWN {
        let _ = write!(text, " and {} more places", places.len() - SHOWN);
    }
    text
}
