//! Threads for the workers that calls hand over.
//!
//! A call on a worker that has to wait hands the worker over to a thread of its runtime's blocking pool. tokio tells neither how many there
//! may be nor whether there was one: without, the worker stands still, and when all do, so do the timers and tasks that those very
//! calls wait for that hold the threads. So whenever there is one call more at a time than ever before, a thread is asked for first.
//! Where there is none, a pool of our own has one: tokio takes a thread of the runtime that is current when a worker is handed over. There
//! is one such pool for each runtime, so that who closes the runtime can wait for its workers wherever they are.
//!
//! What was there when it was asked for can be gone when it is needed: other work has taken it, or a task that has called and still runs.
//! So a call that has waited for a while looks whether its thread is a worker still, and if so hands it over to a thread of our own.

use std::cell::RefCell;
use std::io;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Id, Runtime};

use crate::probe::Probe;
use crate::runtimes;
use crate::scope::Scope;

/// How long a thread may take to begin, also on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);

thread_local! {
    static SEEN: RefCell<Option<(Id, Arc<Pool>)>> = const { RefCell::new(None) };
}

/// What is known of the blocking pool of one runtime.
#[derive(Debug)]
pub(crate) struct Pool {
    /// The calls that were about to hand over a worker, that have done so, and that are over.
    begun: AtomicUsize,
    handed_over: AtomicUsize,
    ended: AtomicUsize,
    /// For how many such calls at a time there surely are threads, if nobody else takes them.
    enough_for: AtomicUsize,
    /// It had none left, and is not asked any more.
    is_known: AtomicBool,
    /// Asks for one more.
    asked: Mutex<Option<Arc<Probe>>>,
    /// Has threads when it has none left, and runs nothing itself.
    spare: Mutex<Option<Runtime>>,
    /// What counts the threads, and how much stack each has, if the runtime is ours.
    scope: Arc<Scope>,
    stack_size: Option<usize>,
    generation: u64,
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Its threads go on until the workers that they are have ended.
        match self.spare.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            Some(spare) if self.generation == runtimes::generation() => spare.shutdown_background(),
            // In a forked child there are no such threads, and they may have held its locks.
            inherited => mem::forget(inherited),
        }
    }
}

/// A call that hands over a worker, and waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    pool: Arc<Pool>,
    has_handed_over: bool,
}

impl Waiting {
    /// Counts the call, and gives the runtime to take a thread of if its own has none left.
    ///
    /// It is counted before it hands over: then the next one may come before this thread goes on.
    pub(crate) fn begin(handle: &Handle) -> Option<(Self, Option<Handle>)> {
        let pool = Pool::of(handle.id())?;
        let others = pool.begun.fetch_add(1, Ordering::AcqRel);
        let others = others.saturating_sub(pool.ended.load(Ordering::Acquire));
        let waiting = Self { pool, has_handed_over: false };
        let has_one = waiting.pool.has_one_for(others, handle);
        let spare = if has_one { None } else { waiting.pool.spare_threads().ok() };
        Some((waiting, spare))
    }

    pub(crate) fn has_handed_over(&mut self) {
        self.has_handed_over = true;
        self.pool.handed_over.fetch_add(1, Ordering::AcqRel);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.has_handed_over {
            self.has_handed_over();
        }
        self.pool.ended.fetch_add(1, Ordering::AcqRel);
    }
}

/// A worker of the runtime was handed over, and nobody came to take it.
pub(crate) fn has_none(runtime: Id) {
    if let Some(pool) = Pool::of(runtime) {
        pool.is_known.store(true, Ordering::Release);
        pool.enough_for.store(0, Ordering::Release);
    }
}

impl Pool {
    pub(crate) fn new(scope: Arc<Scope>, stack_size: Option<usize>) -> Arc<Self> {
        // No pool is empty.
        let [begun, handed_over, ended, enough_for] = [0, 0, 0, 1].map(AtomicUsize::new);
        Arc::new(Self {
            begun,
            handed_over,
            ended,
            enough_for,
            is_known: AtomicBool::new(false),
            asked: Mutex::default(),
            spare: Mutex::default(),
            scope,
            stack_size,
            generation: runtimes::generation(),
        })
    }

    /// Waits for the workers on spare threads, whose runtime has been shut down.
    pub(crate) fn close(&self, timeout: Duration) {
        let spare = self.spare().take();
        if let Some(spare) = spare {
            spare.shutdown_timeout(timeout);
        }
    }

    fn spare(&self) -> MutexGuard<'_, Option<Runtime>> {
        // No user code runs under this lock.
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where workers are handed over to now, if that is not the runtime's own pool.
    pub(crate) fn spare_in_use(&self) -> Option<Handle> {
        self.is_known
            .load(Ordering::Acquire)
            .then(|| self.spare().as_ref().map(|spare| spare.handle().clone()))?
    }

    fn spare_threads(&self) -> io::Result<Handle> {
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

    fn of(runtime: Id) -> Option<Arc<Self>> {
        let seen = SEEN.try_with(|seen| match &*seen.borrow() {
            Some((id, pool)) if *id == runtime => Some(Arc::clone(pool)),
            _ => None,
        });
        if let Ok(Some(pool)) = seen {
            return Some(pool);
        }
        let pool = Arc::clone(runtimes::known(runtime)?.pool());
        let _ = SEEN.try_with(|seen| seen.replace(Some((runtime, Arc::clone(&pool)))));
        Some(pool)
    }

    /// Whether there is a thread for one more call besides so many others.
    fn has_one_for(self: &Arc<Self>, others: usize, handle: &Handle) -> bool {
        /// Much less than it usually takes.
        const STEP: Duration = Duration::from_micros(20);
        if others < self.enough_for.load(Ordering::Acquire) {
            return true;
        }
        if self.is_known.load(Ordering::Acquire) {
            return false;
        }
        let asked = self.ask(handle);
        while !asked.has_run() {
            if asked.age() >= PATIENCE {
                self.is_known.store(true, Ordering::Release);
                return false;
            }
            thread::sleep(STEP);
        }
        true
    }

    /// Asks for a thread, or gives the question that has no answer yet: there is one for all.
    fn ask(self: &Arc<Self>, handle: &Handle) -> Arc<Probe> {
        // Nothing that can panic runs under this lock: there are threads in the pool, so tokio doesn't.
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asked) = asked.as_ref().filter(|asked| !asked.has_run()) {
            return Arc::clone(asked);
        }
        let pool = Arc::clone(self);
        let handed_over = self.handed_over.load(Ordering::Acquire);
        let probe = Probe::blocking(handle, move || pool.answer(handed_over));
        Arc::clone(asked.insert(Arc::new(probe)))
    }

    /// On a thread besides those that are workers now, and those of the calls that had handed over theirs before and aren't over.
    fn answer(&self, handed_over: usize) {
        let others = handed_over.saturating_sub(self.ended.load(Ordering::Acquire));
        // From then on, workers and calls may be on threads of ours.
        if !self.is_known.load(Ordering::Acquire) {
            self.enough_for.fetch_max(others + 1, Ordering::AcqRel);
        }
    }
}
