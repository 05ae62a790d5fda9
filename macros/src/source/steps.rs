//! Counts, in tests, the steps that it takes to read a text, which must grow no faster than its
//! length. A clock would measure the machine.

#[cfg(test)]
thread_local!(static COUNTED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) });

/// A step is a byte that is looked at, or a part of the grammar that begins or ends.
pub(super) fn count(steps: usize) {
    #[cfg(test)]
    COUNTED.set(COUNTED.get() + steps);
    #[cfg(not(test))]
    let _ = steps;
}

/// The number of steps that some work takes.
#[cfg(test)]
pub(crate) fn of(work: impl FnOnce()) -> usize {
    let before = COUNTED.get();
    work();
    COUNTED.get() - before
}
