//! How much is left of the stack that the code runs on: the thread's own, or a fiber's.
//!
//! Nested calls use up the stack. Code that exhausts it aborts the process, with a message that
//! doesn't name the calls. So each nested call first checks how much is left.

use std::cell::Cell;
use std::ops::Range;
use std::ptr;

use crate::fiber::current;

/// A quarter of the stack must be left, but no more bytes than this: enough for a panic with its
/// message and backtrace in a debug build, and for the frames between two calls.
const MOST: usize = 128 * 1024;

/// And no fewer bytes than this: enough for a panic without a backtrace.
const LEAST: usize = 8 * 1024;

thread_local! {
    /// The lowest address and the end of the thread's stack, once they were looked up. Both are 0
    /// if the system doesn't reveal them.
    static STACK: Cell<Option<(usize, usize)>> = const { Cell::new(None) };
}

/// Whether too little stack is left for another call.
pub(crate) fn is_used_up() -> bool {
    let local = 0_u8;
    let here = ptr::from_ref(&local).addr();
    let is_here = |stack: &Range<usize>| stack.contains(&here);
    let stack = Some(of_thread()).filter(is_here).or_else(|| current::stack().filter(is_here));
    // Otherwise the code is on a stack of another crate, such as a coroutine's, whose size is
    // unknown.
    stack.is_some_and(|stack| here - stack.start < (stack.len() / 4).clamp(LEAST, MOST))
}

/// The size of the thread's stack, if the system reveals it.
pub(crate) fn stack_size() -> Option<usize> {
    Some(of_thread().len()).filter(|size| *size > 0)
}

fn of_thread() -> Range<usize> {
    let (lowest, end) = STACK.get().unwrap_or_else(|| {
        let found = find().unwrap_or_default();
        STACK.set(Some(found));
        found
    });
    lowest..end
}

#[cfg(all(any(target_os = "linux", target_os = "android"), not(miri)))]
#[expect(unsafe_code, reason = "std has no function for the end of a stack")]
fn find() -> Option<(usize, usize)> {
    let mut attributes = std::mem::MaybeUninit::uninit();
    let (mut lowest, mut size) = (ptr::null_mut(), 0);
    // SAFETY: the attributes are those of this very thread, are read only where they were written,
    // and destroyed once.
    let found = unsafe {
        libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) == 0 && {
            let found =
                libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut lowest, &raw mut size);
            libc::pthread_attr_destroy(attributes.as_mut_ptr());
            found == 0
        }
    };
    found.then(|| (lowest.addr(), lowest.addr() + size))
}

#[cfg(not(all(any(target_os = "linux", target_os = "android"), not(miri))))]
fn find() -> Option<(usize, usize)> {
    None
}
