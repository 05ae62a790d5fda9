//! The threads of a run's runtime: how many there are, and which of them are blocked in a read of
//! standard input.
//!
//! Such a read can't be interrupted, and its thread ends only when input comes. On Linux, `/proc`
//! shows in which system call each thread of the process is. On other systems, and where there is
//! no `/proc`, no such thread is detected.

use std::cell::Cell;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The system's number of a thread. `None` if it is not known.
type Number = Option<u32>;

thread_local! {
    // `Cell`s of plain data have no destructor, see `runtimes`.
    static NUMBER: Cell<Number> = const { Cell::new(None) };
    /// The address of the `Threads` that counts this thread.
    static COUNTED_BY: Cell<Option<usize>> = const { Cell::new(None) };
}

#[derive(Debug, Default)]
pub(crate) struct Threads {
    numbers: Mutex<Numbers>,
    stopped: Condvar,
}

#[derive(Debug, Default)]
struct Numbers {
    all: Vec<Number>,
    /// The threads that run tracked blocking work.
    working: Vec<Number>,
}

impl Threads {
    /// Adds this thread, which has just started.
    pub(crate) fn started(&self) {
        let number = system::number();
        let _ = NUMBER.try_with(|own| own.set(number));
        COUNTED_BY.set(Some(self.address()));
        self.numbers().all.push(number);
    }

    /// Removes this thread: it is ending, or it waits for the end of the others itself and so can't
    /// be waited for. Returns whether it was one of the threads.
    pub(crate) fn stopped(&self) -> bool {
        let is_own = COUNTED_BY.get() == Some(self.address());
        if is_own {
            COUNTED_BY.set(None);
            remove(&mut self.numbers().all, own());
            self.stopped.notify_all();
        }
        is_own
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Records that this thread begins tracked blocking work.
    pub(crate) fn begins_work(&self) {
        self.numbers().working.push(own());
    }

    pub(crate) fn ends_work(&self) {
        remove(&mut self.numbers().working, own());
    }

    pub(crate) fn count(&self) -> usize {
        self.numbers().all.len()
    }

    /// The number of threads that are blocked in a read of standard input, without those that run
    /// tracked work.
    pub(crate) fn count_stdin_readers(&self) -> usize {
        let numbers = self.numbers();
        let untracked = numbers.all.iter().filter(|number| !numbers.working.contains(number));
        untracked.filter(|number| system::reads_stdin(**number)).count()
    }

    /// Whether there are threads, and each is blocked in a read of standard input.
    pub(crate) fn all_read_stdin(&self) -> bool {
        all_read_stdin(&self.numbers().all)
    }

    /// Whether `count` pieces of tracked blocking work have begun, and each of them is blocked in a
    /// read of standard input.
    pub(crate) fn all_work_reads_stdin(&self, count: usize) -> bool {
        let working = &self.numbers().working;
        working.len() == count && all_read_stdin(working)
    }

    /// Waits until all threads have ended, but no longer than `limit`. Returns whether they have.
    pub(crate) fn gone(&self, limit: Duration) -> bool {
        let deadline = Instant::now().checked_add(limit);
        let mut numbers = self.numbers();
        while !numbers.all.is_empty() {
            let left =
                deadline.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return false;
            }
            (numbers, _) =
                self.stopped.wait_timeout(numbers, left).unwrap_or_else(PoisonError::into_inner);
        }
        true
    }

    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        // No user code runs under this lock.
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn own() -> Number {
    NUMBER.try_with(Cell::get).ok().flatten()
}

fn remove(numbers: &mut Vec<Number>, number: Number) {
    if let Some(index) = numbers.iter().position(|known| *known == number) {
        numbers.swap_remove(index);
    }
}

fn all_read_stdin(numbers: &[Number]) -> bool {
    !numbers.is_empty() && numbers.iter().all(|number| system::reads_stdin(*number))
}

#[cfg(all(target_os = "linux", not(miri)))]
mod system {
    use std::fs;

    use super::Number;

    /// This thread's number.
    pub(super) fn number() -> Number {
        // The target of the link is `PROCESS/task/THREAD`.
        fs::read_link("/proc/thread-self").ok()?.file_name()?.to_str()?.parse().ok()
    }

    pub(super) fn reads_stdin(thread: Number) -> bool {
        let Some(thread) = thread else { return false };
        fs::read_to_string(format!("/proc/self/task/{thread}/syscall"))
            .is_ok_and(|text| is_read_of_stdin(&text))
    }

    /// The text is the number of the system call and its arguments, or `running`.
    fn is_read_of_stdin(text: &str) -> bool {
        let mut words = text.split_ascii_whitespace();
        let number = words.next().and_then(|number| number.parse().ok());
        let is_read = [libc::SYS_read, libc::SYS_readv].map(Some).contains(&number);
        is_read && words.next() == Some("0x0")
    }
}

#[cfg(not(all(target_os = "linux", not(miri))))]
mod system {
    use super::Number;

    pub(super) fn number() -> Number {
        None
    }

    pub(super) fn reads_stdin(_: Number) -> bool {
        false
    }
}
