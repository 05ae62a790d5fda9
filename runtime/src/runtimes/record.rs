//! The record of one runtime.

use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::config::builder::Builder;
use crate::config::policy::Policy;
use crate::runtimes::generation::{Alive, Generation};
use crate::runtimes::interrupt::Interrupt;
use crate::runtimes::liveness::{Answer, Heartbeat, LivenessCheck};
use crate::runtimes::spare_threads::SpareThreads;
use crate::task::tracker::Tracker;

/// Changes whenever the records that threads have cached may be stale: a runtime has ended, a
/// record was replaced, or the process forked.
pub(super) static GENERATION: Generation = Generation(AtomicU64::new(0));
/// The number of forks between the first process and this one.
pub(super) static FORKS: AtomicU64 = AtomicU64::new(0);

/// A runtime that this process has used.
#[derive(Debug)]
pub(crate) struct RuntimeRecord {
    pub(super) alive: Alive,
    /// Whether another record of the same runtime has replaced this one.
    pub(super) is_replaced: AtomicBool,
    forks: u64,
    owner: Owner,
    /// Whether a keeper is still to be started: this crate doesn't close the runtime, and no thread
    /// waits for its end yet.
    needs_keeper: AtomicBool,
    pub(super) tracker: Arc<Tracker>,
    pub(super) heartbeat: Heartbeat,
    /// The liveness check of its blocking pool.
    pub(super) pool_heartbeat: Heartbeat,
    max_blocking_threads: Option<usize>,
    spare_threads: SpareThreads,
    interrupt: Interrupt,
}

/// The owner of a runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Run,
    Background,
    Foreign,
}

/// The state of a runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuntimeState {
    Alive,
    Ended,
    Inherited,
}

impl RuntimeRecord {
    /// `builder` is the configuration of the runtime, if this crate built it.
    fn new(owner: Owner, tracker: Arc<Tracker>, builder: Option<&Builder>) -> Self {
        let spare_threads =
            SpareThreads::new(Arc::clone(&tracker), builder.and_then(Builder::stack_size));
        Self {
            alive: Alive::new(),
            is_replaced: AtomicBool::new(false),
            forks: FORKS.load(Ordering::Relaxed),
            owner,
            needs_keeper: AtomicBool::new(false),
            tracker,
            heartbeat: Heartbeat::default(),
            pool_heartbeat: Heartbeat::default(),
            max_blocking_threads: builder.map(Builder::blocking_threads),
            spare_threads,
            interrupt: Interrupt::default(),
        }
    }

    /// The record of a run's runtime.
    pub(super) fn managed(tracker: Arc<Tracker>, builder: &Builder) -> Arc<Self> {
        Arc::new(Self::new(Owner::Run, tracker, Some(builder)))
    }

    pub(super) fn background(tracker: Arc<Tracker>, builder: &Builder) -> Arc<Self> {
        Arc::new(Self::new(Owner::Background, tracker, Some(builder)))
    }

    /// Enables liveness checks of the runtime, until it ends.
    pub(super) fn set_handle(&self, handle: &Handle) {
        self.heartbeat.set_handle(handle);
        self.pool_heartbeat.set_handle(handle);
    }

    /// The record of a runtime that this crate did not build. Tasks of `spawn` are tracked there,
    /// but this crate doesn't close the runtime.
    pub(super) fn foreign() -> Arc<Self> {
        let record =
            Self::new(Owner::Foreign, Tracker::new(Policy::default(), Location::caller()), None);
        record.needs_keeper.store(true, Ordering::Relaxed);
        Arc::new(record)
    }

    /// Whether a run owns the runtime.
    pub(crate) fn is_managed(&self) -> bool {
        self.owner == Owner::Run
    }

    /// Whether the runtime is the background runtime, or was.
    pub(crate) fn is_background(&self) -> bool {
        self.owner == Owner::Background
    }

    pub(crate) fn tracker(&self) -> &Arc<Tracker> {
        &self.tracker
    }

    /// Returns whether a [keeper](crate::runtimes::keeper) is to be started. This is `true` only
    /// once.
    pub(crate) fn needs_keeper(&self) -> bool {
        self.needs_keeper.load(Ordering::Relaxed)
            && self.needs_keeper.swap(false, Ordering::Relaxed)
    }

    /// Records that the runtime has ended, and interrupts the calls that wait on it. Later calls on
    /// its threads are served by another runtime.
    pub(crate) fn end(&self) {
        self.alive.end(&GENERATION);
        self.heartbeat.end();
        self.pool_heartbeat.end();
        self.interrupt.set();
    }

    /// Interrupts the calls that wait on this runtime, and those that block the thread that drives
    /// it. They return `CallError::Shutdown`, or panic.
    pub(crate) fn interrupt_calls(&self) {
        self.interrupt.set();
    }

    pub(crate) fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Checks whether the runtime makes progress.
    pub(crate) fn check(&self, patience: Duration) -> Answer {
        match self.state() {
            RuntimeState::Alive => {
                self.heartbeat.check(patience, |handle| Some(LivenessCheck::task(handle)))
            }
            RuntimeState::Ended | RuntimeState::Inherited => Answer::Ended,
        }
    }

    /// Checks whether its blocking pool has a thread for more work.
    pub(crate) fn check_pool(&self, patience: Duration) -> Answer {
        match self.state() {
            RuntimeState::Alive => self.pool_heartbeat.check(patience, LivenessCheck::blocking),
            RuntimeState::Ended | RuntimeState::Inherited => Answer::Ended,
        }
    }

    /// The maximum number of threads for blocking work, if known.
    pub(crate) fn max_blocking_threads(&self) -> Option<usize> {
        self.max_blocking_threads
    }

    pub(crate) fn handle(&self) -> Option<Handle> {
        self.heartbeat.handle()
    }

    pub(crate) fn spare_threads(&self) -> &SpareThreads {
        &self.spare_threads
    }

    /// Whether the runtime belongs to a process that this one was forked from.
    pub(crate) fn is_inherited(&self) -> bool {
        self.state() == RuntimeState::Inherited
    }

    pub(crate) fn state(&self) -> RuntimeState {
        if self.forks != FORKS.load(Ordering::Relaxed) {
            RuntimeState::Inherited
        } else if self.alive.get() {
            RuntimeState::Alive
        } else {
            RuntimeState::Ended
        }
    }
}

impl Drop for RuntimeRecord {
    fn drop(&mut self) {
        let is_inherited = self.is_inherited();
        self.spare_threads.leave(is_inherited);
    }
}
