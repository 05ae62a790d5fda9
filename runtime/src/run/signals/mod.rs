//! Signals that begin to close a run.
//!
//! The action of a signal belongs to the whole process, so the runs that watch are kept in one
//! register. The first signal is passed to every run that watches for it, to one that begins to
//! watch later as well; the next one, whichever of those watched, ends the process. When the last
//! run stops watching, the signals mean what they meant before the first one began, and the count
//! begins anew. While any run watches, all of the signals that were asked for stay taken.
//!
//! A signal that was ignored, as under `nohup`, is watched all the same if the program asks for it
//! by name. A forked child watches for nothing: its signals mean what they meant before.

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
    /// None where there is nothing to watch for.
    number: Option<u64>,
}

struct Register {
    watchers: Vec<Watcher>,
    /// There are some while somebody watches.
    handlers: Option<SignalHandlers>,
    /// The signal that came first has been acknowledged.
    acknowledged: bool,
}

struct Watcher {
    number: u64,
    tracker: Arc<Tracker>,
}

impl Watcher {
    /// The signal that has come, if this one watches for it.
    fn first(&self) -> Option<Signal> {
        handler::first().filter(|first| self.tracker.policy().signals.0.contains(first))
    }
}

static REGISTER: Mutex<Register> =
    Mutex::new(Register { watchers: Vec::new(), handlers: None, acknowledged: false });

#[expect(unsafe_code, reason = "the system calls them")]
// SAFETY: functions of C abort instead of unwinding. These register nothing, and do nothing the
// second time. They wait for no lock but `REGISTER`, under which no thread forks, and which the child
// inherits from the very thread that goes on there.
static FORK_HANDLERS: fork::ForkHandlers =
    unsafe { fork::ForkHandlers::new(before_fork, after_fork_in_parent, after_fork_in_child) };

thread_local! {
    static HELD_OVER_FORK: Cell<Option<MutexGuard<'static, Register>>> = const { Cell::new(None) };
}

/// Watches from now on, if the tracker has any signals.
///
/// The errors are those of making a pipe and a thread; then nothing has changed.
pub(crate) fn watch(tracker: &Arc<Tracker>) -> io::Result<SignalWatch> {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let signals = &tracker.policy().signals.0;
    if signals.is_empty() {
        return Ok(SignalWatch { number: None });
    }
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    // Before the lock, so that in case of an error the lock is free when this is dropped, which
    // undoes what was done.
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
    // A signal may have come before this run did.
    ask();
    Ok(watch)
}

/// Asks all who watch for the signal that has come. Runs at least once after it has; once more does
/// no harm.
fn ask() {
    let mut register = register();
    let asked: Vec<_> = register
        .watchers
        .iter()
        .filter_map(|watcher| Some((Arc::clone(&watcher.tracker), watcher.first()?)))
        .collect();
    let acknowledges = !asked.is_empty() && !mem::replace(&mut register.acknowledged, true);
    // Wakers are somebody else's code.
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

/// Looks whether somebody has replaced the handlers.
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
    /// After this the signal is either known to the tracker, or it has had its former meaning: none
    /// is lost in between.
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let mut register = register();
        let place = register.watchers.iter().position(|watcher| watcher.number == number);
        // There is none in a forked child.
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
        // Its thread may be waiting for the lock.
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

// As in `runtimes`: where there is no thread-local any more, the lock can't be kept over the fork.

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
        // Next to nothing may be called here, and freeing memory is not among it.
        std::mem::forget(std::mem::take(&mut register.watchers));
        if let Some(handlers) = register.handlers.take() {
            handlers.forget_in_child();
        }
    });
}

/// Ends the process as the signal would have.
pub(crate) fn raise(signal: Signal) -> ! {
    flush();
    handler::die(signal)
}

/// Flushes standard output, as the end of `main` does. An abandoned thread may hold its lock
/// indefinitely, hence the thread.
fn flush() {
    const PATIENCE: Duration = Duration::from_secs(1);
    let flushed = Arc::new((Mutex::new(false), Condvar::new()));
    let done = Arc::clone(&flushed);
    let work = move || {
        // It may be closed.
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

    /// There can't be any.
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
