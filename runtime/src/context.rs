//! Where the current thread stands. This is the only file that asks tokio.

use std::cell::Cell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::task::{Context, Poll, Waker};

use tokio::runtime::{self, Handle, Id, RuntimeFlavor};
use tokio::task::{self, coop};

use crate::probe;
use crate::runtimes::{self, State};
use crate::scope::panic_message;

/// What the current thread is doing, as far as waiting on it is concerned.
///
/// ```
/// use bridgehead::ThreadContext;
///
/// assert_eq!(ThreadContext::current(), ThreadContext::Plain);
/// assert!(ThreadContext::current().may_block());
///
/// let inside = bridgehead::run(async { ThreadContext::current() });
/// assert_eq!(inside, ThreadContext::BlockOn);
/// assert!(!inside.may_block());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ThreadContext {
    /// No runtime is current: a thread of the program's own, or of another executor.
    Plain,
    /// A worker thread of a multi-thread runtime, in a task.
    Worker,
    /// The thread that called `block_on` of a multi-thread runtime, while its future is polled; also in a `LocalSet` there, and the
    /// second thread that calls `block_on` of a current-thread runtime.
    BlockOn,
    /// In the context of a multi-thread runtime without being polled by it: `spawn_blocking`, `block_in_place`, an `enter()` guard.
    Entered,
    /// `spawn_blocking` of a current-thread runtime.
    BlockingPool,
    /// Under the `enter()` guard of a current-thread runtime, which nobody may be driving.
    EnteredCurrentThread,
    /// The thread that drives a current-thread runtime, a `LocalRuntime`, or a `LocalSet` on one of them.
    Driver,
    /// Inside a `sync_call!` on this same thread.
    InCall,
    /// The current runtime is shutting down or gone.
    RuntimeGone,
    /// In a forked child, with a runtime of the parent's current: none of its threads exist here.
    Forked,
    /// The thread is ending and tokio's thread-local state is gone.
    ThreadExiting,
}

impl ThreadContext {
    /// Where the calling thread stands now.
    #[must_use]
    pub fn current() -> Self {
        match classify().0 {
            // A worker always runs a task. An index without one is the root of a current-thread runtime.
            Self::Entered if runtime::worker_index().is_some() => match task::try_id() {
                Some(_) => Self::Worker,
                None => Self::Driver,
            },
            Self::Entered | Self::EnteredCurrentThread if is_polled() => Self::BlockOn,
            context => context,
        }
    }

    /// Whether blocking the thread by other means than a `sync_call!` (a sleep, a lock, a channel of std's) holds up nothing but its
    /// caller. False wherever the thread is polling async code.
    #[must_use]
    pub fn may_block(self) -> bool {
        match self {
            Self::Worker | Self::BlockOn | Self::Driver | Self::InCall => false,
            Self::Plain
            | Self::Entered
            | Self::BlockingPool
            | Self::EnteredCurrentThread
            | Self::RuntimeGone
            | Self::Forked
            | Self::ThreadExiting => true,
        }
    }
}

impl fmt::Display for ThreadContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "on a thread without a runtime",
            Self::Worker => "on a worker thread of a multi-thread runtime",
            Self::BlockOn => "on a thread in a runtime's `block_on`",
            Self::Entered => "in the context of a multi-thread runtime, on none of its workers",
            Self::BlockingPool => "on a blocking thread of a current-thread runtime",
            Self::EnteredCurrentThread => "under the `enter()` guard of a current-thread runtime",
            Self::Driver => "on the thread that drives a current-thread runtime",
            Self::InCall => "inside a `sync_call!`",
            Self::RuntimeGone => "in the context of a runtime that is shutting down or gone",
            Self::Forked => "in a forked child, in the context of a runtime of its parent",
            Self::ThreadExiting => "on a thread that is ending",
        })
    }
}

thread_local! {
    // No destructor, see `runtimes`.
    static CALL: Call = const { Call { runtime: Cell::new(None), home: Cell::new(None), outermost: Cell::new(None) } };
    static SEEN_BLOCKING: Cell<Option<task::Id>> = const { Cell::new(None) };
    /// The task that last handed its worker over on this thread, and the worker's index.
    static HANDED_OVER: Cell<Option<(task::Id, usize)>> = const { Cell::new(None) };
}

