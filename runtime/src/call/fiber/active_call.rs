//! The call that the code of a fiber is in.

use tokio::runtime::Id;

use crate::context::active_call::{self, ActiveCallGuard};
use crate::thread_context::ThreadContext;

/// The state of a fiber's innermost call. It is kept here while the fiber is suspended, and the
/// thread then has the state of its own call again.
#[derive(Debug)]
pub(super) struct FiberCall {
    runtime: Option<Id>,
    origin: Option<Id>,
    outer_context: ThreadContext,
}

impl FiberCall {
    /// The state of a fiber that is in no call.
    pub(super) fn new() -> Self {
        Self { runtime: None, origin: None, outer_context: ThreadContext::Fiber }
    }

    /// Makes this the state of the thread while `f` resumes the fiber.
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
