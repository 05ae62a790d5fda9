//! Detecting that the process forked.
//!
//! A forked child has only the thread that forked. The workers of every inherited runtime are gone,
//! and a thread that waits for one of them is never woken. The fork handlers also hold this crate's
//! own locks across the fork. Otherwise a child could inherit a lock that is held by a thread which
//! doesn't exist there.

use std::cell::Cell;
use std::sync::MutexGuard;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::LocalKey;

type Handler = unsafe extern "C" fn();

/// The functions that the system calls before a fork, and after it in the parent and in the child,
/// once they are registered.
///
/// Several threads may register them at the same time, so each function may be called several times
/// for one fork. std's `Once` would prevent that, but a child that is forked meanwhile would wait
/// without end for a thread of its parent.
pub(crate) struct ForkHandlers {
    prepare: Handler,
    parent: Handler,
    child: Handler,
    are_registered: AtomicBool,
}

impl ForkHandlers {
    /// # Safety
    ///
    /// The system calls the three functions on the thread that forks, and `child` in a process
    /// where no other thread exists. So they must
    ///
    /// - be sound to call at any time, also while their thread ends and several times for one fork,
    /// - not unwind, and not register fork handlers, since the system may have locked its list of
    ///   them,
    /// - wait for no lock whose owner may fork while it holds the lock,
    /// - and `child` must not wait for another thread.
    #[expect(
        unsafe_code,
        reason = "the system calls the handlers, whatever the compiler knows of them"
    )]
    pub(crate) const unsafe fn new(prepare: Handler, parent: Handler, child: Handler) -> Self {
        Self { prepare, parent, child, are_registered: AtomicBool::new(false) }
    }

    /// Registers the handlers. To be called before the lock that they hold across a fork is taken:
    /// a thread that forks holds the system's list of handlers while `prepare` waits for that lock,
    /// so registering under the lock could deadlock.
    #[inline]
    pub(crate) fn register(&self) {
        if !self.are_registered.load(Ordering::Acquire) {
            #[expect(unsafe_code, reason = "as for `new`")]
            // SAFETY: the caller of `new` has guaranteed what the functions must do.
            unsafe {
                on_fork(self.prepare, self.parent, self.child);
            }
            self.are_registered();
        }
    }

    /// Records that the handlers are registered. `prepare` calls this first, since it must not
    /// register handlers itself.
    pub(crate) fn are_registered(&self) {
        self.are_registered.store(true, Ordering::Release);
    }
}

/// Whether this thread already holds the lock across the fork.
pub(crate) fn is_held<T>(held: &'static LocalKey<Cell<Option<MutexGuard<'static, T>>>>) -> bool {
    held.try_with(|held| {
        let guard = held.take();
        let is_held = guard.is_some();
        held.set(guard);
        is_held
    })
    .unwrap_or(false)
}

/// Registers `prepare` to be called before a fork, and `parent` and `child` to be called after it.
///
/// This does nothing on systems without `fork`. The registration fails only if there is no memory.
/// Calls then work as usual, except in a forked child.
///
/// # Safety
///
/// As for [`ForkHandlers::new`].
#[cfg(all(unix, not(miri)))]
#[expect(unsafe_code, reason = "no library and no part of std offers fork handlers")]
unsafe fn on_fork(prepare: Handler, parent: Handler, child: Handler) {
    // SAFETY: the caller guarantees what the functions must do. They exist for as long as they are
    // registered: when the system unloads a library, it removes the library's functions from its
    // list.
    unsafe {
        libc::pthread_atfork(Some(prepare), Some(parent), Some(child));
    }
}

#[cfg(not(all(unix, not(miri))))]
#[expect(unsafe_code, reason = "the signature of the other one")]
unsafe fn on_fork(_: Handler, _: Handler, _: Handler) {}