/// The innermost `sync_call!` of a thread. A cell for each value: one that is written in parts and then read as a whole is slow to read.
#[derive(Debug)]
struct Call {
    /// The runtime that was made current for it.
    runtime: Cell<Option<Id>>,
    /// The runtime that was current when the outermost call of this nest was made.
    home: Cell<Option<Id>>,
    /// Where the thread stood when the outermost call of this nest was made; `None` outside of calls.
    outermost: Cell<Option<ThreadContext>>,
}

/// Marks the thread as being inside a call for as long as it lives.
#[derive(Debug)]
pub(crate) struct InCall {
    outer_runtime: Option<Id>,
    outer_home: Option<Id>,
    outermost: Option<ThreadContext>,
}

impl InCall {
    /// `runtime` is the one that the call made current, or left so; `home` the one that was current before the outermost call.
    #[inline]
    pub(crate) fn mark(runtime: Option<Id>, home: Option<Id>, outermost: ThreadContext) -> Self {
        CALL.with(|call| Self {
            outer_runtime: call.runtime.replace(runtime),
            outer_home: call.home.replace(home),
            outermost: call.outermost.replace(Some(outermost)),
        })
    }
}

impl Drop for InCall {
    #[inline]
    fn drop(&mut self) {
        CALL.with(|call| {
            call.runtime.set(self.outer_runtime);
            call.home.set(self.outer_home);
            call.outermost.set(self.outermost);
        });
    }
}

/// The runtime that the thread was in before the outermost call of its nest.
#[inline]
pub(crate) fn home() -> Option<Id> {
    CALL.with(|call| call.home.get())
}

/// The runtime that serves the thread's innermost call.
pub(crate) fn serving() -> Option<Id> {
    CALL.with(|call| call.runtime.get())
}

/// Whether the task that the thread runs has handed over the worker that the thread was.
pub(crate) fn has_handed_over() -> bool {
    let task = task::try_id();
    task.is_some() && HANDED_OVER.get().map(|(task, _)| task) == task
}

/// Where the thread stood when the outermost call of the nest was made that the thread is in.
#[inline]
pub(crate) fn outermost_call() -> Option<ThreadContext> {
    CALL.with(|call| call.outermost.get())
}

/// Where the thread stands, as far as a call has to know at once, and the runtime that is current there. Costs nanoseconds: in the
/// context of a multi-thread runtime it is always `Entered`, and `EnteredCurrentThread` may be a `BlockOn`.
// Not inlined: the result is in registers then, and the rest of what begins a call small enough to be inlined.
#[inline(never)]
pub(crate) fn classify() -> (ThreadContext, Option<Id>) {
    let current = Handle::try_current();
    let handle = match &current {
        Ok(handle) => handle,
        Err(error) if error.is_thread_local_destroyed() => {
            return (ThreadContext::ThreadExiting, None);
        }
        Err(_) => return (ThreadContext::Plain, None),
    };
    let id = handle.id();
    // That there is a mark is not enough: a runtime can have been built, and be driven, inside the call.
    let is_in_call = CALL.with(|call| call.runtime.get()) == Some(id);
    let context = match runtimes::state(handle, id) {
        State::Inherited => ThreadContext::Forked,
        _ if is_in_call => ThreadContext::InCall,
        State::Alive => classify_in(handle),
        State::Ended => ThreadContext::RuntimeGone,
    };
    (context, Some(id))
}

/// Where the thread stands in the context of a runtime that runs.
#[inline]
fn classify_in(handle: &Handle) -> ThreadContext {
    // The flavor says which runtime is current, the index whether *some* runtime is polling on this thread, and the task id whether
    // there is a task.
    match handle.runtime_flavor() {
        RuntimeFlavor::MultiThread => ThreadContext::Entered,
        _ if runtime::worker_index().is_some() => ThreadContext::Driver,
        _ => match task::try_id() {
            Some(id) => classify_off_the_driver(handle, id),
            None => ThreadContext::EnteredCurrentThread,
        },
    }
}

/// A task that a current-thread runtime drops when it shuts down sees just what its `spawn_blocking` does.
fn classify_off_the_driver(handle: &Handle, id: task::Id) -> ThreadContext {
    if SEEN_BLOCKING.get() != Some(id) {
        if probe::has_ended(handle) {
            return ThreadContext::RuntimeGone;
        }
        SEEN_BLOCKING.set(Some(id));
    }
    ThreadContext::BlockingPool
}

