//! A cache of the runtime that each thread was in last, so that looking it up again takes no lock.

use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use tokio::runtime::Id;

use crate::runtimes::record;
use crate::runtimes::record::{GENERATION, RuntimeRecord, RuntimeState};
use crate::task::tracker::Tracker;

thread_local! {
    static SEEN: Cell<Option<Seen>> = const { Cell::new(None) };
}

/// A cached runtime, and the generation in which it was looked up. This keeps neither the record
/// nor the tracker alive.
struct Seen {
    id: Id,
    generation: u64,
    record: Weak<RuntimeRecord>,
    tracker: Weak<Tracker>,
}

impl Seen {
    fn new(id: Id, generation: u64, record: &Arc<RuntimeRecord>) -> Self {
        let tracker = Arc::downgrade(record.tracker());
        Self { id, generation, record: Arc::downgrade(record), tracker }
    }

    /// Returns the cached value for this generation, if a look-up would find the same record.
    ///
    /// The generation changes mostly because another runtime has ended. A program may end thousands
    /// of runtimes a second. Without this check, all other threads would then take the lock for
    /// each of them.
    fn again(self, id: Id, generation: u64) -> Option<Self> {
        if self.id != id {
            return None;
        }
        if self.generation == generation {
            return Some(self);
        }
        let record = self.record.upgrade()?;
        let is_current =
            !record.is_replaced.load(Ordering::Acquire) && record.state() == RuntimeState::Alive;
        is_current.then_some(Self { generation, ..self })
    }
}

/// Finds the record of the runtime as [`record`] does, mostly without the lock.
pub(crate) fn seen(id: Id) -> Option<Arc<RuntimeRecord>> {
    look(id, |seen| seen.record.upgrade())
}

/// Finds the tracker of the runtime, if the runtime has a record.
pub(super) fn tracker(id: Id) -> Option<Arc<Tracker>> {
    look(id, |seen| seen.tracker.upgrade())
}

fn look<T>(id: Id, upgrade: fn(&Seen) -> Option<T>) -> Option<T> {
    // The generation is read before the look-up: a later change makes the thread look again.
    let generation = GENERATION.now();
    // Nothing is cached while the thread-locals are being dropped.
    let known =
        SEEN.try_with(Cell::take).ok().flatten().and_then(|seen| seen.again(id, generation));
    let known = known.and_then(|seen| Some((Some(upgrade(&seen)?), seen)));
    let (found, seen) = if let Some(known) = known {
        known
    } else {
        let seen = Seen::new(id, generation, &record(id)?);
        (upgrade(&seen), seen)
    };
    let _ = SEEN.try_with(|known| known.set(Some(seen)));
    found
}
