//! What the current thread is doing. Only this file and `hand_off.rs` ask tokio for that; others
//! ask at most for the current handle.

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
    /// What the calling thread is doing now.
    #[must_use]
    pub fn current() -> Self {
        match classify().0.told_workers_apart() {
            Self::Entered | Self::EnteredCurrentThread if is_polled() => Self::BlockOn,
            context => context,
        }
    }
}

impl ThreadContext {
    /// Returns which of those a thread is that a call takes for `Entered`, as far as that is cheap:
    /// `BlockOn` isn't found out.
    pub(crate) fn told_workers_apart(self) -> Self {
        match self {
            // A worker always runs a task. An index without one is the root of a current-thread
            // runtime.
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

/// Whether the thread is one of the blocking pool of the current runtime, and runs blocking work
/// there. A thread of `block_in_place` is one, too, for as long as that lasts.
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

/// What [`classify`] finds where that takes no more than a glance.
pub(crate) enum Glance {
    /// In no call, in the context of this multi-thread runtime.
    Stays(Id),
    /// In no call and without a runtime. This one serves such threads.
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

/// What the thread is doing, as far as a call has to know at once, and the runtime that is current
/// there. Costs nanoseconds: in the context of a multi-thread runtime it is always `Entered`, and
/// `EnteredCurrentThread` may be a `BlockOn`.
// Not inlined: the result is in registers then, and the rest of what begins a call small enough to
// be inlined.
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
    // That there is a mark is not enough: a runtime can have been built, and be driven, inside the
    // call.
    let is_in_call = active_call::serving_runtime() == Some(id) && !is_call_to_block(id);
    let context = match runtimes::state(handle, id) {
        RuntimeState::Inherited => ThreadContext::Forked,
        // For example, the background runtime was closed inside the call.
        RuntimeState::Ended if is_in_call => ThreadContext::RuntimeGone,
        _ if is_in_call => ThreadContext::InCall,
        _ if is_on_fiber(Some(id)) => ThreadContext::Fiber,
        RuntimeState::Alive => classify_in(handle),
        // No thread drives that runtime any more. There is only a guard of it, and another runtime
        // runs this code.
        RuntimeState::Ended if !is_multi_thread(handle) && runtime::worker_index().is_some() => {
            ThreadContext::Driver
        }
        RuntimeState::Ended => ThreadContext::RuntimeGone,
    };
    (context, Some(id))
}

/// Whether the thread is on a fiber that is polled by this runtime, in no call within another
/// runtime, and may be suspended.
#[inline]
fn is_on_fiber(runtime: Option<Id>) -> bool {
    fiber::ENABLED
        && active_call::outer_context() == Some(ThreadContext::Fiber)
        && current::runtime() == runtime
        && !current::must_block(has_coop_budget)
}

/// Whether the thread is in a call on a fiber, but a further one must not suspend it: another
/// runtime, which was chosen for that call, is current for the thread, or code that the fiber knows
/// nothing of is on its stack.
#[inline]
fn is_call_to_block(runtime: Id) -> bool {
    fiber::ENABLED
        && active_call::outer_context() == Some(ThreadContext::Fiber)
        && (current::runtime() != Some(runtime) || current::must_block(has_coop_budget))
}

/// What the thread is doing in the context of a runtime that runs.
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

/// A task that a current-thread runtime drops when it shuts down sees just what its
/// `spawn_blocking` does.
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

/// Whether this is what tokio panics with when a timer is polled whose runtime has ended.
pub(crate) fn is_shutdown_panic(payload: &(dyn Any + Send)) -> bool {
    panic_message(payload).starts_with("A Tokio 1.x context was found, but it is being shutdown")
}

/// Whether the thread is ending and tokio's thread-local state is gone: no runtime can be built,
/// entered or run here any more.
pub(crate) fn is_thread_exiting() -> bool {
    Handle::try_current().is_err_and(|error| error.is_thread_local_destroyed())
}

/// Whether some runtime, or a call of ours, is polling on this thread. Costs up to a microsecond.
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
    /// More than tokio gives a task, 128.
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
    // Each, when it is dropped, puts the budget back to what it was before. So the first one has to
    // be the last.
    permits.iter_mut().rev().for_each(|permit| *permit = None);
    limited
}
