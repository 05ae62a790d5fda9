//! Which runtimes this process knows, which of them still run, and which one serves the threads that have none.
//!
//! tokio tells whether a runtime has ended only to those who spawn on it (100-600 ns), too dear for each call. So the first call that
//! meets a runtime leaves a *sentinel* there: a task that is never woken, whose drop says that the runtime is ending. What a thread
//! has learnt it remembers until the epoch changes; asking again is then one load.

mod interrupt;
mod known;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::panic::Location;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::runtime::{Handle, Id};

use crate::config::Builder;
use crate::error::BackgroundError;
use crate::fork;
use crate::policy::Stalls;
use crate::runtimes::known::{EPOCH, GENERATION};
use crate::scope::Scope;
use crate::waits::Waits;

pub(crate) use crate::runtimes::known::{Known, State};

static SHARED: Mutex<Shared> = Mutex::new(Shared::new());
#[expect(unsafe_code, reason = "the system calls them")]
// SAFETY: functions of C abort instead of unwinding. These register nothing, and do nothing the second time. They wait for no lock but
// `SHARED`, under which nobody forks, and which the child inherits from the very thread that goes on there.
static FORK_HANDLERS: fork::Handlers =
    unsafe { fork::Handlers::new(before_fork, after_fork_in_parent, after_fork_in_child) };

thread_local! {
    // `Cell`s of plain data have no destructor, so that they can be read while the thread's other thread-locals are being dropped.
    static SEEN_ALIVE: Cell<Option<(Id, u64)>> = const { Cell::new(None) };
    static SEEN_SERVING: Cell<Option<(&'static Handle, u64)>> = const { Cell::new(None) };
    static SEEN_KNOWN: RefCell<Option<(Id, u64, Weak<Known>)>> = const { RefCell::new(None) };
    static HELD_OVER_FORK: Cell<Option<MutexGuard<'static, Shared>>> = const { Cell::new(None) };
}

struct Shared {
    known: HashMap<Id, Arc<Known>, BuildHasherDefault<DefaultHasher>>,
    entry: Option<&'static Handle>,
    background: Option<&'static Handle>,
    configured: Option<Builder>,
    waits: Waits,
}

impl Shared {
    const fn new() -> Self {
        Self {
            known: HashMap::with_hasher(BuildHasherDefault::new()),
            entry: None,
            background: None,
            configured: None,
            waits: Waits::new(),
        }
    }
}

/// Makes a runtime of ours known, and what is started there.
pub(crate) fn register(handle: &Handle, scope: &Arc<Scope>, builder: &Builder) -> Arc<Known> {
    let known = Known::new(true, Arc::clone(scope), Some(builder));
    known.is_asked_by(handle);
    insert(handle.id(), Arc::clone(&known));
    known
}

/// Whether the runtime surely has timers that go by the system's clock.
#[cfg(feature = "fiber")]
pub(crate) fn keeps_time(handle: &Handle) -> bool {
    shared().known.get(&handle.id()).is_some_and(|known| known.is_ours && !known.scope.policy().start_paused)
}

/// What is known of the runtime. `None` if it has ended, and wasn't ours.
pub(crate) fn known(id: Id) -> Option<Arc<Known>> {
    shared().known.get(&id).cloned()
}

/// What to call the runtime in a message.
pub(crate) fn name(id: Id) -> String {
    let known = known(id);
    if let Some(known) = known.as_ref().filter(|known| known.is_ours) {
        return format!("runtime started at {}", known.scope.started());
    }
    if shared().background.is_some_and(|background| background.id() == id) {
        return "background runtime".to_owned();
    }
    match known.and_then(|known| known.handle()?.name().map(str::to_owned)) {
        Some(name) => format!("runtime `{name}`"),
        None => format!("runtime with the id {id}"),
    }
}

/// What is to be done about calls that stall: as the first of these runtimes says that is ours, else as the background runtime is
/// configured.
pub(crate) fn stalls(of: [Option<Id>; 2]) -> Stalls {
    let shared = shared();
    let ours = of.iter().flatten().filter_map(|id| shared.known.get(id)).find(|known| known.is_ours);
    match (ours, &shared.configured) {
        (Some(known), _) => known.scope.policy().stalls,
        (None, Some(builder)) => builder.policy.stalls,
        (None, None) => Stalls::default(),
    }
}

/// Lets `f` look at the calls that wait. It must not call user code.
pub(crate) fn waits<R>(f: impl FnOnce(&mut Waits) -> R) -> R {
    f(&mut shared().waits)
}

/// Where the runtime was started, if it is one of ours.
pub(crate) fn started(id: Id) -> Option<&'static Location<'static>> {
    shared().known.get(&id).filter(|known| known.is_ours).map(|known| known.scope.started())
}

/// As [`known`], for what is asked often.
pub(crate) fn seen(id: Id) -> Option<Arc<Known>> {
    let epoch = EPOCH.now();
    // Nothing is remembered while the thread's locals are being dropped.
    let seen = SEEN_KNOWN.try_with(|seen| match &*seen.borrow() {
        Some((seen_id, seen_epoch, known)) if (*seen_id, *seen_epoch) == (id, epoch) => known.upgrade(),
        _ => None,
    });
    if let Ok(Some(known)) = seen {
        return Some(known);
    }
    let known = known(id)?;
    let _ = SEEN_KNOWN.try_with(|seen| seen.replace(Some((id, epoch, Arc::downgrade(&known)))));
    Some(known)
}

/// What has been started on the runtime. `None` if that has ended, and wasn't ours.
pub(crate) fn scope(handle: &Handle) -> Option<Arc<Scope>> {
    let id = handle.id();
    let scope_of = |known: Arc<Known>| Arc::clone(&known.scope);
    seen(id).map(scope_of).or_else(|| {
        // Makes a runtime known that isn't yet.
        state(handle, id);
        seen(id).map(scope_of)
    })
}

/// Whether the runtime still runs.
#[inline]
pub(crate) fn state(handle: &Handle, id: Id) -> State {
    let epoch = EPOCH.now();
    if SEEN_ALIVE.get() == Some((id, epoch)) {
        return State::Alive;
    }
    look_up(handle, id, epoch)
}

#[cold]
fn look_up(handle: &Handle, id: Id, epoch: u64) -> State {
    let known = shared().known.get(&id).cloned();
    let state = match known {
        Some(known) => known.state(),
        None => post_sentinel(handle, id),
    };
    if state == State::Alive {
        SEEN_ALIVE.set(Some((id, epoch)));
    }
    state
}

/// Says that the runtime has ended when it drops the task that holds this.
struct Sentinel(Arc<Known>);

impl Drop for Sentinel {
    fn drop(&mut self) {
        self.0.end();
        self.0.scope.ask();
    }
}

fn post_sentinel(handle: &Handle, id: Id) -> State {
    let known = Known::unowned(None);
    known.is_asked_by(handle);
    let sentinel = Sentinel(Arc::clone(&known));
    // No lock is held here: a runtime that has ended drops the task at once, within this call.
    handle.spawn(async move {
        let _sentinel = sentinel;
        std::future::pending::<()>().await;
    });
    let state = known.state();
    if state == State::Alive {
        insert(id, known);
    }
    state
}

fn insert(id: Id, known: Arc<Known>) {
    let mut shared = shared();
    // Ended runtimes are kept for as long as somebody else holds them: one of ours is marked as ended before tokio's own shutdown
    // begins, and must not be taken for alive in between.
    let is_unused = |known: &Arc<Known>| !known.alive.get() && Arc::strong_count(known) == 1;
    let unused: Vec<_> = shared.known.extract_if(|_, known| is_unused(known)).collect();
    let replaced = shared.known.insert(id, known);
    drop(shared);
    drop((unused, replaced));
}

/// The runtime that serves threads which have none, if one has been started: the entry's, else the background one.
#[inline]
pub(crate) fn serving() -> Option<&'static Handle> {
    let epoch = EPOCH.now();
    match SEEN_SERVING.get() {
        Some((handle, seen)) if seen == epoch => Some(handle),
        _ => look_up_serving(epoch),
    }
}

