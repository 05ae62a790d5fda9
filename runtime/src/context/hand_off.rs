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
    // No destructor, so that this can be read while other thread-locals are being dropped.
    /// The task that last handed its worker off on this thread.
    static HANDED_OFF: Cell<Option<(task::Id, HandedOff)>> = const { Cell::new(None) };
}

/// The pool whose thread takes over a worker that was handed off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HandedOff {
    ToSpareThread,
    ToOwnPool,
}

/// Where the current task has handed off the worker of this thread, if it has done so.
pub(crate) fn handed_off() -> Option<HandedOff> {
    let task = task::try_id()?;
    HANDED_OFF.get().filter(|(by, _)| *by == task).map(|(_, to)| to)
}

/// Why a worker was not handed off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotHandedOff {
    /// The thread drives a current-thread runtime. That was not detected earlier, since another
    /// runtime is current.
    Driver,
    /// No thread could be started for the worker, which stays queued.
    NoThread,
}

/// Runs `f`. If this thread is a worker, the worker is handed off to another thread first. If that
/// isn't possible, this returns the reason, and doesn't run `f`.
///
/// A task of a current-thread runtime under the `enter()` guard of a multi-thread runtime looks
/// like a worker of the latter, and `block_in_place` panics there. The worker index is 0 in such a
/// task, which is also the index of a real worker. If the real worker is parked or doesn't exist,
/// this thread isn't that worker. If the real worker is busy, only the panic of `block_in_place`
/// reveals the difference. That panic is caught, but in a panic hook it would abort the process. So
/// while the thread panics, this function first observes for a moment whether the real worker makes
/// progress.
pub(crate) fn hand_off<R>(f: impl FnOnce() -> R) -> Result<R, NotHandedOff> {
    // The thread is no worker, or is in a `block_in_place`.
    let Some(index) = runtime::worker_index() else { return Ok(f()) };
    // A worker always runs a task.
    let (Some(id), Ok(handle)) = (task::try_id(), Handle::try_current()) else {
        return Err(NotHandedOff::Driver);
    };
    // The worker was handed off earlier in this poll, by a call or by a `block_in_place` of the
    // task, and still runs on another thread.
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
    // `block_in_place` takes a thread from the blocking pool of the current runtime, so the runtime
    // of the spare threads is made current for it. `work` enters the call's own runtime again. If
    // the system has no thread, the worker goes to its own pool. tokio queues it there before it
    // panics for want of a thread. This thread belongs to that pool, too: at the latest it takes
    // the worker from the queue when the task returns to it.
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
        // tokio's message is "OS can't spawn worker thread". Its other panic is for a thread that
        // is no worker.
        Err(payload) if panic_message(payload.as_ref()).contains("spawn") => {
            Err(NotHandedOff::NoThread)
        }
        Err(_) => Err(NotHandedOff::Driver),
    }
}

/// tokio has no `block_in_place` on wasm. This replaces it, so that the `compile_error!` in
/// `lib.rs` is the only error.
#[cfg(target_family = "wasm")]
fn block_in_place<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Whether tokio defers wake-ups on this thread until its scheduler runs. It doesn't on a thread
/// whose worker was handed off, nor in a `block_in_place`.
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

/// The runtime that was current before the call. It differs from the current one if `on` has chosen
/// another runtime for the call.
fn runtime_of_worker(current: &Handle) -> Handle {
    let origin = active_call::origin_runtime().filter(|origin| *origin != current.id());
    let own = origin.and_then(runtimes::seen).and_then(|record| record.handle());
    own.unwrap_or_else(|| current.clone())
}

/// Whether this thread surely isn't the worker with this index: that worker is parked, or doesn't
/// exist.
fn is_of_another_thread(index: usize, runtime: &Handle) -> bool {
    let metrics = runtime.metrics();
    #[cfg(target_has_atomic = "64")]
    let is_parked = |index| metrics.worker_park_unpark_count(index) % 2 == 1;
    #[cfg(not(target_has_atomic = "64"))]
    let is_parked = |_| false;
    index >= metrics.num_workers() || is_parked(index)
}

/// Whether the worker with this index makes progress while this thread sleeps, and so is another
/// thread. A worker in a long poll makes no progress, and isn't detected.
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
