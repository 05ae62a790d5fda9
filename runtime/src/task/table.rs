//! The table of what has been started. Each task, fiber and piece of blocking work has an entry
//! until it ends.
//!
//! The table is divided into shards with a lock each. Successive entries are in different shards,
//! so that threads seldom contend for a lock.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::task::Waker;

use slab::Slab;

use crate::report::Kind;
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::{Mutex, MutexGuard, PoisonError, SHARDS};

/// Returns the message of the error in the output of a task, if the output is one.
pub(crate) type Check = fn(&dyn Any) -> Option<String>;

#[derive(Debug)]
pub(crate) struct Table {
    shards: Box<[Aligned]>,
    /// The number of the next entry.
    next: AtomicU32,
}

/// As large as two cache lines, since a processor may fetch the second one with the first.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Aligned(Mutex<Shard>);

#[derive(Debug, Default)]
pub(crate) struct Shard {
    entries: Slab<Entry>,
    counts: [u32; Kind::COUNT],
}

/// A task, a fiber or blocking work that was started. There can be very many entries, so they are
/// small.
pub(crate) struct Entry {
    pub(crate) location: &'static Location<'static>,
    /// Wakes the task, so that it is polled and dropped. It is recorded when the task first waits.
    pub(crate) waker: Option<Waker>,
    /// Set when the task was detached.
    pub(crate) detached: Option<Check>,
    /// When this was started, in milliseconds since the tracker was created. For a task, when it
    /// first waited, or when closing began.
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
    /// Adds an entry, and returns its key.
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

    /// Locks the shard of this key. No user code may run under the lock: wakers, destructors and
    /// handlers are called outside of it.
    pub(crate) fn shard_of(&self, key: Key) -> MutexGuard<'_, Shard> {
        self.shard(key.number)
    }

    pub(crate) fn remove(&self, key: Key) -> Option<Entry> {
        self.shard_of(key).remove(key)
    }

    /// The number of entries of these kinds.
    pub(crate) fn count(&self, kinds: &[Kind]) -> usize {
        let count = |shard: &Shard| {
            kinds.iter().map(|kind| shard.counts[*kind as usize] as usize).sum::<usize>()
        };
        self.shards.iter().map(|shard| count(&lock(shard))).sum()
    }

    /// Calls `f` with each entry, shard by shard.
    pub(crate) fn for_each(&self, mut f: impl FnMut(&mut Entry)) {
        for shard in &self.shards {
            lock(shard).entries.iter_mut().for_each(|(_, entry)| f(entry));
        }
    }

    /// Returns what `f` returns for each entry, in the order in which the entries were added.
    pub(crate) fn collect<T>(&self, f: impl Fn(&Entry) -> Option<T>) -> Vec<T> {
        let mut found = Vec::new();
        self.for_each(|entry| found.extend(f(entry).map(|value| (entry.number, value))));
        in_order(found)
    }

    fn shard(&self, number: u32) -> MutexGuard<'_, Shard> {
        lock(&self.shards[number as usize % SHARDS])
    }
}

/// A function of its own, so that the sort is compiled once for each type, and not for each
/// closure.
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
        // Doubling the capacity each time would leave up to half of it unused.
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

/// The key of an entry. The place is used again for later entries, the number isn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    place: u32,
    number: u32,
}

impl Key {
    /// The key of a task that was never started.
    pub(crate) const NONE: Self = Self { place: u32::MAX, number: u32::MAX };
}

thread_local! {
    // `Cell`s of plain data have no destructor, see `runtimes`.
    /// The tracked task that this thread is polling, with the address of its tracker.
    static POLLED: Cell<Option<(usize, Key)>> = const { Cell::new(None) };
}

/// Sets the task that this thread is polling, for as long as this lives.
pub(crate) struct Polled {
    outer: Option<(usize, Key)>,
}

impl Polled {
    /// `tracker` is the address of the tracker.
    #[inline]
    pub(crate) fn enter(tracker: usize, key: Key) -> Self {
        Self { outer: POLLED.replace(Some((tracker, key))) }
    }

    /// The task that this thread is polling, with the address of its tracker.
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
