//! The runtime that serves calls on threads without a runtime: that of `#[entry]` while it runs,
//! otherwise the background runtime.
//!
//! Each thread caches a handle of the runtime, so that a call takes no lock. A thread that makes no
//! more calls keeps its handle until the thread ends, and with it what little tokio keeps of a
//! runtime that was shut down.

use std::cell::RefCell;
use std::io;
use std::mem;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread::LocalKey;

use tokio::runtime::Handle;

use crate::config::builder::Builder;
use crate::config::policy::{Policy, Unhandled};
use crate::error::BackgroundError;
use crate::runtimes::backgrounds::{Background, Closing};
use crate::runtimes::generation::Generation;
use crate::runtimes::record::RuntimeRecord;
use crate::runtimes::{Shared, shared};
use crate::task::tracker::Tracker;

/// Changes when another runtime takes over these calls. It doesn't change when other runtimes end,
/// since a program may have very many of them.
static GENERATION: Generation = Generation(AtomicU64::new(0));

/// A cached handle, and the generation in which it was looked up.
type Seen = RefCell<Option<(Rc<Handle>, u64)>>;

thread_local! {
    static SERVING: Seen = const { RefCell::new(None) };
    static BACKGROUND: Seen = const { RefCell::new(None) };
}

/// The runtime that serves calls on threads without a runtime, if one has been started: the
/// entry's, otherwise the background runtime.
#[inline]
pub(crate) fn serving() -> Option<Rc<Handle>> {
    seen_serving().or_else(look_up_serving)
}

/// Like [`serving`], but only from this thread's cache.
#[inline]
pub(crate) fn seen_serving() -> Option<Rc<Handle>> {
    remembered(&SERVING, GENERATION.now())
}

#[cold]
fn look_up_serving() -> Option<Rc<Handle>> {
    let generation = GENERATION.now();
    let shared = shared();
    let handle = shared.entry.as_ref().or(shared.background.handle())?.clone();
    drop(shared);
    Some(remember(&SERVING, handle, generation))
}

#[inline]
fn remembered(seen: &'static LocalKey<Seen>, generation: u64) -> Option<Rc<Handle>> {
    // Nothing is cached while the thread-locals are being dropped.
    seen.try_with(|seen| match &*seen.borrow() {
        Some((handle, at)) if *at == generation => Some(Rc::clone(handle)),
        _ => None,
    })
    .ok()
    .flatten()
}

fn remember(seen: &'static LocalKey<Seen>, handle: Handle, generation: u64) -> Rc<Handle> {
    let handle = Rc::new(handle);
    let known = Some((Rc::clone(&handle), generation));
    let stale = seen.try_with(|seen| seen.replace(known));
    // The stale handle may be the last one of its runtime, so it is dropped after the borrow has
    // ended.
    drop(stale);
    handle
}

/// Returns the background runtime, and builds it as configured if there is none.
///
/// It is built under the lock, so that several threads can't build one each. Building it calls no
/// user code.
pub(crate) fn background() -> io::Result<Rc<Handle>> {
    let generation = GENERATION.now();
    if let Some(handle) = remembered(&BACKGROUND, generation) {
        return Ok(handle);
    }
    let mut shared = shared();
    if shared.background.current.is_none() {
        let unused = start(&mut shared)?;
        // A thread that reads the new generation also reads the runtime.
        GENERATION.pass();
        drop(shared);
        drop(unused);
        return background();
    }
    let handle = shared.background.handle().cloned().ok_or(io::ErrorKind::NotFound)?;
    drop(shared);
    Ok(remember(&BACKGROUND, handle, generation))
}

/// Starts the background runtime. Returns the records that are no longer needed, for the caller to
/// drop outside of the lock.
fn start(shared: &mut Shared) -> io::Result<impl Sized + use<>> {
    let configured = shared.background.configured.clone();
    // The default is tokio's: a worker for each core. A single worker would use one core only, and
    // a task that blocks would then delay the calls of all threads.
    //
    // `benches/benches/background.rs` measures both. The numbers are the default's time divided by
    // a single worker's, over five runs on 2 cores that other programs used as well:
    // - a timer beside a task that computes for 5 ms at a time: 0.41 to 0.54;
    // - spawn + join of one plain thread: 0.48 to 2.22, since waking a worker wakes another one to
    //   search for work;
    // - the same of 16 threads, and TCP round trips: about 1.0;
    // - tasks of four threads that compute: 0.54 to 1.17, depending on the load of the other core.
    //
    // Only the result of the timer is clear. It favors more workers.
    let builder = configured.unwrap_or_else(|| Builder::new().thread_name("bridgehead"));
    // A failure can't end the program: no `main` waits for this runtime.
    let policy = Policy { unhandled: Unhandled::Report, ..builder.policy.clone() };
    let tracker = Tracker::of_background(policy);
    let runtime = builder.start_background(&tracker)?;
    let record = RuntimeRecord::background(tracker, &builder);
    record.set_handle(runtime.handle());
    let unused = shared.insert(runtime.handle().id(), Arc::clone(&record));
    shared.background.current = Some(Background { runtime, builder, record });
    Ok(unused)
}

/// Takes the background runtime out, and returns what `begin` makes of it, which closes the
/// runtime. From now on, a new background runtime serves calls. If there is no background runtime,
/// this returns what closes the former one, or `None` if there was none.
pub(crate) fn close_background(
    begin: impl FnOnce(Background) -> Arc<dyn Closing>,
) -> Option<Arc<dyn Closing>> {
    let mut shared = shared();
    let Some(background) = shared.background.current.take() else {
        return shared.background.closing.clone();
    };
    let closing = begin(background);
    shared.background.is_configured = false;
    let before = shared.background.closing.replace(Arc::clone(&closing));
    GENERATION.pass();
    drop(shared);
    drop(before);
    // Drops the handles of the runtime that this thread has cached.
    for seen in [&SERVING, &BACKGROUND] {
        let stale = seen.try_with(RefCell::take);
        drop(stale);
    }
    Some(closing)
}

/// Removes a former background runtime that has been closed.
pub(crate) fn forget_closed(closed: &Arc<dyn Closing>) {
    let mut shared = shared();
    let is_latest =
        shared.background.closing.as_ref().is_some_and(|latest| Arc::ptr_eq(latest, closed));
    let forgotten = if is_latest { shared.background.closing.take() } else { None };
    drop(shared);
    drop(forgotten);
}

/// Stores the configuration for the start of the background runtime. Returns an error if it is too
/// late.
pub(crate) fn configure_background(builder: Builder) -> Result<(), BackgroundError> {
    let mut shared = shared();
    let background = &mut shared.background;
    if background.current.is_some() {
        return Err(BackgroundError::Started);
    }
    if background.is_configured {
        return Err(BackgroundError::Configured);
    }
    let before = background.configured.replace(builder);
    background.is_configured = true;
    drop(shared);
    // The former configuration may contain the user's handler, so it is dropped outside of the
    // lock.
    drop(before);
    Ok(())
}

/// Makes cached handles stale in a forked child, since they belong to runtimes of the parent.
pub(super) fn forget() {
    GENERATION.pass();
}

/// Sets the runtime of `#[entry]`, which serves calls on plain threads from now on. `None` removes
/// it.
pub(crate) fn set_entry(handle: Option<Handle>) {
    let before = mem::replace(&mut shared().entry, handle);
    GENERATION.pass();
    drop(before);
}
