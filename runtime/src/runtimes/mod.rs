//! The registry of runtimes: those that this process has used, whether they still run, and which
//! one serves calls on threads without a runtime.
//!
//! The only way to find out whether a runtime has ended is to spawn a task on it. That takes 100 to
//! 600 ns, too long for each call. So the first call on a runtime spawns a *sentinel* there: a task
//! that is never woken, and whose drop records that the runtime is ending. A thread caches the
//! result until the generation changes, so that a later check is one load.

pub(crate) mod background;
pub(crate) mod backgrounds;
pub(crate) mod build;
pub(crate) mod fork;
pub(crate) mod generation;
pub(crate) mod interrupt;
pub(crate) mod keeper;
pub(crate) mod liveness;
pub(crate) mod pending_calls;
pub(crate) mod record;
mod seen;
pub(crate) mod serving;
pub(crate) mod spare_threads;
pub(crate) mod waiting_calls;

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::mem;
use std::panic::Location;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::{Handle, Id};

use crate::config::builder::Builder;
use crate::config::stalls::Stalls;
use crate::runtimes::backgrounds::Backgrounds;
use crate::runtimes::pending_calls::PendingCalls;
use crate::runtimes::record::{FORKS, GENERATION};
use crate::task::tracker::Tracker;

pub(crate) use crate::runtimes::record::{RuntimeRecord, RuntimeState};
pub(crate) use crate::runtimes::seen::seen;

static SHARED: Mutex<Shared> = Mutex::new(Shared::new());
#[expect(unsafe_code, reason = "the system calls them")]
// SAFETY: `extern "C"` functions abort instead of unwinding. These register no handlers, and a
// second call for the same fork is harmless. While their thread ends they use no thread-local that
// is gone. Before the fork they wait for `SHARED` and, to spawn a sentinel, for locks of the record
// and of tokio. No code forks while it holds one of these. After the fork they wait for no lock:
// the thread that forked holds `SHARED`, or they don't touch what it protects.
static FORK_HANDLERS: fork::ForkHandlers =
    unsafe { fork::ForkHandlers::new(before_fork, after_fork_in_parent, after_fork_in_child) };

thread_local! {
    // `Cell`s of plain data have no destructor, so that they can be read while the thread's other
    // thread-locals are being dropped.
    static SEEN_ALIVE: Cell<Option<(Id, u64)>> = const { Cell::new(None) };
    static HELD_OVER_FORK: Cell<Option<MutexGuard<'static, Shared>>> = const { Cell::new(None) };
}

struct Shared {
    records: HashMap<Id, Arc<RuntimeRecord>, BuildHasherDefault<DefaultHasher>>,
    entry: Option<Handle>,
    background: Backgrounds,
    pending_calls: PendingCalls,
}

impl Shared {
    const fn new() -> Self {
        Self {
            records: HashMap::with_hasher(BuildHasherDefault::new()),
            entry: None,
            background: Backgrounds::new(),
            pending_calls: PendingCalls::new(),
        }
    }

    /// Returns the records that are no longer needed, for the caller to drop outside of the lock.
    fn insert(&mut self, id: Id, record: Arc<RuntimeRecord>) -> Vec<Arc<RuntimeRecord>> {
        // The record of an ended runtime is kept for as long as it is used elsewhere. A run marks
        // its runtime as ended before tokio's own shutdown begins. If its record were removed in
        // between, a call would take the runtime for alive.
        let is_unused =
            |record: &Arc<RuntimeRecord>| !record.alive.get() && Arc::strong_count(record) == 1;
        let unused =
            self.records.extract_if(|_, record| is_unused(record)).map(|(_, record)| record);
        let mut unused: Vec<_> = unused.collect();
        if let Some(replaced) = self.records.insert(id, record) {
            replaced.is_replaced.store(true, Ordering::Release);
            // Threads that have cached the replaced record look it up again.
            GENERATION.pass();
            unused.push(replaced);
        }
        unused
    }
}

/// Adds the runtime of a run, with the tracker of what is started there.
pub(crate) fn register(
    handle: &Handle,
    tracker: &Arc<Tracker>,
    builder: &Builder,
) -> Arc<RuntimeRecord> {
    let record = RuntimeRecord::managed(Arc::clone(tracker), builder);
    record.set_handle(handle);
    insert(handle.id(), Arc::clone(&record));
    record
}

/// The record of the runtime. `None` if no call has used the runtime yet, or if it has ended and
/// its record was removed.
pub(crate) fn record(id: Id) -> Option<Arc<RuntimeRecord>> {
    shared().records.get(&id).cloned()
}

/// The records of the runtimes that run, in the order in which they were added.
pub(crate) fn alive() -> Vec<(Id, Arc<RuntimeRecord>)> {
    let records: Vec<_> =
        shared().records.iter().map(|(id, record)| (*id, Arc::clone(record))).collect();
    let mut alive: Vec<_> =
        records.into_iter().filter(|(_, record)| record.state() == RuntimeState::Alive).collect();
    alive.sort_by_key(|(_, record)| record.tracker.begun());
    alive
}

