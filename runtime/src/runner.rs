//! A runtime that its owner runs on as often as they like, and closes.

use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::Location;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, Id, Runtime};

use crate::closing;
use crate::config::{Builder, Built};
use crate::context;
use crate::error::RunError;
#[cfg(feature = "fiber")]
use crate::fiber;
#[cfg(feature = "fiber")]
use crate::policy::Fibers;
use crate::report::{Kind, Report};
use crate::run::{Started, refuse_to_nest};
use crate::runtimes::{self, Known};
use crate::scope::Scope;
use crate::signals;
use crate::task::Task;
use crate::tracked;

/// A runtime of your own: built when it is first needed, run on as often as you like, and closed. Python's `asyncio.Runner`.
///
/// Tasks go on from one run to the next; on a current-thread runtime they stand still in between.
///
/// ```
/// use bridgehead::Runner;
///
/// let runner = Runner::new();
/// let task = runner.run(async { bridgehead::spawn(async { 40 }) });
/// let sum = runner.run(async { task.await.unwrap() + 2 });
/// assert_eq!(sum, 42);
///
/// let report = runner.close();
/// assert!(report.is_clean());
/// ```
///
/// Dropping a runner closes it, and tells on standard error of what was lost. In async code, and on one of its own threads, it is
/// closed on a thread made for that.
pub struct Runner {
    inner: Arc<Inner>,
}

struct Inner {
    builder: Builder,
    scope: Arc<Scope>,
    state: Mutex<State>,
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

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").field("builder", &self.inner.builder).finish_non_exhaustive()
    }
}

impl Default for Runner {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// A runner with this configuration. Its runtime is built when it is first needed.
    ///
    /// Not for [`Flavor::Local`](crate::Flavor::Local), which belongs to one thread: its errors come when the runner is used.
    #[track_caller]
    #[must_use]
    pub fn build(self) -> Runner {
        let scope = Scope::new(self.policy.clone(), Location::caller());
        let inner = Inner { builder: self, scope, state: Mutex::default(), changed: Condvar::new() };
        Runner { inner: Arc::new(inner) }
    }
}

impl Runner {
    /// A runner with tokio's defaults.
    #[track_caller]
    #[must_use]
    pub fn new() -> Self {
        Builder::new().build()
    }

    /// Everything that can be set.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Runs the future to its end. What it has spawned stays.
    ///
    /// # Panics
    ///
    /// Where [`try_run`](Self::try_run) returns an error, and when the future panics.
    #[track_caller]
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        match self.try_run(future) {
            Ok(output) => output,
            Err(error) => panic!("{error}"),
        }
    }

    /// As [`run`](Self::run), with the error as a value.
    ///
    /// # Errors
    ///
    /// Those of [`try_run`](crate::try_run()), [`RunError::Closed`] after [`close`](Self::close), and [`RunError::Interrupted`] if the
    /// runner is closed meanwhile.
    #[track_caller]
    pub fn try_run<F: Future>(&self, future: F) -> Result<F::Output, RunError> {
        let location = Location::caller();
        refuse_to_nest(location)?;
        let user = self.inner.open(location)?;
        let scope = &self.inner.scope;
        let _signals = signals::watch(scope).map_err(|source| RunError::Build { source, location })?;
        let _started = Started::at(location);
        #[cfg(feature = "fiber")]
        if scope.policy().fibers.main {
            let Fibers { stack_size, .. } = scope.policy().fibers;
            let output = fiber::scoped(future, stack_size, location, |future| {
                user.runtime().block_on(tracked::main(future, scope, location))
            })?;
            return output.ok_or_else(|| RunError::Interrupted { signal: scope.signal(), location });
        }
        let output = user.runtime().block_on(tracked::main(future, scope, location));
        output.ok_or_else(|| RunError::Interrupted { signal: scope.signal(), location })
    }

    /// Starts a task on the runner's runtime, from any thread. If the runner is closed, or has no runtime, the task's output is that
    /// error.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let scope = Arc::clone(&self.inner.scope);
        match self.inner.open(Location::caller()) {
            Ok(user) => tracked::spawn(user.runtime().handle(), scope, future, Location::caller()),
            Err(error) => Task::refused(error, scope, Kind::Task),
        }
    }

    /// Starts blocking work on one of the runner's threads for that, from any thread. Errors are as for [`spawn`](Self::spawn).
    #[track_caller]
    pub fn to_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Task<T> {
        let scope = Arc::clone(&self.inner.scope);
        match self.inner.open(Location::caller()) {
            Ok(user) => tracked::to_thread(user.runtime().handle(), scope, work, Location::caller()),
            Err(error) => Task::refused(error, scope, Kind::Blocking),
        }
    }

    /// Runs synchronous code on a fiber, on one of the runner's threads for that, from any thread. Errors are as for [`spawn`](Self::spawn).
    #[cfg(feature = "fiber")]
    #[cfg_attr(docsrs, doc(cfg(feature = "fiber")))]
    #[track_caller]
    pub fn spawn_fiber<T: Send + 'static>(&self, f: impl FnOnce() -> T + Send + 'static) -> Task<T> {
        let scope = Arc::clone(&self.inner.scope);
        match self.inner.open(Location::caller()) {
            Ok(user) => tracked::spawn_fiber(user.runtime().handle(), scope, f, Location::caller()),
            Err(error) => Task::refused(error, scope, Kind::Fiber),
        }
    }

    /// The handle of the runner's runtime, which is built if need be.
    ///
    /// # Errors
    ///
    /// [`RunError::Build`], and [`RunError::Closed`].
    #[track_caller]
    pub fn handle(&self) -> Result<Handle, RunError> {
        Ok(self.inner.open(Location::caller())?.runtime().handle().clone())
    }

    /// Closes the runner, from any thread: [`cancelled`](crate::cancelled) resolves, tasks that await it have the
    /// [`grace_period`](Builder::grace_period), all others are dropped at their next `.await`; blocking work is waited for until the
    /// [`shutdown_timeout`](Builder::shutdown_timeout). What still runs then is abandoned, and named.
    ///
    /// A second call returns the same. In async code, and on one of the runner's own threads, which must not wait for themselves, it
    /// returns what is known so far, and closing [goes on](Report::is_in_progress) on a thread made for that.
    pub fn close(&self) -> Report {
        self.inner.close_from_here(|_, _| ())
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        if !matches!(*self.inner.state(), State::New | State::Closed(_)) {
            let report = self.inner.close_from_here(closing::tell);
            if !report.is_in_progress() {
                closing::tell(&report, &self.inner.scope);
            }
        }
    }
}

