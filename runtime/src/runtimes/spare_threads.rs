//! Threads for the workers that calls hand off.
//!
//! A call that has to wait on a worker hands the worker off with `block_in_place`, to a thread of
//! the current runtime's blocking pool. A runtime's own pool is for the user's files, DNS and
//! `spawn_blocking`. tokio reveals neither its size nor whether it is exhausted. So this crate
//! hands workers off to spare threads, which are used for nothing else.
//!
//! Each runtime has spare threads of its own, so that the code that closes the runtime can wait for
//! its workers there, too. There are at most as many as calls that wait, plus one for each worker.

use std::io;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::os_thread;
use crate::task::tracker::Tracker;

/// How long an idle thread is kept. A program that makes calls all the time uses the thread again
/// within this time.
const KEEP_ALIVE: Duration = Duration::from_secs(1);

/// The spare threads of a runtime.
#[derive(Debug)]
pub(crate) struct SpareThreads {
    /// The number of these threads.
    count: Arc<AtomicUsize>,
    /// A runtime whose blocking pool consists of these threads. It runs no tasks.
    spare: Mutex<Option<Runtime>>,
    /// The tracker that counts these threads.
    tracker: Arc<Tracker>,
    /// The stack size of the runtime's own threads, if it is configured.
    stack_size: Option<usize>,
}

impl SpareThreads {
    pub(crate) fn new(tracker: Arc<Tracker>, stack_size: Option<usize>) -> Self {
        Self { count: Arc::default(), spare: Mutex::default(), tracker, stack_size }
    }

    /// The runtime whose blocking pool takes a worker. `stack_size` is that of the worker's thread,
    /// if known.
    ///
    /// # Errors
    ///
    /// If there is no spare thread, and the system has none. tokio would panic then, and the worker
    /// would be lost.
    pub(crate) fn handle(&self, stack_size: Option<usize>) -> io::Result<Handle> {
        if self.count.load(Ordering::Relaxed) == 0 {
            os_thread::check()?;
        }
        let mut spare = self.spare();
        if let Some(spare) = &*spare {
            return Ok(spare.handle().clone());
        }
        let mut builder = Builder::new_current_thread();
        builder
            .thread_name("bridgehead-spare")
            .max_blocking_threads(1 << 20)
            .thread_keep_alive(KEEP_ALIVE);
        let (starts, stops) = (Arc::clone(&self.tracker), Arc::clone(&self.tracker));
        let (more, fewer) = (Arc::clone(&self.count), Arc::clone(&self.count));
        builder
            .on_thread_start(move || {
                more.fetch_add(1, Ordering::Relaxed);
                starts.thread_started();
            })
            .on_thread_stop(move || {
                fewer.fetch_sub(1, Ordering::Relaxed);
                stops.thread_stopped();
            });
        // The worker's tasks may need as much stack as they have on this thread.
        if let Some(bytes) = self.stack_size.or(stack_size) {
            builder.thread_stack_size(bytes);
        }
        Ok(spare.insert(builder.build()?).handle().clone())
    }

    /// The number of spare threads.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Waits for the workers on these threads, after their runtime has been shut down.
    pub(crate) fn close(&self, timeout: Duration) {
        let spare = self.spare().take();
        if let Some(spare) = spare {
            spare.shutdown_timeout(timeout);
        }
    }

    /// Like [`close`](Self::close), without a time limit.
    pub(crate) fn join(&self) {
        let spare = self.spare().take();
        drop(spare);
    }

    /// Detaches the threads, which end when their workers have ended. In a forked child the threads
    /// don't exist and may have held the runtime's locks, so the runtime is leaked.
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
