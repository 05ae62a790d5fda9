//! What marks a thread as being in a call.

use std::cell::Cell;

use tokio::runtime::Id;

use crate::thread_context::ThreadContext;

thread_local! {
    // No destructor, see `runtimes`.
    static CALL: ActiveCall = const {
        ActiveCall {
            runtime: Cell::new(None),
            origin: Cell::new(None),
            outer_context: Cell::new(None),
        }
    };
}

/// The innermost `sync_call!` of a thread. A cell for each value, and the two ids apart: what is
/// written in parts and then read as a whole is slow to read.
#[derive(Debug)]
#[repr(C)]
struct ActiveCall {
    /// The runtime that was made current for it.
    runtime: Cell<Option<Id>>,
    /// What the thread was doing when the outermost call of this nest was made; `None` outside of
    /// calls.
    outer_context: Cell<Option<ThreadContext>>,
    /// The runtime that was current when the outermost call of this nest was made.
    origin: Cell<Option<Id>>,
}

/// Marks the thread as being inside a call for as long as it lives.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct ActiveCallGuard {
    runtime_before: Option<Id>,
    outer_context: Option<ThreadContext>,
    origin_before: Option<Id>,
}

impl ActiveCallGuard {
    /// `runtime` is the one that the call made current, or left so; `home` the one that was current
    /// before the outermost call.
    #[inline]
    pub(crate) fn new(
        runtime: Option<Id>,
        origin: Option<Id>,
        outer_context: ThreadContext,
    ) -> Self {
        CALL.with(|call| Self {
            runtime_before: call.runtime.replace(runtime),
            origin_before: call.origin.replace(origin),
            outer_context: call.outer_context.replace(Some(outer_context)),
        })
    }
}

impl Drop for ActiveCallGuard {
    #[inline]
    fn drop(&mut self) {
        CALL.with(|call| {
            call.runtime.set(self.runtime_before);
            call.origin.set(self.origin_before);
            call.outer_context.set(self.outer_context);
        });
    }
}

/// The runtime that the thread was in before the outermost call of its nest.
#[inline]
pub(crate) fn origin_runtime() -> Option<Id> {
    CALL.with(|call| call.origin.get())
}

/// The runtime that serves the thread's innermost call.
#[inline]
pub(crate) fn serving_runtime() -> Option<Id> {
    CALL.with(|call| call.runtime.get())
}

/// The context of the thread when the outermost call of the nest was made that the thread is in.
#[inline]
pub(crate) fn outer_context() -> Option<ThreadContext> {
    CALL.with(|call| call.outer_context.get())
}