/// Somebody who uses the runtime, which isn't shut down before they have done so.
struct User<'a> {
    /// Until it is dropped.
    open: Option<Arc<Open>>,
    inner: &'a Inner,
}

impl User<'_> {
    fn runtime(&self) -> &Runtime {
        match &self.open {
            Some(open) => &open.runtime,
            None => unreachable!("it is taken out when it is dropped"),
        }
    }
}

impl Drop for User<'_> {
    fn drop(&mut self) {
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
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, location: &'static Location<'static>) -> Result<User<'_>, RunError> {
        let mut state = self.state();
        let open = match &*state {
            // A forked child has none of its threads.
            State::Open(open) if open.known.is_inherited() => return Err(RunError::Closed { location }),
            State::Open(open) => Arc::clone(open),
            State::Closing(_) | State::Closed(_) => return Err(RunError::Closed { location }),
            State::New => {
                let probed = self.builder.probe_threads();
                let runtime = match probed.and_then(|()| self.builder.build_for(&self.scope)) {
                    Ok(Built::Shared(runtime)) => runtime,
                    Ok(Built::Local(_)) => return Err(local_is_not_shared(location)),
                    Err(source) => return Err(RunError::Build { source, location }),
                };
                let known = runtimes::register(runtime.handle(), &self.scope, self.builder.stack_size());
                let open = Arc::new(Open { runtime, known });
                *state = State::Open(Arc::clone(&open));
                open
            }
        };
        Ok(User { open: Some(open), inner: self })
    }

    /// Closes here if this thread may wait for it, else on a thread that then calls `elsewhere`.
    fn close_from_here(self: &Arc<Self>, elsewhere: fn(&Report, &Scope)) -> Report {
        if !self.must_not_wait() {
            return self.close();
        }
        self.scope.ask();
        let inner = Arc::clone(self);
        let closer = thread::Builder::new().name("bridgehead-close".to_owned());
        // Where there is no thread to be had, the last user's drop of the runtime has to do.
        let _ = closer.spawn(move || elsewhere(&inner.close(), &inner.scope));
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
            State::Open(open) if open.known.is_inherited() => {
                // Whoever waited for it would wait for ever, and tokio's locks may be held by threads that don't exist.
                mem::forget(open);
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
        let since = Instant::now();
        self.scope.ask();
        let known = Arc::clone(&open.known);
        let report = if let Ok(Open { runtime, .. }) = self.last_user(open) {
            closing::close(Built::Shared(runtime), &self.scope, &known, since)
        } else {
            // Somebody's future doesn't yield. The runtime is theirs now.
            known.end();
            self.scope.settle_tracked()
        };
        *self.state() = State::Closed(report.clone());
        self.changed.notify_all();
        report
    }

    /// The runtime, when the futures that are run on it on other threads have finished, or have been dropped.
    fn last_user(&self, open: Arc<Open>) -> Result<Open, Arc<Open>> {
        let policy = &self.builder.policy;
        self.users_gone(open, policy.grace_period).or_else(|open| {
            self.scope.drop_rest();
            self.users_gone(open, policy.shutdown_timeout)
        })
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

    /// Another thread closes already. Should the two wait for each other, both go on in the end.
    fn wait_for_the_closer(&self, mut state: MutexGuard<'_, State>) -> Report {
        let policy = &self.builder.policy;
        let patience = policy.grace_period.saturating_add(policy.shutdown_timeout.saturating_mul(2));
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

fn local_is_not_shared(location: &'static Location<'static>) -> RunError {
    let what = "the flavor \"local\" belongs to one thread; use `Builder::run` or `#[entry]`, or the flavor \"current_thread\"";
    RunError::Build { source: std::io::Error::new(std::io::ErrorKind::InvalidInput, what), location }
}
