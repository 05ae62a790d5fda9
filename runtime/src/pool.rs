//! Threads for the workers that calls hand over.
//!
//! A call on a worker that has to wait hands the worker over to a thread of its runtime's blocking pool. tokio tells neither how many there
//! may be nor whether there was one. Without, the worker stands still, and when all do, so do the timers and tasks that those very calls
//! wait for that hold the threads. But a thread that leaves `block_in_place` gets its worker back if nobody has taken it. So a call that
//! has waited for a while looks whether its thread is a worker again, and if so hands that over to a thread of ours; as do all calls of the
//! runtime from then on. tokio takes the thread of the runtime that is current when a worker is handed over.
//!
//! Each runtime has threads of its own for this, so that who closes it can wait for its workers wherever they are.

use std::io;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::scope::Scope;

/// How long a thread may take to begin, also on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);

/// The threads besides its own that a runtime has for its workers.
#[derive(Debug)]
pub(crate) struct Pool {
    /// The runtime's own pool had none for a worker, and is given none any more.
    own_is_full: AtomicBool,
    /// Has the threads, and runs nothing itself.
    spare: Mutex<Option<Runtime>>,
    /// What counts the threads, and how much stack each has, if the runtime is ours.
    scope: Arc<Scope>,
    stack_size: Option<usize>,
}

impl Pool {
    pub(crate) fn new(scope: Arc<Scope>, stack_size: Option<usize>) -> Self {
        Self { own_is_full: AtomicBool::new(false), spare: Mutex::default(), scope, stack_size }
    }

    /// A worker was handed over to the runtime's own pool, and nobody came to take it.
    pub(crate) fn own_is_full(&self) {
        self.own_is_full.store(true, Ordering::Release);
    }

    /// The runtime to take a thread of for a worker, if its own pool has none.
    pub(crate) fn handle(&self) -> Option<Handle> {
        if self.own_is_full.load(Ordering::Acquire) { self.threads().ok() } else { None }
    }

    fn threads(&self) -> io::Result<Handle> {
        let mut spare = self.spare();
        if let Some(spare) = &*spare {
            return Ok(spare.handle().clone());
        }
        let mut builder = Builder::new_current_thread();
        builder.thread_name("bridgehead-spare").max_blocking_threads(1 << 20);
        let (starts, stops) = (Arc::clone(&self.scope), Arc::clone(&self.scope));
        builder
            .on_thread_start(move || starts.thread_started())
            .on_thread_stop(move || stops.thread_stopped());
        if let Some(bytes) = self.stack_size {
            builder.thread_stack_size(bytes);
        }
        Ok(spare.insert(builder.build()?).handle().clone())
    }

    /// Waits for the workers on these threads, whose runtime has been shut down.
    pub(crate) fn close(&self, timeout: Duration) {
        let spare = self.spare().take();
        if let Some(spare) = spare {
            spare.shutdown_timeout(timeout);
        }
    }

    /// Lets the threads go on until the workers that they are have ended. In a forked child there are none, and they may have held the
    /// runtime's locks.
    pub(crate) fn leave(&mut self, is_inherited: bool) {
        match self.spare.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            Some(spare) if !is_inherited => spare.shutdown_background(),
            inherited => mem::forget(inherited),
        }
    }

    fn spare(&self) -> MutexGuard<'_, Option<Runtime>> {
        // No user code runs under this lock.
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
