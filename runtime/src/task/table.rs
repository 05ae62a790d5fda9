//! The table of what has been started: what is known of each task and each piece of blocking work
//! until its end.
//!
//! It is divided into shards with a lock each, and what is started one after the other is in
//! different ones, so that threads seldom meet.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::task::Waker;

use slab::Slab;

use crate::report::Kind;
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::{Mutex, MutexGuard, PoisonError, SHARDS};

/// Gives the error in the output of a task, if it is one.
pub(crate) type Check = fn(&dyn Any) -> Option<String>;

#[derive(Debug)]
pub(crate) struct Table {
    shards: Box<[Aligned]>,
    /// The number of what is started next.
    next: AtomicU32,
}

/// As large as two cache lines, of which the processor may fetch the second with the first.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Aligned(Mutex<Shard>);

#[derive(Debug, Default)]
pub(crate) struct Shard {
    entries: Slab<Entry>,
    counts: [u32; Kind::COUNT],
}

/// One thing that was started. There can be very many.
pub(crate) struct Entry {
    pub(crate) location: &'static Location<'static>,
    /// To have it polled, and so dropped. From its first poll on.
    pub(crate) waker: Option<Waker>,
    /// Set when the task was detached.
    pub(crate) detached: Option<Check>,
    /// Since when, in milliseconds since the tracker began. Of a task: since it first waited, or
    /// since closing began.
    pub(crate) at: Option<u32>,
    number: u32,
    pub(crate) kind: Kind,
    pub(crate) graceful: bool,
}

impl Default for Table {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Aligned::default()).collect(), next: AtomicU32::new(0) }
    }
}

impl Table {
    /// Takes note of something; gives the key that it is known by.
    pub(crate) fn insert(
        &self,
        kind: Kind,
        location: &'static Location<'static>,
        at: Option<u32>,
    ) -> Key {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let entry =
            Entry { location, waker: None, detached: None, at, number, kind, graceful: false };
        self.shard(number).insert(entry)
    }

    /// Locks the part that this is in. No user code may run meanwhile: wakers, destructors and
    /// handlers are called without the lock.
    pub(crate) fn shard_of(&self, key: Key) -> MutexGuard<'_, Shard> {
        self.shard(key.number)
    }

    pub(crate) fn remove(&self, key: Key) -> Option<Entry> {
        self.shard_of(key).remove(key)
    }

    /// How many there are of these kinds.
    pub(crate) fn count(&self, kinds: &[Kind]) -> usize {
        let count = |shard: &Shard| {
            kinds.iter().map(|kind| shard.counts[*kind as usize] as usize).sum::<usize>()
        };
        self.shards.iter().map(|shard| count(&lock(shard))).sum()
    }

    /// Calls `f` with each, shard by shard.
    pub(crate) fn for_each(&self, mut f: impl FnMut(&mut Entry)) {
        for shard in &self.shards {
            lock(shard).entries.iter_mut().for_each(|(_, entry)| f(entry));
        }
    }

    /// What `f` gives for each, in the order in which they were started.
    pub(crate) fn collect<T>(&self, f: impl Fn(&Entry) -> Option<T>) -> Vec<T> {
        let mut found = Vec::new();
        self.for_each(|entry| found.extend(f(entry).map(|value| (entry.number, value))));
        in_order(found)
    }

    fn shard(&self, number: u32) -> MutexGuard<'_, Shard> {
        lock(&self.shards[number as usize % SHARDS])
    }
}

/// A function of its own, so that there is one sort for each type and not for each closure.
fn in_order<T>(mut found: Vec<(u32, T)>) -> Vec<T> {
    found.sort_unstable_by_key(|(number, _)| *number);
    found.into_iter().map(|(_, value)| value).collect()
}

fn lock(shard: &Aligned) -> MutexGuard<'_, Shard> {
    shard.0.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shard {
    pub(crate) fn get(&mut self, key: Key) -> Option<&mut Entry> {
        self.entries.get_mut(key.place as usize).filter(|entry| entry.number == key.number)
    }

    fn insert(&mut self, entry: Entry) -> Key {
        let number = entry.number;
        self.counts[entry.kind as usize] += 1;
        // Not twice as large each time: that many are unused then.
        let len = self.entries.len();
        if len == self.entries.capacity() {
            self.entries.reserve_exact(len / 4 + 4);
        }
        let place = self.entries.insert(entry);
        Key { place: u32::try_from(place).expect("no machine holds 2^32 tasks"), number }
    }

    fn remove(&mut self, key: Key) -> Option<Entry> {
        let kind = self.get(key)?.kind;
        self.counts[kind as usize] -= 1;
        self.entries.try_remove(key.place as usize)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("kind", &self.kind)
            .field("location", self.location)
            .finish_non_exhaustive()
    }
}

/// What something that was started is known by. The place is used again, the number isn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    place: u32,
    number: u32,
}

impl Key {
    /// Of what never was.
    pub(crate) const NONE: Self = Self { place: u32::MAX, number: u32::MAX };
}

thread_local! {
    // No destructor, see `runtimes`.
    /// The tracker, by its address, and the tracked task that is being polled on this thread.
    static POLLED: Cell<Option<(usize, Key)>> = const { Cell::new(None) };
}

/// Names the polled task for as long as it lives.
pub(crate) struct Polled {
    outer: Option<(usize, Key)>,
}

impl Polled {
    /// The tracker is named by its address.
    #[inline]
    pub(crate) fn enter(tracker: usize, key: Key) -> Self {
        Self { outer: POLLED.replace(Some((tracker, key))) }
    }

    /// The tracker and the task that are named on this thread.
    pub(crate) fn current() -> Option<(usize, Key)> {
        POLLED.get()
    }
}

impl Drop for Polled {
    #[inline]
    fn drop(&mut self) {
        POLLED.set(self.outer);
    }
}
