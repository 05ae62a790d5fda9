//! Signal handlers. std can neither install one nor end the process by a signal.
//!
//! A signal handler must not lock, allocate or panic. So our handler records the first signal and
//! writes to a pipe, and a thread does the rest. The second signal ends the process in the handler
//! itself, since the thread may be delayed or blocked.
//!
//! The crate `signal-hook`, on which tokio's signals are built, can't do this. It never restores
//! the former action of a signal, so that after the run a child process no longer ignores what
//! `nohup` had ignored. It also installs its handler only once, so that a later run gets no signal
//! if other code has replaced the handler.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::mem::{self, MaybeUninit};
use std::os::fd::AsRawFd;
use std::process;
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::thread::JoinHandle;
use std::time::Duration;

use libc::{c_int, c_void, siginfo_t};

use super::chain::{Chain, action, exchange, is_handler};
use super::line::{Line, NONE};
use crate::os_thread;
use crate::signal::Signal;

const COME: u8 = 1;
const END: u8 = 0;

/// The first and the longest time between checks whether other code has replaced a handler. Most
/// code does that when the program starts.
const FIRST_CHECK: Duration = Duration::from_millis(50);
const LAST_CHECK: Duration = Duration::from_secs(10);

static LINE: Line =
    Line { pipe: AtomicI32::new(NONE), busy: AtomicUsize::new(0), first: AtomicI32::new(NONE) };
/// The process whose thread reads from the pipe.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// The handlers of this process, and the thread that they notify.
pub(super) struct SignalHandlers {
    taken: Vec<Taken>,
    pipe: PipeWriter,
    thread: JoinHandle<()>,
}

/// A signal with a handler of ours.
struct Taken {
    signal: Signal,
    former: libc::sigaction,
    /// Whether other code has removed the handler, which has been reported.
    is_void: bool,
}

impl SignalHandlers {
    /// Starts a thread that calls `ask` when a signal has come, and `check` from time to time. This
    /// installs no handler yet.
    pub(super) fn new(ask: fn(), check: fn()) -> io::Result<Self> {
        let (mut reader, pipe) = io::pipe()?;
        let watch = move || {
            let mut patience = FIRST_CHECK;
            loop {
                if is_readable(&reader, patience) {
                    let mut what = [END];
                    if reader.read_exact(&mut what).is_err() || what == [END] {
                        return;
                    }
                    ask();
                } else {
                    check();
                    patience = LAST_CHECK.min(patience * 2);
                }
            }
        };
        let thread = os_thread::start("bridgehead-signals", Box::new(watch))?;
        PROCESS.store(process::id(), SeqCst);
        LINE.open(pipe.as_raw_fd());
        Ok(Self { taken: Vec::new(), pipe, thread })
    }

    /// Installs our handler for the signal, unless it is installed already.
    pub(super) fn take(&mut self, signal: Signal) -> io::Result<()> {
        if self.taken.iter().all(|taken| taken.signal != signal) {
            let former = install(number(signal))?;
            self.taken.push(Taken { signal, former, is_void: false });
        }
        Ok(())
    }

    /// Installs our handler again where other code has replaced it. The other handler is called as
    /// well. Returns the signals that have no handler any more, each once. There the handler was
    /// probably removed on purpose, so it isn't installed again.
    pub(super) fn check(&mut self) -> Vec<Signal> {
        let mut void = Vec::new();
        for taken in &mut self.taken {
            let number = number(taken.signal);
            match exchange(number, None) {
                Ok(current) if current.sa_sigaction == own_address() => {}
                Ok(current) if is_handler(current.sa_sigaction) => {
                    was_replaced(number);
                    if let Ok(former) = install(number) {
                        taken.former = former;
                    }
                }
                _ if taken.is_void => {}
                _ => {
                    taken.is_void = true;
                    void.push(taken.signal);
                }
            }
        }
        void
    }

    /// Restores the former action of each signal. Afterwards no handler runs that could change the
    /// value of [`first`]. Returns the signals that had no handler any more, except those that
    /// [`check`](Self::check) has returned.
    pub(super) fn give_back(&mut self) -> Vec<Signal> {
        let is_void = |taken: &&Taken| {
            let current = exchange(number(taken.signal), None);
            !taken.is_void && current.is_ok_and(|current| !is_handler(current.sa_sigaction))
        };
        let void = self.taken.iter().filter(is_void).map(|taken| taken.signal).collect();
        self.restore();
        // The pipe may be closed only after this, since another file may get its descriptor at
        // once.
        LINE.close();
        void
    }

    fn restore(&mut self) {
        for Taken { signal, former, .. } in self.taken.drain(..) {
            let number = number(signal);
            // A handler that has replaced ours meanwhile, such as tokio's, stays installed. It may
            // call ours, see `on_signal`.
            if exchange(number, None).is_ok_and(|current| current.sa_sigaction == own_address()) {
                // This can't fail: the system accepted this action before.
                let _ = exchange(number, Some(&former));
            } else {
                was_replaced(number);
            }
        }
    }

