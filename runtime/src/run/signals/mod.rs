//! Signals that begin to close a run.
//!
//! The action of a signal belongs to the whole process, so all runs that watch for signals are in
//! one register. With the first signal, every run that watches for it begins to close, including
//! one that begins to watch later. The next signal ends the process, whichever of the watched
//! signals it is. When the last run stops watching, the former actions of all signals are restored,
//! and the next signal counts as the first again. Until then, the handlers of all signals that a
//! run has watched for stay installed.
//!
//! A signal that was ignored, as under `nohup`, is watched as well if the program names it. A
//! forked child watches for no signal: the former actions are restored there.

use std::cell::Cell;
use std::io::{self, Write};
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::log;
use crate::os_thread;
use crate::runtimes::fork;
use crate::signal::Signal;
use crate::task::tracker::Tracker;

#[cfg(unix)]
mod chain;
#[cfg(unix)]
mod handler;
#[cfg(windows)]
#[path = "windows.rs"]
mod handler;
#[cfg(unix)]
mod line;

use handler::SignalHandlers;

/// Watches for the tracker's signals for as long as it lives.
#[derive(Debug)]
pub(crate) struct SignalWatch {
    /// `None` if the run watches for no signal.
    number: Option<u64>,
}

struct Register {
    watchers: Vec<Watcher>,
    /// `Some` while a run watches.
    handlers: Option<SignalHandlers>,
    /// Whether the message about the first signal has been logged.
    acknowledged: bool,
}

struct Watcher {
    number: u64,
    tracker: Arc<Tracker>,
}

impl Watcher {
    /// The first signal, if one has come and this run watches for it.
    fn first(&self) -> Option<Signal> {
        handler::first().filter(|first| self.tracker.policy().signals.0.contains(first))
    }
}

static REGISTER: Mutex<Register> =
    Mutex::new(Register { watchers: Vec::new(), handlers: None, acknowledged: false });

#[expect(unsafe_code, reason = "the system calls them")]
// SAFETY: `extern "C"` functions abort instead of unwinding. These register no handlers, and a
// second call for the same fork does nothing. Before the fork they wait for no lock but `REGISTER`,
// and no code under that lock forks. After the fork they wait for no lock: the thread that forked
// holds `REGISTER`, or, while that thread ends, they do nothing.
static FORK_HANDLERS: fork::ForkHandlers =
    unsafe { fork::ForkHandlers::new(before_fork, after_fork_in_parent, after_fork_in_child) };

thread_local! {
    static HELD_OVER_FORK: Cell<Option<MutexGuard<'static, Register>>> = const { Cell::new(None) };
}

/// Begins to watch, if the tracker has any signals.
///
/// Returns an error if the pipe or the thread can't be created, or a handler can't be installed. In
/// that case nothing has changed.
pub(crate) fn watch(tracker: &Arc<Tracker>) -> io::Result<SignalWatch> {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let signals = &tracker.policy().signals.0;
    if signals.is_empty() {
        return Ok(SignalWatch { number: None });
    }
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    // Created before the lock is taken. In case of an error, this is then dropped after the lock
    // was released, and the drop undoes what was done.
    let watch = SignalWatch { number: Some(number) };
    let mut register = register();
    register.watchers.push(Watcher { number, tracker: Arc::clone(tracker) });
    let handlers = match &mut register.handlers {
        Some(handlers) => handlers,
        none => none.insert(SignalHandlers::new(ask, check)?),
    };
    for signal in signals {
        handlers.take(*signal)?;
    }
    drop(register);
    // A signal may have come before this run began to watch.
    ask();
    Ok(watch)
}

/// Requests the shutdown of all runs that watch for the signal which has come. This is called at
/// least once after a signal. A further call is harmless.
fn ask() {
    let mut register = register();
    let asked: Vec<_> = register
        .watchers
        .iter()
        .filter_map(|watcher| Some((Arc::clone(&watcher.tracker), watcher.first()?)))
        .collect();
    let acknowledges = !asked.is_empty() && !mem::replace(&mut register.acknowledged, true);
    // The lock is released first, since wakers may be the user's code.
    drop(register);
    let first = asked.first().filter(|_| acknowledges).map(|(_, signal)| *signal);
    for (tracker, signal) in asked {
        tracker.interrupt(signal);
    }
    if let Some(signal) = first {
        let again = if signal == Signal::Interrupt { "press Ctrl-C" } else { "send it" };
        log::warn(format_args!("received {signal}, shutting down; {again} again to exit now"));
    }
}

