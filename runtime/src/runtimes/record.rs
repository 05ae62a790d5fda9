//! What is known of one runtime.

use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::config::builder::Builder;
use crate::config::policy::Policy;
use crate::runtimes::generation::{Alive, Epoch};
use crate::runtimes::interrupt::Interrupt;
use crate::runtimes::liveness::{Answer, Probe, Pulse};
use crate::runtimes::spare_threads::Pool;
use crate::task::tracker::Scope;

/// Changes whenever something that threads remember of runtimes has become stale: a runtime ended, another one serves, the process forked.
pub(super) static EPOCH: Epoch = Epoch(AtomicU64::new(0));
/// How many forks lie between the first process and this one.
pub(super) static GENERATION: AtomicU64 = AtomicU64::new(0);

/// A runtime that this process has met.
#[derive(Debug)]
pub(crate) struct Known {
    pub(super) alive: Alive,
    generation: u64,
    pub(super) is_ours: bool,
    pub(super) scope: Arc<Scope>,
    pub(super) pulse: Pulse,
    /// The same of its blocking pool.
    pub(super) pool_pulse: Pulse,
    max_blocking_threads: Option<usize>,
    pool: Pool,
    interrupt: Interrupt,
}

/// What became of a runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Alive,
    Ended,
    Inherited,
}

impl Known {
    /// `builder` is what it was built from, if that is one of ours.
    pub(super) fn new(is_ours: bool, scope: Arc<Scope>, builder: Option<&Builder>) -> Arc<Self> {
        let pool = Pool::new(Arc::clone(&scope), builder.and_then(Builder::stack_size));
        Arc::new(Self {
            alive: Alive::new(),
            generation: GENERATION.load(Ordering::Relaxed),
            is_ours,
            scope,
            pulse: Pulse::default(),
            pool_pulse: Pulse::default(),
            max_blocking_threads: builder.map(Builder::blocking_threads),
            pool,
            interrupt: Interrupt::default(),
        })
    }

    /// Lets it be asked.
    pub(super) fn is_asked_by(&self, handle: &Handle) {
        self.pulse.of(handle);
        self.pool_pulse.of(handle);
    }

    /// A runtime of somebody else's, or one that never ends: its tasks are told of, but nobody closes it.
    pub(super) fn unowned(builder: Option<&Builder>) -> Arc<Self> {
        Self::new(false, Scope::new(Policy::default(), Location::caller()), builder)
    }

    /// From here on every call on this runtime's threads goes elsewhere.
    pub(crate) fn end(&self) {
        self.alive.end(&EPOCH);
        self.pulse.end();
        self.pool_pulse.end();
        self.interrupt.set();
    }

    /// Ends the calls that wait on this runtime, and on threads that it is current on: with `CallError::Shutdown`, or a panic.
    pub(crate) fn interrupt_calls(&self) {
        self.interrupt.set();
    }

    pub(crate) fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Whether it is being run.
    pub(crate) fn ask(&self, patience: Duration) -> Answer {
        match self.state() {
            State::Alive => self.pulse.ask(patience, |handle| Some(Probe::task(handle))),
            State::Ended | State::Inherited => Answer::Ended,
        }
    }

    /// Whether its blocking pool has a thread for more work.
    pub(crate) fn ask_pool(&self, patience: Duration) -> Answer {
        match self.state() {
            State::Alive => self.pool_pulse.ask(patience, Probe::blocking),
            State::Ended | State::Inherited => Answer::Ended,
        }
    }

    /// How many threads its blocking pool may have, if that is known.
    pub(crate) fn max_blocking_threads(&self) -> Option<usize> {
        self.max_blocking_threads
    }

    pub(crate) fn handle(&self) -> Option<Handle> {
        self.pulse.handle()
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Whether it is the runtime of a process that this one was forked from.
    pub(crate) fn is_inherited(&self) -> bool {
        self.state() == State::Inherited
    }

    pub(super) fn state(&self) -> State {
        if self.generation != GENERATION.load(Ordering::Relaxed) {
            State::Inherited
        } else if self.alive.get() {
            State::Alive
        } else {
            State::Ended
        }
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        let is_inherited = self.is_inherited();
        self.pool.leave(is_inherited);
    }
}
