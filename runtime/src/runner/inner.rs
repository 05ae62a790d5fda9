//! The runtime of a runner: built once, used by many, and shut down when the last of them is done.

use std::mem;
use std::panic::Location;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, Id, Runtime};

use crate::closing;
use crate::config::{Builder, Built};
use crate::context;
use crate::elsewhere::on_a_thread;
use crate::error::RunError;
use crate::report::Report;
use crate::runtimes::{self, Known};
use crate::scope::Scope;
use crate::watchdog::Watchdog;

/// How long code of the user's, such as a `Drop`, may block the thread that closes, before others that close return without it.
const FOR_USER_CODE: Duration = Duration::from_secs(10);

/// What a runner shares with a thread that closes it.
pub(super) struct Inner {
    pub(super) builder: Builder,
    pub(super) scope: Arc<Scope>,
    /// What is known of the runtime, from when it is built. A forked child looks here first: it may have inherited the lock from a
    /// thread that doesn't exist there.
    known: OnceLock<Arc<Known>>,
    state: Mutex<State>,
    /// From when the runtime is built until it is closed.
    watchdog: Mutex<Option<Watchdog>>,
    /// Told when somebody stops using the runtime, and when the runner is closed.
    changed: Condvar,
}

#[derive(Default)]
enum State {
    #[default]
    New,
    Open(Arc<Open>),
    Closing(Id),
    Closed(Report),
}

struct Open {
    runtime: Runtime,
    known: Arc<Known>,
}

/// Somebody who uses the runtime, which isn't shut down before they have done so.
pub(super) struct User<'a> {
    /// Until it is dropped.
    open: Option<Arc<Open>>,
    inner: &'a Inner,
}

impl User<'_> {
    pub(super) fn runtime(&self) -> &Runtime {
        match &self.open {
            Some(open) => &open.runtime,
            None => unreachable!("it is taken out when it is dropped"),
        }
    }
}

impl Drop for User<'_> {
    fn drop(&mut self) {
        if self.inner.is_inherited() {
            mem::forget(self.open.take());
            return;
        }
        // Under the lock, so that who waits for the last user doesn't miss it.
        let state = self.inner.state();
        let left_over = self.open.take().and_then(Arc::into_inner);
        self.inner.changed.notify_all();
        drop(state);
        // Who closes has given up on this one, whose future didn't yield. Nobody waits for the runtime any more.
        if let Some(Open { runtime, .. }) = left_over {
            runtime.shutdown_background();
        }
    }
}

impl Inner {
    pub(super) fn new(builder: Builder, location: &'static Location<'static>) -> Arc<Self> {
        let scope = Scope::new(builder.policy.clone(), location);
        let (state, changed) = (Mutex::default(), Condvar::new());
        Arc::new(Self { builder, scope, known: OnceLock::new(), state, watchdog: Mutex::default(), changed })
    }

    /// Whether its runtime is that of a process that this one was forked from. Whoever waited for that would wait for ever, and tokio's
    /// locks may be held by threads that don't exist.
    fn is_inherited(&self) -> bool {
        self.known.get().is_some_and(|known| known.is_inherited())
    }

    /// Whether it has a runtime that is not closed yet.
    pub(super) fn has_runtime(&self) -> bool {
        !self.is_inherited() && !matches!(*self.state(), State::New | State::Closed(_))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(super) fn open(&self, location: &'static Location<'static>) -> Result<User<'_>, RunError> {
        if self.is_inherited() {
            return Err(RunError::Closed { location });
        }
        let mut state = self.state();
        let open = match &*state {
            State::Open(open) => Arc::clone(open),
            State::Closing(_) | State::Closed(_) => return Err(RunError::Closed { location }),
            State::New if context::is_thread_exiting() => return Err(RunError::ThreadExiting { location }),
            State::New => {
                let probed = self.builder.probe_threads();
                let runtime = match probed.and_then(|()| self.builder.build_for(&self.scope)) {
                    Ok(Built::Shared(runtime)) => runtime,
                    Ok(Built::Local(_)) => return Err(local_is_not_shared(location)),
                    Err(source) => return Err(RunError::Build { source, location }),
                };
                let known = runtimes::register(runtime.handle(), &self.scope, &self.builder);
                let known = Arc::clone(self.known.get_or_init(|| known));
                *lock(&self.watchdog) = Some(Watchdog::new(&self.scope, &known, None));
                let open = Arc::new(Open { runtime, known });
                *state = State::Open(Arc::clone(&open));
                open
            }
        };
        Ok(User { open: Some(open), inner: self })
    }

    /// Closes here if this thread may wait for it, else on a thread that then calls `elsewhere`.
    pub(super) fn close_from_here(self: &Arc<Self>, elsewhere: fn(&Report)) -> Report {
        if self.is_inherited() {
            return Report::default();
        }
        if context::is_thread_exiting() {
            // Closing enters the runtime. Where there is no thread for that, the drop of the last reference has to do.
            return on_a_thread(|| Ok(self.close())).unwrap_or_else(|_| self.scope.interim());
        }
        if !self.must_not_wait() {
            return self.close();
        }
        self.scope.ask();
        let inner = Arc::clone(self);
        let closer = thread::Builder::new().name("bridgehead-close".to_owned());
        // Where there is no thread to be had, the drop of the last reference has to do.
        let _ = closer.spawn(move || elsewhere(&inner.close()));
        self.scope.interim()
    }

