//! Handing off a worker to another thread. This is the only file that calls `block_in_place`.

use std::cell::Cell;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread;
#[cfg(target_has_atomic = "64")]
use std::time::Duration;

use tokio::runtime::{self, Handle};
use tokio::task;
#[cfg(not(target_family = "wasm"))]
use tokio::task::block_in_place;

use crate::context::{active_call, stack};
use crate::fiber::current;
use crate::log::panic_message;
use crate::runtimes::{self, keeper};

thread_local! {
    // No destructor, see `runtimes`.
    /// The task that last handed its worker off on this thread.
    static HANDED_OFF: Cell<Option<(task::Id, HandedOff)>> = const { Cell::new(None) };
}

/// Whose thread is to take over a worker that was handed off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HandedOff {
    ToSpareThread,
    ToOwnPool,
}

/// Where the task that the thread runs has handed off the worker that the thread was, if it has.
pub(crate) fn handed_off() -> Option<HandedOff> {
    let task = task::try_id()?;
    HANDED_OFF.get().filter(|(by, _)| *by == task).map(|(_, to)| to)
}

/// Why a worker was not handed off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotHandedOff {
    /// The thread drives a current-thread runtime instead, which is not detected, since it is in
    /// the context of another one.
    Driver,
    /// There was no thread to be had. The worker waits for one.
    NoThread,
}

/// Runs `f`, after handing off to another thread the worker that this one may be; or doesn't, and
/// returns why.
///
/// A task of a current-thread runtime under the guard of a multi-thread runtime looks like a
/// worker, and tokio panics when it tries to hand off. There the index is 0, and it is somebody
/// else's: if that worker is parked, or doesn't exist, it is not this thread. Where it is busy at
/// this moment nothing else distinguishes the two, and only then the panic does. In a panic hook
/// that would end the process: while the thread panics, it is waited for what that worker does
/// instead.
pub(crate) fn hand_off<R>(f: impl FnOnce() -> R) -> Result<R, NotHandedOff> {
    // No worker, or in a `block_in_place`.
    let Some(index) = runtime::worker_index() else { return Ok(f()) };
    // A worker always runs a task.
    let (Some(id), Ok(handle)) = (task::try_id(), Handle::try_current()) else {
        return Err(NotHandedOff::Driver);
    };
    // It was handed off before, by another call or by a `block_in_place` of the task's own, and has
    // gone on elsewhere.
    if !defers_wake_ups() {
        return Ok(f());
    }
    let own = runtime_of_worker(&handle);
    if current::is_on_driver()
        || is_of_another_thread(index, &own)
        || thread::panicking() && is_seen_running(index, &own)
    {
        return Err(NotHandedOff::Driver);
    }
    let has_begun = Cell::new(false);
    // tokio takes the thread of the runtime that is current. For the call itself that remains its
    // own. Where the system has no thread, the worker is queued at its own pool, also when tokio
    // panics: this thread takes it up again at the latest.
    let spare = runtimes::seen(own.id()).and_then(|record| {
        let spare = record.spare_threads().handle(stack::stack_size()).ok()?;
        keeper::post(&record, &own);
        Some(spare)
    });
    let to = if spare.is_some() { HandedOff::ToSpareThread } else { HandedOff::ToOwnPool };
    let work = || {
        has_begun.set(true);
        let _current = handle.enter();
        HANDED_OFF.set(Some((id, to)));
        f()
    };
    let _spare = spare.as_ref().map(Handle::enter);
    match panic::catch_unwind(AssertUnwindSafe(|| block_in_place(work))) {
        Ok(value) => Ok(value),
        Err(payload) if has_begun.get() => panic::resume_unwind(payload),
        // "OS can't spawn worker thread"; the other panic is that there is no worker.
        Err(payload) if panic_message(payload.as_ref()).contains("spawn") => {
            Err(NotHandedOff::NoThread)
        }
        Err(_) => Err(NotHandedOff::Driver),
    }
}

/// tokio has none on wasm, which `lib.rs` refuses: that is to be the only error.
#[cfg(target_family = "wasm")]
fn block_in_place<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Whether tokio defers wake-ups on this thread, for the scheduler that runs there. Not on a worker
/// that was handed off, and in no `block_in_place`.
pub(crate) fn defers_wake_ups() -> bool {
    #[derive(Default)]
    struct Woken(AtomicBool);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Release);
        }
    }
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let _ = pin!(task::yield_now()).poll(&mut Context::from_waker(&waker));
    !woken.0.load(Ordering::Acquire)
}

/// The runtime that the thread was in before the call: another one than the current one, if that
/// was chosen for the call.
fn runtime_of_worker(current: &Handle) -> Handle {
    let origin = active_call::origin_runtime().filter(|origin| *origin != current.id());
    let own = origin.and_then(runtimes::seen).and_then(|record| record.handle());
    own.unwrap_or_else(|| current.clone())
}

/// Whether the worker of the runtime with this index is surely not this thread.
fn is_of_another_thread(index: usize, runtime: &Handle) -> bool {
    let metrics = runtime.metrics();
    #[cfg(target_has_atomic = "64")]
    let is_parked = |index| metrics.worker_park_unpark_count(index) % 2 == 1;
    #[cfg(not(target_has_atomic = "64"))]
    let is_parked = |_| false;
    index >= metrics.num_workers() || is_parked(index)
}

/// Whether the worker with this index runs tasks while this thread sleeps, and so is not this
/// thread. One that is in a long poll can't be distinguished from it.
#[cold]
fn is_seen_running(index: usize, runtime: &Handle) -> bool {
    #[cfg(target_has_atomic = "64")]
    {
        const MOMENT: Duration = Duration::from_millis(1);
        const MOMENTS: u32 = 20;
        let metrics = runtime.metrics();
        let progress =
            || (metrics.worker_park_unpark_count(index), metrics.worker_total_busy_duration(index));
        let before = progress();
        (0..MOMENTS).any(|_| {
            thread::sleep(MOMENT);
            progress() != before
        })
    }
    #[cfg(not(target_has_atomic = "64"))]
    {
        let _ = (index, runtime);
        false
    }
}
