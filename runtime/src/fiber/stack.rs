//! The stacks of fibers. Each has a guard page, and is reused.

use std::cell::RefCell;
#[cfg(any(target_os = "linux", target_os = "android"))]
use std::fs;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::fiber::coroutine::{DefaultStack, Stack as _};
use crate::fiber::overflow::Watched;

/// The minimum size. In a debug build it is enough for a call that starts the background runtime,
/// and for a panic that is reported and unwinds.
const LEAST: usize = 64 * 1024;

/// How many unused stacks a thread keeps. Further ones are freed.
const KEPT: usize = 1024;

/// All threads together keep at most one in this many of the stacks that there may be ([`most`]),
/// since other threads can't use the stacks that a thread keeps.
const KEPT_PART: usize = 8;

thread_local! {
    static IDLE: RefCell<Vec<(Stack, Kept)>> = const { RefCell::new(Vec::new()) };
}

/// Memory for a stack, with a guard page below it.
pub(crate) struct Stack {
    pub(crate) memory: DefaultStack,
    pub(crate) watched: Watched,
    pub(crate) claim: Claim,
}

/// Counts as one of the stacks that the process has, until it is dropped.
pub(crate) struct Claim {
    /// The requested size, in bytes.
    pub(crate) size: usize,
}

impl Claim {
    fn new(size: usize) -> io::Result<Self> {
        // Counted before the comparison, so that two threads don't both get the last stack.
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

/// How many stacks the process has, including unused ones.
static STACKS: AtomicUsize = AtomicUsize::new(0);

/// Counts as one of the unused stacks, until it is dropped.
struct Kept;

impl Kept {
    /// `None` if enough stacks are kept.
    fn one_more() -> Option<Self> {
        // Counted before the comparison, as in `Claim::new`.
        let kept = Self;
        (UNUSED.fetch_add(1, Ordering::Relaxed) < most() / KEPT_PART).then_some(kept)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        UNUSED.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many stacks are unused.
static UNUSED: AtomicUsize = AtomicUsize::new(0);

/// How many stacks the process may have. Linux limits the memory mappings of a process, and a stack
/// takes two. Some mappings are left for threads and the allocator, whose failure ends most
/// programs.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn most() -> usize {
    /// 0 until it is known. Several threads may look it up at the same time, so that a forked child
    /// never waits for a thread that doesn't exist there.
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

/// Returns a stack of at least this size.
pub(crate) fn take(size: usize) -> io::Result<Stack> {
    let size = size.max(LEAST);
    // While the thread-locals are being dropped, the thread keeps no stacks.
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

/// Keeps the stack for a later fiber of this thread, or frees it if enough stacks are kept.
pub(crate) fn give_back(stack: Stack) {
    let _ = IDLE.try_with(|idle| {
        let mut idle = idle.borrow_mut();
        if idle.len() < KEPT {
            idle.extend(Kept::one_more().map(|kept| (stack, kept)));
        }
    });
}

/// Whether the thread is exiting, and has dropped the stacks that it kept.
pub(crate) fn is_thread_exiting() -> bool {
    IDLE.try_with(|_| ()).is_err()
}
