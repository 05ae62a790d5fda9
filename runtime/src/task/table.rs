//! The table of what has been started: what is known of each task and each piece of blocking work until its end.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::task::Waker;

use slab::Slab;

use crate::report::Kind;

/// Gives the error in the output of a task, if it is one.
pub(crate) type Check = fn(&dyn Any) -> Option<String>;

#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) entries: Slab<Entry>,
    last_number: u32,
    counts: [usize; Kind::COUNT],
    /// Plain tokio tasks have awaited `cancelled()`. Their end can't be seen, so nothing is kept of each.
    pub(crate) has_graceful_untracked: bool,
}

/// One thing that was started. There can be very many.
pub(crate) struct Entry {
    pub(crate) location: &'static Location<'static>,
    /// To have it polled, and so dropped. From its first poll on.
    pub(crate) waker: Option<Waker>,
    /// Set when the task was detached.
    pub(crate) detached: Option<Check>,
    /// Since when, in milliseconds since the tracker began. Of a task: since it first waited, or since closing began.
    pub(crate) at: Option<u32>,
    number: u32,
    pub(crate) kind: Kind,
    pub(crate) graceful: bool,
}

impl Table {
    pub(crate) fn get(&mut self, key: Key) -> Option<&mut Entry> {
        self.entries.get_mut(key.place as usize).filter(|entry| entry.number == key.number)
    }

    /// How many there are of a kind.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.counts[kind as usize]
    }

    /// Takes note of something; gives the key that it is known by.
    pub(crate) fn insert(
        &mut self,
        kind: Kind,
        location: &'static Location<'static>,
        at: Option<u32>,
    ) -> Key {
        self.last_number = self.last_number.wrapping_add(1);
        let number = self.last_number;
        let entry = Entry { location, waker: None, detached: None, at, number, kind, graceful: false };
        self.counts[kind as usize] += 1;
        let place = self.entries.insert(entry);
        Key { place: u32::try_from(place).expect("no machine holds 2^32 tasks"), number }
    }

    pub(crate) fn remove(&mut self, key: Key) -> Option<Entry> {
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
    pub(crate) fn enter(tracker: usize, key: Key) -> Self {
        Self { outer: POLLED.replace(Some((tracker, key))) }
    }

    /// The tracker and the task that are named on this thread.
    pub(crate) fn current() -> Option<(usize, Key)> {
        POLLED.get()
    }
}

impl Drop for Polled {
    fn drop(&mut self) {
        POLLED.set(self.outer);
    }
}
