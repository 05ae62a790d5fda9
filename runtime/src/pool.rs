//! Threads for the workers that calls hand over.
//!
//! A call on a worker that has to wait hands the worker over to a thread of its runtime's blocking pool. tokio tells neither how many there
//! may be nor whether there was one: without, the worker stands still, and when all do, so do the timers and tasks that those very
//! calls wait for that hold the threads. So whenever there is one call more at a time than ever before, a thread is asked for first.
//! Where there is none, a pool of our own has one: tokio takes a thread of the runtime that is current when a worker is handed over.

use std::cell::RefCell;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Id};

use crate::probe::Probe;
use crate::runtimes;

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
}

impl Default for Pool {
    fn default() -> Self {
        // No pool is empty.
        let [begun, handed_over, ended, enough_for] = [0, 0, 0, 1].map(AtomicUsize::new);
        Self {
            begun,
            handed_over,
            ended,
            enough_for,
            is_known: AtomicBool::new(false),
            asked: Mutex::default(),
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
    pub(crate) fn begin(handle: &Handle) -> Option<(Self, Option<&'static Handle>)> {
        let pool = Pool::of(handle.id())?;
        let others = pool.begun.fetch_add(1, Ordering::AcqRel);
        let others = others.saturating_sub(pool.ended.load(Ordering::Acquire));
        let waiting = Self { pool, has_handed_over: false };
        let spare = if waiting.pool.has_one_for(others, handle) { None } else { spare().ok() };
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

impl Pool {
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
        /// How long a thread may take to begin, also on a busy machine.
        const PATIENCE: Duration = Duration::from_millis(100);
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

/// The runtime whose blocking pool is used when others have no thread left. It runs nothing itself.
fn spare() -> io::Result<&'static Handle> {
    runtimes::spare(|| {
        let mut builder = Builder::new_current_thread();
        let builder = builder.thread_name("bridgehead-spare").max_blocking_threads(1 << 20);
        Ok(Box::leak(Box::new(builder.build()?)).handle())
    })
}
