//! Counts, for tests, what is done to read a text: that has to grow with its length, and no faster.
//! A clock would tell of the machine.

#[cfg(test)]
thread_local!(static COUNTED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) });

/// Each is a byte that is looked at, or a part of the grammar that begins or ends.
pub(super) fn count(steps: usize) {
    #[cfg(test)]
    COUNTED.set(COUNTED.get() + steps);
    #[cfg(not(test))]
    let _ = steps;
}

/// How many there are in some work.
#[cfg(test)]
pub(crate) fn of(work: impl FnOnce()) -> usize {
    let before = COUNTED.get();
    work();
    COUNTED.get() - before
}
