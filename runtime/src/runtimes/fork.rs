//! Detecting that the process forked.
//!
//! In a forked child only the forking thread goes on: the workers of every inherited runtime are
//! gone, and a thread that waits for one of them is never woken. The handlers also keep our own
//! lock consistent across the fork, or a child could inherit it locked by a thread that no longer
//! exists.

use std::cell::Cell;
use std::sync::MutexGuard;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::LocalKey;

type Handler = unsafe extern "C" fn();

/// What is called before a fork, and after it on either side, once it is registered.
///
/// Who finds another thread about to register it does so, too: with std's `Once`, a child that was
/// forked just then would wait without end for a thread of its parent's. So each may be called
/// several times for a fork.
pub(crate) struct ForkHandlers {
    prepare: Handler,
    parent: Handler,
    child: Handler,
    are_registered: AtomicBool,
}

impl ForkHandlers {
    /// # Safety
    ///
    /// The system calls the three in whichever thread forks, `child` in a process where no other
    /// thread exists. So they must
    ///
    /// - be callable by code that knows nothing of them, at any time, also while their thread ends
    ///   and several times for one fork,
    /// - not unwind, and not register fork handlers, which the system may have locked,
    /// - wait for no lock that its owner may hold while it forks,
    /// - and `child` must do nothing that waits for another thread.
    #[expect(
        unsafe_code,
        reason = "the system calls the handlers, whatever the compiler knows of them"
    )]
    pub(crate) const unsafe fn new(prepare: Handler, parent: Handler, child: Handler) -> Self {
        Self { prepare, parent, child, are_registered: AtomicBool::new(false) }
    }

    /// To be called before what they are for is locked.
    #[inline]
    pub(crate) fn register(&self) {
        if !self.are_registered.load(Ordering::Acquire) {
            #[expect(unsafe_code, reason = "as for `new`")]
            // SAFETY: the caller of `new` has promised it.
            unsafe {
                on_fork(self.prepare, self.parent, self.child);
            }
            self.are_registered();
        }
    }

    /// To be called first by `prepare`, where nothing may be registered.
    pub(crate) fn are_registered(&self) {
        self.are_registered.store(true, Ordering::Release);
    }
}

/// Whether the thread keeps the lock over the fork already.
pub(crate) fn is_held<T>(held: &'static LocalKey<Cell<Option<MutexGuard<'static, T>>>>) -> bool {
    held.try_with(|held| {
        let guard = held.take();
        let is_held = guard.is_some();
        held.set(guard);
        is_held
    })
    .unwrap_or(false)
}

/// Has `prepare` called before a fork, `parent` and `child` after it on either side.
///
/// Where there is no fork this does nothing. The registration can fail for want of memory only;
/// calls then work as ever, but not in a forked child.
///
/// # Safety
///
/// As for [`ForkHandlers::new`].
#[cfg(all(unix, not(miri)))]
#[expect(unsafe_code, reason = "no library and no part of std offers fork handlers")]
unsafe fn on_fork(prepare: Handler, parent: Handler, child: Handler) {
    // SAFETY: the caller answers for the functions. They are there as long as they are registered:
    // the system takes those of a library off its list when it unloads the library.
    unsafe {
        libc::pthread_atfork(Some(prepare), Some(parent), Some(child));
    }
}

#[cfg(not(all(unix, not(miri))))]
#[expect(unsafe_code, reason = "the signature of the other one")]
unsafe fn on_fork(_: Handler, _: Handler, _: Handler) {}
