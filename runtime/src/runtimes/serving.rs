//! Which runtime serves the threads that have none: the entry's while that runs, else the
//! background runtime.
//!
//! Threads remember it, so that a call takes no lock. What they remember is a handle of their own.
//! A thread that makes no more calls keeps that, and with it what little tokio keeps of a runtime
//! that was shut down, until it ends.

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

/// Changes whenever another runtime serves: not when others end, of which a program may have very
/// many.
static GENERATION: Generation = Generation(AtomicU64::new(0));

/// A handle, and the generation in which it was found.
type Seen = RefCell<Option<(Rc<Handle>, u64)>>;

thread_local! {
    static SERVING: Seen = const { RefCell::new(None) };
    static BACKGROUND: Seen = const { RefCell::new(None) };
}

/// The runtime that serves threads which have none, if one has been started: the entry's, else the
/// background one.
#[inline]
pub(crate) fn serving() -> Option<Rc<Handle>> {
    seen_serving().or_else(look_up_serving)
}

/// As [`serving`], if the thread has seen it.
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
    // Nothing is remembered while the thread's locals are being dropped.
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
    // It may be the last handle of a runtime, and is dropped when nothing is borrowed.
    drop(stale);
    handle
}

/// The background runtime, which is built as configured unless it is there already.
///
/// It is built under the lock, so that there is one however many threads want it at once. That
/// calls no user code.
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

/// Returns what isn't needed any more, to be dropped without the lock.
fn start(shared: &mut Shared) -> io::Result<impl Sized + use<>> {
    let configured = shared.background.configured.clone();
    // A worker for each core, which is tokio's default. `benches/benches/background.rs`, five runs
    // on 2 cores that others used as well, the default's time as a part of a single worker's: a
    // timer beside a task that computes for 5 ms at a time 0.41 to 0.54; spawn + join of one plain
    // thread 0.48 to 2.22, since waking a worker wakes another one to search; of 16 threads, and
    // TCP round trips, about 1.0; tasks of four threads that compute 0.54 to 1.17, by how much of
    // the second core was free. Only the timer's row was clear, and speaks for more workers.
    // Besides, a single one uses one core however many there are, and a task that blocks stops the
    // calls of all threads.
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

/// Has the background runtime closed by what `begin` makes of it. From here on a call is served by
/// a fresh one. If there is none, it is what closes the one before. None if there was none.
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
    // This thread's own handles of it.
    for seen in [&SERVING, &BACKGROUND] {
        let stale = seen.try_with(RefCell::take);
        drop(stale);
    }
    Some(closing)
}

/// Forgets what has closed the background runtime.
pub(crate) fn forget_closed(closed: &Arc<dyn Closing>) {
    let mut shared = shared();
    let is_latest =
        shared.background.closing.as_ref().is_some_and(|latest| Arc::ptr_eq(latest, closed));
    let forgotten = if is_latest { shared.background.closing.take() } else { None };
    drop(shared);
    drop(forgotten);
}

/// Keeps the configuration for the background runtime's start; gives the reason where it is too
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
    // It may hold what is the user's.
    drop(before);
    Ok(())
}

/// In a forked child: the handles that threads remember are those of the parent's runtimes.
pub(super) fn forget() {
    GENERATION.pass();
}

/// Lets the entry's runtime serve plain threads, or no longer.
pub(crate) fn set_entry(handle: Option<Handle>) {
    let before = mem::replace(&mut shared().entry, handle);
    GENERATION.pass();
    drop(before);
}