#[cold]
fn look_up_serving(epoch: u64) -> Option<&'static Handle> {
    let shared = shared();
    let handle = shared.entry.or(shared.background)?;
    SEEN_SERVING.set(Some((handle, epoch)));
    Some(handle)
}

/// The background runtime, which `start` makes from what it was configured with unless it is there already.
///
/// `start` runs under the lock, so that the runtime is built once however many threads want it at once; it calls no user code.
pub(crate) fn background<E>(
    start: impl FnOnce(Option<Builder>, &Arc<Scope>) -> Result<&'static Handle, E>,
) -> Result<&'static Handle, E> {
    let mut shared = shared();
    if let Some(handle) = shared.background {
        return Ok(handle);
    }
    let known = Known::unowned(shared.configured.as_ref());
    let handle = start(shared.configured.clone(), &known.scope)?;
    known.is_asked_by(handle);
    shared.background = Some(handle);
    shared.known.insert(handle.id(), known);
    EPOCH.pass();
    Ok(handle)
}

/// Keeps the configuration for the background runtime's start; gives the reason where it is too late.
pub(crate) fn configure_background(builder: Builder) -> Result<(), BackgroundError> {
    let mut shared = shared();
    if shared.background.is_some() {
        return Err(BackgroundError::Started);
    }
    if shared.configured.is_some() {
        return Err(BackgroundError::Configured);
    }
    shared.configured = Some(builder);
    Ok(())
}

/// Lets the entry's runtime serve plain threads, or no longer.
pub(crate) fn set_entry(handle: Option<&'static Handle>) {
    shared().entry = handle;
    EPOCH.pass();
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
    // The child stands where this thread does, and has to know that runtime for its parent's.
    if let Ok(handle) = Handle::try_current() {
        state(&handle, handle.id());
    }
    let guard = shared();
    // Without the thread-local (it is gone while a thread ends) the lock can't be kept over the fork; it is free at this moment.
    let _ = HELD_OVER_FORK.try_with(|held| held.set(Some(guard)));
}

extern "C" fn after_fork_in_parent() {
    let _ = HELD_OVER_FORK.try_with(Cell::take);
}

extern "C" fn after_fork_in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    EPOCH.pass();
    let _ = HELD_OVER_FORK.try_with(|held| {
        if let Some(mut shared) = held.take() {
            shared.entry = None;
            shared.background = None;
            shared.waits.forget();
        }
    });
}
