//! Detects what the current thread is doing, from tokio's thread-local state and this crate's.

use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::runtime::{self, Handle, Id, RuntimeFlavor};
use tokio::task::{self, coop};

use crate::context::{active_call, hand_off};
use crate::fiber::{self, current};
use crate::log::panic_message;
use crate::runtimes::liveness;
use crate::runtimes::serving;
use crate::runtimes::{self, RuntimeState};
use crate::thread_context::ThreadContext;

impl ThreadContext {
    /// Returns what the calling thread is doing now.
    #[must_use]
    pub fn current() -> Self {
        match classify().0.distinguished_workers() {
            Self::Entered | Self::EnteredCurrentThread if is_polled() => Self::BlockOn,
            context => context,
        }
    }
}

impl ThreadContext {
    /// Refines `Entered` to `Worker` or `Driver` where that is cheap to detect. `BlockOn` isn't
    /// detected, and stays `Entered`.
    pub(crate) fn distinguished_workers(self) -> Self {
        match self {
            // A worker always runs a task. A worker index without a task means the root future in
            // the `block_on` of a current-thread runtime.
            Self::Entered if runtime::worker_index().is_some() => match task::try_id() {
                Some(_) => Self::Worker,
                None => Self::Driver,
            },
            context => context,
        }
    }
}

thread_local! {
    static SEEN_BLOCKING: Cell<Option<task::Id>> = const { Cell::new(None) };
}

/// Whether the thread belongs to the blocking pool of the current runtime, and runs blocking work
/// there. That includes a worker thread in a `block_in_place` of its task.
pub(crate) fn is_on_blocking_pool(context: ThreadContext) -> bool {
    match context {
        ThreadContext::BlockingPool => true,
        ThreadContext::Entered => {
            task::try_id().is_some()
                && runtime::worker_index().is_none()
                && hand_off::handed_off().is_none()
        }
        _ => false,
    }
}

/// The contexts that [`glance`] detects, on the fast path of a call.
pub(crate) enum Glance {
    /// In no call, and in the context of this multi-thread runtime, which stays current.
    Stays(Id),
    /// In no call, and without a runtime. This runtime serves calls on such threads.
    Plain(Rc<Handle>),
    Other,
}

#[inline]
pub(crate) fn glance() -> Glance {
    if active_call::outer_context().is_some() {
        return Glance::Other;
    }
    match &Handle::try_current() {
        Ok(handle) if is_multi_thread(handle) && runtimes::is_seen_alive(handle.id()) => {
            Glance::Stays(handle.id())
        }
        Err(error) if error.is_missing_context() => {
            serving::seen_serving().map_or(Glance::Other, Glance::Plain)
        }
        _ => Glance::Other,
    }
}

/// Returns the context of the thread, as precisely as the beginning of a call needs it, and the
/// current runtime. This takes nanoseconds: in the context of a multi-thread runtime the result is
/// always `Entered`, and `EnteredCurrentThread` may be a `BlockOn`.
// Not inlined, so that the result is returned in registers, and the callers stay small enough to be
// inlined.
#[inline(never)]
pub(crate) fn classify() -> (ThreadContext, Option<Id>) {
    let current = Handle::try_current();
    let handle = match &current {
        Ok(handle) => handle,
        Err(error) if error.is_thread_local_destroyed() => {
            return (ThreadContext::ThreadExiting, None);
        }
        Err(_) if is_on_fiber(None) => return (ThreadContext::Fiber, None),
        Err(_) => return (ThreadContext::Plain, None),
    };
    let id = handle.id();
    // That a call is active isn't enough: its code may have built another runtime, and may be
    // polled by that.
    let is_in_call = active_call::serving_runtime() == Some(id) && !is_call_to_block(id);
    let context = match runtimes::state(handle, id) {
        RuntimeState::Inherited => ThreadContext::Forked,
        // For example, the background runtime was closed inside the call.
        RuntimeState::Ended if is_in_call => ThreadContext::RuntimeGone,
        _ if is_in_call => ThreadContext::InCall,
        _ if is_on_fiber(Some(id)) => ThreadContext::Fiber,
        RuntimeState::Alive => classify_in(handle),
        // No thread drives the ended runtime any more. The thread is only under a guard of it, and
        // another runtime runs this code.
        RuntimeState::Ended if !is_multi_thread(handle) && runtime::worker_index().is_some() => {
            ThreadContext::Driver
        }
        RuntimeState::Ended => ThreadContext::RuntimeGone,
    };
    (context, Some(id))
}