    /// Ends the thread, and closes the pipe.
    pub(super) fn end(mut self) {
        // Closing the pipe would not end the thread, since a forked child may have it open. If
        // other code has closed our descriptor, the thread can't be notified, and must not be
        // joined.
        if self.pipe.write_all(&[END]).is_ok() {
            let _ = self.thread.join();
        }
    }

    /// Restores the former action of each signal in a forked child. The thread doesn't exist there,
    /// and the pipe is the parent's.
    pub(super) fn forget_in_child(mut self) {
        Chain::forget_threads();
        self.restore();
        LINE.pipe.store(NONE, SeqCst);
        LINE.first.store(NONE, SeqCst);
        LINE.busy.store(0, SeqCst);
        mem::forget(self);
    }
}

/// Installs our handler. Returns the former action.
fn install(number: c_int) -> io::Result<libc::sigaction> {
    // The former action is recorded first, since a signal may come as soon as our handler is
    // installed.
    let expected = exchange(number, None)?;
    note(number, &expected);
    let former = exchange(number, Some(&action(on_signal)))?;
    if former.sa_sigaction != expected.sa_sigaction {
        note(number, &former);
    }
    Ok(former)
}

fn note(number: c_int, former: &libc::sigaction) {
    if let Some(chain) = Chain::of(number) {
        chain.replaces(former);
    }
}

fn was_replaced(number: c_int) {
    if let Some(chain) = Chain::of(number) {
        chain.was_replaced();
    }
}

/// Waits until something can be read, but no longer than `limit`.
fn is_readable(pipe: &PipeReader, limit: Duration) -> bool {
    let mut file = libc::pollfd { fd: pipe.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    let limit = c_int::try_from(limit.as_millis()).unwrap_or(c_int::MAX);
    #[expect(unsafe_code, reason = "std can't wait for a pipe with a time limit")]
    // SAFETY: there is one entry, whose file is open.
    let ready = unsafe { libc::poll(&raw mut file, 1, limit) };
    ready > 0
}

/// The first signal since a run began to watch.
pub(super) fn first() -> Option<Signal> {
    let first = LINE.first.load(SeqCst);
    [Signal::Interrupt, Signal::Terminate, Signal::Hangup]
        .into_iter()
        .find(|signal| number(*signal) == first)
}

/// Forgets the first signal, so that the next one counts as the first.
pub(super) fn forget_first() {
    LINE.first.store(NONE, SeqCst);
}

extern "C" fn on_signal(number: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let arguments = (number, info, context);
    let Some(chain) = Chain::of(number) else { return };
    let Some(inside) = chain.enter() else {
        // Our handler has called another one, which calls ours now. It relies on ours to call the
        // handler that was there first.
        return chain.origin.call(arguments);
    };
    let is_open = LINE.pipe.load(SeqCst) != NONE;
    // This is a child of `fork` in which our fork handler has not run yet, or a child of `vfork`.
    // The pipe is the parent's, which must not be notified.
    if is_open && PROCESS.load(SeqCst) != process::id() {
        if chain.origin.is_default() {
            end(number);
        }
        return chain.origin.call(arguments);
    }
    // The other handler is called first, since ours may end the process.
    if is_open && inside.may_call() {
        chain.below.call(arguments);
    }
    let mut was_open = true;
    LINE.with_pipe(|pipe| {
        was_open = pipe != NONE;
        if was_open && (!LINE.is_first(number) || !tell(pipe)) {
            end(number);
        }
    });
    if was_open {
        return;
    }
    // The former action was restored after this signal came, or another handler calls ours.
    if exchange(number, None).is_ok_and(|current| current.sa_sigaction == libc::SIG_DFL) {
        end(number);
    }
    if !is_open && inside.may_call() {
        chain.origin.call(arguments);
    }
}

/// Notifies the thread. Only the first signal gets here, so the pipe has room. The call neither
/// blocks nor is interrupted, and doesn't change `errno`.
fn tell(pipe: c_int) -> bool {
    #[expect(unsafe_code, reason = "a file that is borrowed by number, in a signal handler")]
    // SAFETY: the buffer is one byte long, and the pipe is open until `Line::with_pipe` returns.
    let written = unsafe { libc::write(pipe, ptr::from_ref(&COME).cast(), 1) };
    written == 1
}

/// Ends the process as the signal does by default. This also works in a signal handler, and if the
/// signal is blocked.
pub(super) fn die(signal: Signal) -> ! {
    end(number(signal))
}

fn end(number: c_int) -> ! {
    #[expect(unsafe_code, reason = "std can't end a process by a signal")]
    // SAFETY: all of these may be called in a signal handler, and the set is initialised before it
    // is used.
    unsafe {
        libc::signal(number, libc::SIG_DFL);
        let mut set = MaybeUninit::uninit();
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), number);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, set.as_ptr(), ptr::null_mut());
        libc::raise(number);
        // Only the first process of a container gets here, since signals don't end it.
        libc::_exit(128 + number)
    }
}

fn number(signal: Signal) -> c_int {
    match signal {
        Signal::Interrupt => libc::SIGINT,
        Signal::Terminate => libc::SIGTERM,
        Signal::Hangup => libc::SIGHUP,
    }
}

fn own_address() -> libc::sighandler_t {
    action(on_signal).sa_sigaction
}
