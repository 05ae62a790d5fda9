//! The thread-local state that marks a thread as being in a call.

use std::cell::Cell;

use tokio::runtime::Id;

use crate::thread_context::ThreadContext;

thread_local! {
    // No destructor, so that calls can be made while other thread-locals are being dropped.
    static CALL: ActiveCall = const {
        ActiveCall {
            runtime: Cell::new(None),
            origin: Cell::new(None),
            outer_context: Cell::new(None),
        }
    };
}

/// The innermost `sync_call!` of a thread. Each value has a cell of its own, and the two ids aren't
/// adjacent: reading several values at once that were written one by one is slow.
#[derive(Debug)]
#[repr(C)]
struct ActiveCall {
    /// The runtime that serves the call: it was made current for the call, or was current already.
    runtime: Cell<Option<Id>>,
    /// The context in which the outermost of the nested calls was made. `None` outside of calls.
    outer_context: Cell<Option<ThreadContext>>,
    /// The runtime that was current when the outermost call was made.
    origin: Cell<Option<Id>>,
}

/// Marks the thread as being in a call until this is dropped.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct ActiveCallGuard {
    runtime_before: Option<Id>,
    outer_context: Option<ThreadContext>,
    origin_before: Option<Id>,
}

impl ActiveCallGuard {
    /// `runtime` is the runtime that serves the call, and `origin` the one that was current before
    /// the outermost call.
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

/// The runtime that was current before the outermost of the nested calls.
#[inline]
pub(crate) fn origin_runtime() -> Option<Id> {
    CALL.with(|call| call.origin.get())
}

/// The runtime that serves the thread's innermost call.
#[inline]
pub(crate) fn serving_runtime() -> Option<Id> {
    CALL.with(|call| call.runtime.get())
}

/// The context in which the outermost of the nested calls was made. `None` outside of calls.
#[inline]
pub(crate) fn outer_context() -> Option<ThreadContext> {
    CALL.with(|call| call.outer_context.get())
}