    /// Whether this thread runs async code, or is one of those that closing waits for.
    fn must_not_wait(&self) -> bool {
        let own = match &*self.state() {
            State::Open(open) => open.runtime.handle().id(),
            State::Closing(id) => *id,
            State::New | State::Closed(_) => return false,
        };
        context::is_polled() || Handle::try_current().is_ok_and(|handle| handle.id() == own)
    }

    fn close(&self) -> Report {
        let mut state = self.state();
        let open = match mem::take(&mut *state) {
            State::New => {
                *state = State::Closed(Report::default());
                return Report::default();
            }
            State::Open(open) => {
                *state = State::Closing(open.runtime.handle().id());
                open
            }
            other => {
                *state = other;
                return self.wait_for_the_closer(state);
            }
        };
        drop(state);
        // Unless closing was requested before, this thread keeps the time.
        let watchdog = lock(&self.watchdog).take();
        if let Some(watchdog) = &watchdog {
            watchdog.main_ended();
        }
        self.scope.ask();
        let known = Arc::clone(&open.known);
        let report = if let Some(Open { runtime, .. }) = self.last_user(open, &known) {
            closing::close(Built::Shared(runtime), &self.scope, &known)
        } else {
            // Somebody's future doesn't yield. The runtime is theirs now.
            known.end();
            self.scope.settle_tracked()
        };
        drop(watchdog);
        *self.state() = State::Closed(report.clone());
        self.changed.notify_all();
        report
    }

    /// The runtime, when the futures that are run on it on other threads have finished, or have been dropped. `None` if one doesn't yield:
    /// the runtime is then dropped by its thread.
    fn last_user(&self, open: Arc<Open>, known: &Known) -> Option<Open> {
        let policy = &self.builder.policy;
        // It may have been asked to close before, by a signal.
        let grace = policy.grace_period.saturating_sub(self.scope.asked_at().elapsed());
        let gone = self.users_gone(open, grace).or_else(|open| {
            self.scope.drop_rest();
            // A future that is blocked in a call isn't dropped before the call ends.
            known.interrupt_calls();
            self.users_gone(open, policy.shutdown_timeout)
        });
        // The last one may have left since. A runtime that is merely dropped waits for its threads without limit.
        gone.map_or_else(Arc::into_inner, Some)
    }

    fn users_gone(&self, mut open: Arc<Open>, limit: Duration) -> Result<Open, Arc<Open>> {
        let deadline = Instant::now().checked_add(limit);
        let mut state = self.state();
        loop {
            open = match Arc::try_unwrap(open) {
                Ok(open) => return Ok(open),
                Err(open) => open,
            };
            match self.wait(state, deadline) {
                Some(next) => state = next,
                None => return Err(open),
            }
        }
    }

    /// Another thread closes already, and this one waits until that is over. Should the two wait for each other, both go on in the end: code
    /// of the user's that blocks the closing thread for long after all of its time limits is not waited for.
    fn wait_for_the_closer(&self, mut state: MutexGuard<'_, State>) -> Report {
        let patience = closing::at_most(&self.builder.policy).saturating_add(FOR_USER_CODE);
        let deadline = Instant::now().checked_add(patience);
        loop {
            if let State::Closed(report) = &*state {
                return report.clone();
            }
            match self.wait(state, deadline) {
                Some(next) => state = next,
                None => return self.scope.interim(),
            }
        }
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        deadline: Option<Instant>,
    ) -> Option<MutexGuard<'a, State>> {
        let left = match deadline {
            None => Duration::MAX,
            Some(deadline) => deadline.saturating_duration_since(Instant::now()),
        };
        if left.is_zero() {
            return None;
        }
        let (state, _) = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        Some(state)
    }
}

impl Drop for Inner {
    /// Where nobody has closed it, since there was no thread for that.
    fn drop(&mut self) {
        let is_inherited = self.is_inherited();
        let state = mem::take(self.state.get_mut().unwrap_or_else(PoisonError::into_inner));
        if is_inherited {
            mem::forget(state);
        } else if let State::Open(open) = state
            && let Some(Open { runtime, known }) = Arc::into_inner(open)
        {
            self.scope.ask();
            self.scope.drop_rest();
            known.end();
            // This thread may run async code, where a runtime that is merely dropped panics.
            runtime.shutdown_background();
            closing::tell(&self.scope.settle_tracked());
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn local_is_not_shared(location: &'static Location<'static>) -> RunError {
    let what = "the flavor \"local\" belongs to one thread; use `Builder::run` or `#[entry]`, or the flavor \"current_thread\"";
    RunError::Build { source: std::io::Error::new(std::io::ErrorKind::InvalidInput, what), location }
}
