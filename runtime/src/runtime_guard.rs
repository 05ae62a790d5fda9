//! Making a runtime current, with a handle that lives for as long as the guard does.
#![expect(unsafe_code, reason = "tokio's guard borrows its handle, and the two are kept together")]

use std::fmt;
use std::rc::Rc;

use tokio::runtime::{EnterGuard, Handle, Id};

/// A runtime that is to be made current.
#[derive(Debug, Clone)]
pub(crate) enum MadeCurrent<'a> {
    /// It is kept by the code that lends it.
    Lent(&'a Handle),
    /// The guard has to keep it.
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

/// Keeps a runtime current, and its handle, which need not live longer than this.
pub(crate) struct RuntimeGuard<'a> {
    // In the order in which they are to be dropped.
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
        // Owned by nobody meanwhile: what has to be dropped when tokio panics would have the guard moved.
        let handle = Rc::into_raw(handle);
        // SAFETY: the handle is on the heap, isn't changed, and is not dropped before the guard that borrows it, which nobody else has.
        let guard = unsafe { &*handle }.enter();
        // SAFETY: it is what `into_raw` has returned, and is used once.
        Self { _guard: guard, _handle: Some(unsafe { Rc::from_raw(handle) }) }
    }
}

impl fmt::Debug for RuntimeGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RuntimeGuard")
    }
}
