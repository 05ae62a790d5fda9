//! The call that the code of a fiber is in.

use tokio::runtime::Id;

use crate::context::active_call::{self, ActiveCallGuard};
use crate::thread_context::ThreadContext;

/// The innermost call of a fiber. While the fiber is suspended it is kept here, and the thread has
/// its own again.
#[derive(Debug)]
pub(super) struct FiberCall {
    runtime: Option<Id>,
    origin: Option<Id>,
    outer_context: ThreadContext,
}

impl FiberCall {
    /// None yet.
    pub(super) fn new() -> Self {
        Self { runtime: None, origin: None, outer_context: ThreadContext::Fiber }
    }

    /// Makes it the thread's while `f` runs, which lets the fiber go on.
    #[inline]
    pub(super) fn during<R>(&mut self, f: impl FnOnce() -> R) -> R {
        let _of_thread = ActiveCallGuard::new(self.runtime, self.origin, self.outer_context);
        let result = f();
        self.runtime = active_call::serving_runtime();
        self.origin = active_call::origin_runtime();
        self.outer_context = active_call::outer_context().unwrap_or(ThreadContext::Fiber);
        result
    }
}
