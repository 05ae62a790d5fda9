//! A guard that enters a runtime and owns its handle.
#![expect(unsafe_code, reason = "tokio's guard borrows its handle, and the two are kept together")]

use std::fmt;
use std::rc::Rc;

use tokio::runtime::{EnterGuard, Handle, Id};

/// A runtime that is to be entered.
#[derive(Debug, Clone)]
pub(crate) enum MadeCurrent<'a> {
    /// A handle that the caller keeps.
    Lent(&'a Handle),
    /// A handle that the guard has to own.
    Kept(Rc<Handle>),
}

impl MadeCurrent<'_> {
    #[inline]
    pub(crate) fn id(&self) -> Id {
        match self {
            Self::Lent(handle) => handle.id(),
            Self::Kept(handle) => handle.id(),
        }
    }
}

/// Keeps a runtime current, and owns its handle.
pub(crate) struct RuntimeGuard<'a> {
    // The guard is dropped before the handle that it borrows, in the order of the fields.
    _guard: EnterGuard<'a>,
    _handle: Option<Rc<Handle>>,
}

impl<'a> RuntimeGuard<'a> {
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "tokio's guard is slow to move, and is so written where it stays"
    )]
    pub(crate) fn new(made_current: MadeCurrent<'a>) -> Self {
        match made_current {
            MadeCurrent::Lent(handle) => Self { _guard: handle.enter(), _handle: None },
            MadeCurrent::Kept(handle) => Self::keeping(handle),
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as for `new`")]
    pub(crate) fn keeping(handle: Rc<Handle>) -> Self {
        // The handle is a raw pointer until the guard exists. An owner with a destructor, which
        // would run if tokio panicked, would make the compiler move the guard.
        let handle = Rc::into_raw(handle);
        // SAFETY: the handle is on the heap and isn't changed. It is dropped after the guard that
        // borrows it, and no other value owns that guard.
        let guard = unsafe { &*handle }.enter();
        // SAFETY: the pointer was returned by `into_raw`, and is used once.
        Self { _guard: guard, _handle: Some(unsafe { Rc::from_raw(handle) }) }
    }
}

impl fmt::Debug for RuntimeGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RuntimeGuard")
    }
}
