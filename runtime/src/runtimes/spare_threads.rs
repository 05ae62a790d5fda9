//! Threads for the workers that calls hand off.
//!
//! A call on a worker that has to wait hands the worker off, by `block_in_place`, to a thread of
//! the blocking pool of the runtime that is current at that moment. A runtime's own pool is the
//! user's: it is for files, DNS and `spawn_blocking`, and tokio reveals neither how large it is nor
//! whether it is exhausted. So workers are handed off to threads that are for nothing else.
//!
//! Each runtime has threads of its own for this, so that the code that closes it can wait for its
//! workers wherever they are. There are no more than calls that wait, and one for each worker
//! besides.

use std::io;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::os_thread;
use crate::task::tracker::Tracker;

/// How long a thread is kept that has no worker. Long enough for the next call of a program that
/// calls all the time.
const KEEP_ALIVE: Duration = Duration::from_secs(1);

/// The threads besides its own that a runtime has for its workers.
#[derive(Debug)]
pub(crate) struct SpareThreads {
    /// How many there are.
    count: Arc<AtomicUsize>,
    /// Has the threads, and runs nothing itself.
    spare: Mutex<Option<Runtime>>,
    /// What counts the threads, and how much stack each has, if the runtime is ours.
    tracker: Arc<Tracker>,
    stack_size: Option<usize>,
}

impl SpareThreads {
    pub(crate) fn new(tracker: Arc<Tracker>, stack_size: Option<usize>) -> Self {
        Self { count: Arc::default(), spare: Mutex::default(), tracker, stack_size }
    }

    /// The runtime to take a thread of for a worker, whose stack has that size, if that is known.
    ///
    /// # Errors
    ///
    /// Where it has no thread, and the system has none. tokio would panic there, and the worker be
    /// lost.
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
        // The worker's tasks may need as much as they have here.
        if let Some(bytes) = self.stack_size.or(stack_size) {
            builder.thread_stack_size(bytes);
        }
        Ok(spare.insert(builder.build()?).handle().clone())
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Waits for the workers on these threads, whose runtime has been shut down.
    pub(crate) fn close(&self, timeout: Duration) {
        let spare = self.spare().take();
        if let Some(spare) = spare {
            spare.shutdown_timeout(timeout);
        }
    }

    /// As [`close`](Self::close), without a limit.
    pub(crate) fn join(&self) {
        let spare = self.spare().take();
        drop(spare);
    }

    /// Lets the threads go on until the workers that they are have ended. In a forked child there
    /// are none, and they may have held the runtime's locks.
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
