//! The stacks of fibers: each with a guard page, and used again.

use std::cell::RefCell;
#[cfg(any(target_os = "linux", target_os = "android"))]
use std::fs;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::fiber::coroutine::{DefaultStack, Stack as _};
use crate::fiber::overflow::Watched;

/// Enough, in a debug build, for a call that has to start the background runtime, and for a panic
/// that unwinds, and its message.
const LEAST: usize = 64 * 1024;

/// How many unused ones a thread keeps. More are given back to the system.
const KEPT: usize = 1024;

/// And all threads together: this part of those that there may be, which others then can't have.
const KEPT_PART: usize = 8;

thread_local! {
    static IDLE: RefCell<Vec<(Stack, Kept)>> = const { RefCell::new(Vec::new()) };
}

/// Memory for a stack, with a page below it that can't be touched.
pub(crate) struct Stack {
    pub(crate) memory: DefaultStack,
    pub(crate) watched: Watched,
    pub(crate) claim: Claim,
}

/// One of the stacks that the process may have.
pub(crate) struct Claim {
    /// As it was asked for.
    pub(crate) size: usize,
}

impl Claim {
    fn new(size: usize) -> io::Result<Self> {
        // Counted before it is judged, so that two threads don't both get the last one.
        let claim = Self { size };
        if STACKS.fetch_add(1, Ordering::Relaxed) >= most() {
            let what = "there are as many stacks as the system's `vm.max_map_count` has room for";
            return Err(io::Error::new(io::ErrorKind::OutOfMemory, what));
        }
        Ok(claim)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        STACKS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many stacks there are, unused ones among them.
static STACKS: AtomicUsize = AtomicUsize::new(0);

/// One of the unused stacks that are kept.
struct Kept;

impl Kept {
    /// `None` if there are enough.
    fn one_more() -> Option<Self> {
        // Counted before it is judged, as above.
        let kept = Self;
        (UNUSED.fetch_add(1, Ordering::Relaxed) < most() / KEPT_PART).then_some(kept)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        UNUSED.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many of them are unused.
static UNUSED: AtomicUsize = AtomicUsize::new(0);

/// How many there may be. Linux limits the mappings of a process, and a stack takes two. Some are
/// left for threads and memory, where a program most often can't do without.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn most() -> usize {
    /// Once it is known. Several threads may find it out at a time: a child that is forked then
    /// waits for none of them.
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let known = MOST.load(Ordering::Relaxed);
    if known > 0 {
        return known;
    }
    let limit = fs::read_to_string("/proc/sys/vm/max_map_count");
    let limit: usize = limit.ok().and_then(|limit| limit.trim().parse().ok()).unwrap_or(65_530);
    let most = (limit - limit / 16) / 2;
    MOST.store(most, Ordering::Relaxed);
    most
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn most() -> usize {
    usize::MAX
}

/// A stack of at least this size.
pub(crate) fn take(size: usize) -> io::Result<Stack> {
    let size = size.max(LEAST);
    // While the thread's locals are being dropped none is kept.
    let idle = IDLE.try_with(|idle| {
        let mut idle = idle.borrow_mut();
        let place = idle.iter().rposition(|(stack, _)| stack.claim.size == size)?;
        Some(idle.swap_remove(place))
    });
    match idle {
        Ok(Some((stack, _))) => Ok(stack),
        _ => new(size),
    }
}

fn new(size: usize) -> io::Result<Stack> {
    if size > isize::MAX as usize / 2 {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no stack can be that large"));
    }
    let claim = Claim::new(size)?;
    let memory = DefaultStack::new(size)?;
    let end = memory.base().get();
    let watched = Watched::new(memory.limit().get(), &(end - size..end));
    Ok(Stack { memory, watched, claim })
}

/// Keeps it for the next fiber of this thread.
pub(crate) fn give_back(stack: Stack) {
    let _ = IDLE.try_with(|idle| {
        let mut idle = idle.borrow_mut();
        if idle.len() < KEPT {
            idle.extend(Kept::one_more().map(|kept| (stack, kept)));
        }
    });
}

/// Whether the thread is ending, so far that what it has kept for fibers is gone.
pub(crate) fn is_thread_exiting() -> bool {
    IDLE.try_with(|_| ()).is_err()
}