/// The name of the runtime in messages.
pub(crate) fn name(id: Id) -> String {
    let record = record(id);
    let name = record.as_ref().and_then(|record| record.handle()?.name().map(str::to_owned));
    if let Some(record) = record.as_ref().filter(|record| record.is_managed()) {
        let started = record.tracker.started();
        return match name {
            Some(name) => format!("runtime `{name}` started at {started}"),
            None => format!("runtime started at {started}"),
        };
    }
    if record.is_some_and(|record| record.is_background()) {
        return "background runtime".to_owned();
    }
    match name {
        Some(name) => format!("runtime `{name}`"),
        None => format!("runtime with the id {id}"),
    }
}

/// The stall options of a call: those of the first of these runtimes that belongs to a run,
/// otherwise those of the background runtime.
pub(crate) fn stalls(of: [Option<Id>; 2]) -> Stalls {
    let shared = shared();
    let ours = of
        .iter()
        .flatten()
        .filter_map(|id| shared.records.get(id))
        .find(|record| record.is_managed());
    match (ours, &shared.background.configured) {
        (Some(record), _) => record.tracker.policy().stalls,
        (None, Some(builder)) => builder.policy.stalls,
        (None, None) => Stalls::default(),
    }
}

/// Calls `f` with the calls that wait, under the lock. `f` must not call user code.
pub(crate) fn pending_calls<R>(f: impl FnOnce(&mut PendingCalls) -> R) -> R {
    f(&mut shared().pending_calls)
}

/// The file and line where the runtime was started, if it belongs to a run.
pub(crate) fn started(id: Id) -> Option<&'static Location<'static>> {
    shared()
        .records
        .get(&id)
        .filter(|record| record.is_managed())
        .map(|record| record.tracker.started())
}

/// The tracker of the runtime. `None` if the runtime has ended and has no record.
pub(crate) fn tracker(handle: &Handle) -> Option<Arc<Tracker>> {
    let id = handle.id();
    seen::tracker(id).or_else(|| {
        // Adds a record of the runtime, if it has none.
        state(handle, id);
        seen::tracker(id)
    })
}

/// Whether the runtime still runs.
#[inline]
pub(crate) fn state(handle: &Handle, id: Id) -> RuntimeState {
    if is_seen_alive(id) { RuntimeState::Alive } else { look_up(handle, id, GENERATION.now()) }
}

/// Whether this thread has cached that the runtime runs, and the generation has not changed since.
#[inline]
pub(crate) fn is_seen_alive(id: Id) -> bool {
    SEEN_ALIVE.get() == Some((id, GENERATION.now()))
}

#[cold]
fn look_up(handle: &Handle, id: Id, generation: u64) -> RuntimeState {
    let state = match seen(id) {
        Some(record) => record.state(),
        None => post_sentinel(handle, id),
    };
    if state == RuntimeState::Alive {
        SEEN_ALIVE.set(Some((id, generation)));
    }
    state
}

/// Is owned by the sentinel task. Its drop records that the runtime has ended.
struct Sentinel(Arc<RuntimeRecord>);

impl Drop for Sentinel {
    fn drop(&mut self) {
        self.0.end();
        self.0.tracker.request_shutdown();
    }
}

fn post_sentinel(handle: &Handle, id: Id) -> RuntimeState {
    let record = RuntimeRecord::foreign();
    record.set_handle(handle);
    let sentinel = Sentinel(Arc::clone(&record));
    // No lock is held here: a runtime that has ended drops the task at once, within this call.
    handle.spawn(async move {
        let _sentinel = sentinel;
        std::future::pending::<()>().await;
    });
    let state = record.state();
    if state == RuntimeState::Alive {
        insert(id, record);
    }
    state
}

fn insert(id: Id, record: Arc<RuntimeRecord>) {
    let unused = shared().insert(id, record);
    drop(unused);
}

fn shared() -> MutexGuard<'static, Shared> {
    FORK_HANDLERS.register();
    // Nothing that can panic runs under this lock, so a poisoned one is sound.
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

extern "C" fn before_fork() {
    FORK_HANDLERS.are_registered();
    if fork::is_held(&HELD_OVER_FORK) {
        return;
    }
    // The runtime that is current on this thread is current in the child, too. It needs a record
    // from before the fork, so that the child detects that the runtime belongs to its parent.
    if let Ok(handle) = Handle::try_current() {
        state(&handle, handle.id());
    }
    let guard = shared();
    // While a thread ends, the thread-local may be gone, and the guard is dropped here. The lock is
    // then free, unless another thread takes it before the system forks. In that case the child
    // inherits it locked. This is unlikely, and can't be prevented.
    let _ = HELD_OVER_FORK.try_with(|held| held.set(Some(guard)));
}

extern "C" fn after_fork_in_parent() {
    let _ = HELD_OVER_FORK.try_with(Cell::take);
}

extern "C" fn after_fork_in_child() {
    FORKS.fetch_add(1, Ordering::Relaxed);
    GENERATION.pass();
    serving::forget();
    let _ = HELD_OVER_FORK.try_with(|held| {
        if let Some(mut shared) = held.take() {
            mem::forget(shared.entry.take());
            shared.background.forget();
            shared.pending_calls.forget();
            waiting_calls::forget();
        }
    });
}