/// Whether the current runtime has begun to end, even if calls were served there a moment ago.
pub(crate) fn runtime_has_ended() -> bool {
    let Ok(handle) = Handle::try_current() else { return false };
    // A worker that drops its tasks may come to the sentinel last. Other flavors are not asked for sure: where nobody drives one, the
    // questions would pile up.
    runtimes::state(&handle, handle.id()) != State::Alive
        || handle.runtime_flavor() == RuntimeFlavor::MultiThread && probe::has_ended(&handle)
}

/// What became of handing over a worker.
pub(crate) enum HandedOver<R> {
    /// Done, if there was one, and this run.
    To(R),
    /// The thread drives a current-thread runtime instead.
    Driver,
    /// There was no thread to be had. The worker waits for one.
    NoThread,
}

/// Runs `f`, after handing over to another thread the worker that this one may be; or doesn't, and says why.
///
/// A task of a current-thread runtime under the guard of a multi-thread runtime looks like a worker, and tokio panics when it tries to
/// hand over. There the index is 0, and it is somebody else's: if that worker is parked, or doesn't exist, it is not this thread. Where
/// it is busy at this very moment nothing tells the two apart, and only then the panic is what does.
pub(crate) fn hand_over<R>(f: impl FnOnce() -> R) -> HandedOver<R> {
    // Nobody's worker, or handed over already.
    let Some(index) = runtime::worker_index() else { return HandedOver::To(f()) };
    // A worker always runs a task.
    let (Some(id), Ok(handle)) = (task::try_id(), Handle::try_current()) else { return HandedOver::Driver };
    let worker = (id, index);
    // Once a task has handed it over, the worker with that index is most often another thread, and handing over does nothing more.
    if HANDED_OVER.get() != Some(worker) && is_of_another_thread(index) {
        return HandedOver::Driver;
    }
    let has_begun = Cell::new(false);
    // tokio takes the thread of the runtime that is current. For the call itself that remains its own.
    let spare = runtimes::known(handle.id()).and_then(|known| known.pool().handle());
    let spare = spare.as_ref().map(Handle::enter);
    let own = spare.is_some().then_some(&handle);
    let work = || {
        has_begun.set(true);
        let _own = own.map(Handle::enter);
        HANDED_OVER.set(Some(worker));
        f()
    };
    match panic::catch_unwind(AssertUnwindSafe(|| task::block_in_place(work))) {
        Ok(value) => HandedOver::To(value),
        Err(payload) if has_begun.get() => panic::resume_unwind(payload),
        // "OS can't spawn worker thread"; the other panic is that there is no worker.
        Err(payload) if panic_message(payload.as_ref()).contains("spawn") => HandedOver::NoThread,
        Err(_) => HandedOver::Driver,
    }
}

/// No thread of the current runtime's blocking pool has taken over a worker in time.
pub(crate) fn has_no_thread() {
    if let Some(known) = Handle::try_current().ok().and_then(|handle| runtimes::known(handle.id())) {
        known.pool().own_is_full();
    }
}

/// Whether the worker of the current runtime with this index is surely not this thread.
fn is_of_another_thread(index: usize) -> bool {
    let Ok(handle) = Handle::try_current() else { return true };
    let metrics = handle.metrics();
    #[cfg(target_has_atomic = "64")]
    let is_parked = |index| metrics.worker_park_unpark_count(index) % 2 == 1;
    #[cfg(not(target_has_atomic = "64"))]
    let is_parked = |_| false;
    index >= metrics.num_workers() || is_parked(index)
}

/// Whether some runtime, or a call of ours, is polling on this thread. Costs up to a microsecond.
pub(crate) fn is_polled() -> bool {
    outermost_call().is_some() || runtime::worker_index().is_some() || has_coop_budget()
}

/// Whether the coop budget is limited, as it is wherever tokio polls something. This is all that tells a multi-thread runtime's
/// `block_on` from a mere `enter()` guard.
fn has_coop_budget() -> bool {
    /// More than tokio gives a task, 128.
    const MORE_THAN_A_BUDGET: usize = 129;
    let mut cx = Context::from_waker(Waker::noop());
    // Each permit gives its unit back when it is dropped.
    let mut permits = [const { None }; MORE_THAN_A_BUDGET];
    for permit in &mut permits {
        match coop::poll_proceed(&mut cx) {
            Poll::Ready(given) => *permit = Some(given),
            Poll::Pending => return true,
        }
    }
    false
}