/// Whether a call suspends a fiber here: the thread is on a fiber, the current runtime is the
/// fiber's own, and the fiber can be suspended.
#[inline]
fn is_on_fiber(runtime: Option<Id>) -> bool {
    fiber::ENABLED
        && active_call::outer_context() == Some(ThreadContext::Fiber)
        && current::runtime() == runtime
        && !current::must_block(has_coop_budget)
}

/// Whether the thread is in a call on a fiber, and a nested call must block the thread instead of
/// suspending the fiber: the outer call has made another runtime current (`on`), or the fiber can't
/// be suspended here, see [`current::must_block`].
#[inline]
fn is_call_to_block(runtime: Id) -> bool {
    fiber::ENABLED
        && active_call::outer_context() == Some(ThreadContext::Fiber)
        && (current::runtime() != Some(runtime) || current::must_block(has_coop_budget))
}

/// The context of a thread that has entered this runtime, which has not ended.
#[inline]
pub(crate) fn classify_in(handle: &Handle) -> ThreadContext {
    // The flavor is that of the current runtime. The index shows whether *some* runtime is polling
    // on this thread, and the task id whether there is a task.
    match handle.runtime_flavor() {
        RuntimeFlavor::MultiThread => ThreadContext::Entered,
        _ if runtime::worker_index().is_some() => ThreadContext::Driver,
        _ => match task::try_id() {
            Some(id) => classify_off_the_driver(handle, id),
            None => ThreadContext::EnteredCurrentThread,
        },
    }
}

/// Distinguishes blocking work from a task that a current-thread runtime drops while it shuts down.
/// tokio's thread-local state is the same in both cases, so this checks whether the runtime has
/// ended.
fn classify_off_the_driver(handle: &Handle, id: task::Id) -> ThreadContext {
    if SEEN_BLOCKING.get() != Some(id) {
        if liveness::has_ended(handle) {
            return ThreadContext::RuntimeGone;
        }
        SEEN_BLOCKING.set(Some(id));
    }
    ThreadContext::BlockingPool
}

/// Whether the current runtime has begun to end, even if calls were served there a moment ago.
pub(crate) fn runtime_has_ended() -> bool {
    let Ok(handle) = Handle::try_current() else { return false };
    // A worker that drops its tasks may drop the sentinel last. A current-thread runtime isn't
    // checked by spawning: while no thread drives it, the spawned tasks would pile up.
    runtimes::state(&handle, handle.id()) != RuntimeState::Alive
        || is_multi_thread(&handle) && liveness::has_ended(&handle)
}

fn is_multi_thread(handle: &Handle) -> bool {
    handle.runtime_flavor() == RuntimeFlavor::MultiThread
}

/// Whether this is the payload of tokio's panic for a timer that is polled after its runtime has
/// shut down.
pub(crate) fn is_shutdown_panic(payload: &(dyn Any + Send)) -> bool {
    panic_message(payload).starts_with("A Tokio 1.x context was found, but it is being shutdown")
}

/// Whether the thread is ending and tokio's thread-local state is gone: no runtime can be built,
/// entered or run here any more.
pub(crate) fn is_thread_exiting() -> bool {
    Handle::try_current().is_err_and(|error| error.is_thread_local_destroyed())
}

/// Whether some runtime, or a call of this crate, is polling on this thread. Costs up to a
/// microsecond.
pub(crate) fn is_polled() -> bool {
    active_call::outer_context().is_some() || is_polled_by_tokio()
}

/// Whether tokio itself is polling on this thread. Costs up to a microsecond, but nanoseconds on a
/// runtime's own threads.
pub(crate) fn is_polled_by_tokio() -> bool {
    runtime::worker_index().is_some() || has_coop_budget()
}

/// Whether the coop budget is limited, as it is wherever tokio polls something. Only this
/// distinguishes a multi-thread runtime's `block_on` from a mere `enter()` guard.
pub(crate) fn has_coop_budget() -> bool {
    /// More than the budget of 128 that tokio gives a task.
    const MORE_THAN_A_BUDGET: usize = 129;
    let mut cx = Context::from_waker(Waker::noop());
    let mut permits = [const { None }; MORE_THAN_A_BUDGET];
    let mut limited = false;
    for permit in &mut permits {
        match coop::poll_proceed(&mut cx) {
            Poll::Ready(given) => *permit = Some(given),
            Poll::Pending => {
                limited = true;
                break;
            }
        }
    }
    // Dropping a permit restores the budget from before it was taken, so the first one is dropped
    // last.
    permits.iter_mut().rev().for_each(|permit| *permit = None);
    limited
}