/// Checks whether other code has replaced the handlers.
fn check() {
    let void = register().handlers.as_mut().map(SignalHandlers::check);
    void.into_iter().flatten().for_each(report_void);
}

fn report_void(signal: Signal) {
    log::warn(format_args!(
        "{signal} no longer shuts down the runs whose option `signals` names it\n  note: other code in this process has removed the \
         handler of the signal while a run was watching for it\n  help: remove that code, or the signal from the option `signals`"
    ));
}

impl Drop for SignalWatch {
    /// Stops watching. A signal is either recorded in the tracker or has had its former effect;
    /// none is lost in between.
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let mut register = register();
        let place = register.watchers.iter().position(|watcher| watcher.number == number);
        // In a forked child there is no watcher.
        let Some(watcher) = place.map(|place| register.watchers.swap_remove(place)) else { return };
        let mut last = if register.watchers.is_empty() { register.handlers.take() } else { None };
        let void = last.as_mut().map(SignalHandlers::give_back);
        let first = watcher.first();
        if last.is_some() {
            handler::forget_first();
            register.acknowledged = false;
        }
        drop(register);
        if let Some(signal) = first {
            watcher.tracker.interrupt(signal);
        }
        void.into_iter().flatten().for_each(report_void);
        // After the lock was released, since the thread of the handlers may be waiting for it.
        if let Some(handlers) = last {
            handlers.end();
        }
    }
}

fn register() -> MutexGuard<'static, Register> {
    FORK_HANDLERS.register();
    lock()
}

fn lock() -> MutexGuard<'static, Register> {
    // No user code runs under this lock.
    REGISTER.lock().unwrap_or_else(PoisonError::into_inner)
}

// As in `runtimes`: while a thread ends, the thread-local may be gone, and the lock then can't be
// held across the fork.

extern "C" fn before_fork() {
    FORK_HANDLERS.are_registered();
    if fork::is_held(&HELD_OVER_FORK) {
        return;
    }
    let guard = lock();
    let _ = HELD_OVER_FORK.try_with(|held| held.set(Some(guard)));
}

extern "C" fn after_fork_in_parent() {
    let _ = HELD_OVER_FORK.try_with(Cell::take);
}

extern "C" fn after_fork_in_child() {
    let _ = HELD_OVER_FORK.try_with(|held| {
        let Some(mut register) = held.take() else { return };
        // Only few functions may be called here. Freeing memory is not among them.
        std::mem::forget(std::mem::take(&mut register.watchers));
        if let Some(handlers) = register.handlers.take() {
            handlers.forget_in_child();
        }
    });
}

/// Ends the process as the signal does by default.
pub(crate) fn raise(signal: Signal) -> ! {
    flush();
    handler::die(signal)
}

/// Flushes standard output, as the end of `main` does. Another thread does that, since an abandoned
/// thread may hold the lock of standard output indefinitely.
fn flush() {
    const PATIENCE: Duration = Duration::from_secs(1);
    let flushed = Arc::new((Mutex::new(false), Condvar::new()));
    let done = Arc::clone(&flushed);
    let work = move || {
        // Standard output may be closed.
        let _ = io::stdout().flush();
        *done.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        done.1.notify_one();
    };
    if os_thread::start("bridgehead-flush", Box::new(work)).is_ok() {
        let (is_flushed, changed) = &*flushed;
        let is_flushed = is_flushed.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = changed.wait_timeout_while(is_flushed, PATIENCE, |is_flushed| !*is_flushed);
    }
}

#[cfg(not(any(unix, windows)))]
mod handler {
    use std::io;
    use std::process;

    use crate::signal::Signal;

    /// There are no signals on this system.
    pub(crate) enum SignalHandlers {}

    impl SignalHandlers {
        pub(crate) fn new(_ask: fn(), _check: fn()) -> io::Result<Self> {
            Err(io::Error::new(io::ErrorKind::Unsupported, "there are no signals on this system"))
        }

        pub(crate) fn take(&mut self, _signal: Signal) -> io::Result<()> {
            match *self {}
        }

        pub(crate) fn check(&mut self) -> Vec<Signal> {
            match *self {}
        }

        pub(crate) fn give_back(&mut self) -> Vec<Signal> {
            match *self {}
        }

        pub(crate) fn end(self) {
            match self {}
        }

        pub(crate) fn forget_in_child(self) {
            match self {}
        }
    }

    pub(crate) fn first() -> Option<Signal> {
        None
    }

    pub(crate) fn forget_first() {}

    pub(crate) fn die(_signal: Signal) -> ! {
        process::exit(1)
    }
}
