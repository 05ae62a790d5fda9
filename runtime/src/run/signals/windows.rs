//! The console handler of Windows. std can neither install one nor end the process as Ctrl-C does.
//!
//! Of the signals that a run can watch for, Windows has only Ctrl-C. The system calls the handler
//! on a new thread, so the handler may run any code. A handler that was installed before the run is
//! not called for the first Ctrl-C: if ours passed the event on, the default handler would end the
//! process.

use std::io;
use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use windows_sys::Win32::Foundation::STATUS_CONTROL_C_EXIT;
use windows_sys::Win32::System::Console::{CTRL_C_EVENT, SetConsoleCtrlHandler};
use windows_sys::core::BOOL;

use crate::signal::Signal;

static ASK: OnceLock<fn()> = OnceLock::new();
static COME: AtomicBool = AtomicBool::new(false);

pub(super) struct SignalHandlers {
    taken: bool,
}

impl SignalHandlers {
    #[expect(clippy::unnecessary_wraps, reason = "it can fail on other systems")]
    pub(super) fn new(ask: fn(), _check: fn()) -> io::Result<Self> {
        ASK.get_or_init(|| ask);
        // The handler may still have run when the last run stopped watching, and have recorded a
        // signal after that.
        forget_first();
        Ok(Self { taken: false })
    }

    pub(super) fn take(&mut self, signal: Signal) -> io::Result<()> {
        if signal == Signal::Interrupt && !self.taken {
            set(true)?;
            self.taken = true;
        }
        Ok(())
    }

    /// Windows keeps a list of handlers, so that none replaces another.
    #[expect(clippy::unused_self, reason = "there is something to check on other systems")]
    pub(super) fn check(&mut self) -> Vec<Signal> {
        Vec::new()
    }

    pub(super) fn give_back(&mut self) -> Vec<Signal> {
        if self.taken {
            // This can't fail: the handler is installed.
            let _ = set(false);
        }
        Vec::new()
    }

    #[expect(clippy::unused_self, reason = "there is something to end on other systems")]
    pub(super) fn end(self) {}

    #[expect(clippy::unused_self, reason = "there is no fork")]
    pub(super) fn forget_in_child(self) {}
}

pub(super) fn first() -> Option<Signal> {
    COME.load(SeqCst).then_some(Signal::Interrupt)
}

pub(super) fn forget_first() {
    COME.store(false, SeqCst);
}

extern "system" fn on_event(event: u32) -> BOOL {
    // The next handler ends the process, unless the program has installed another one.
    if event != CTRL_C_EVENT || COME.swap(true, SeqCst) {
        return 0;
    }
    if let Some(ask) = ASK.get() {
        ask();
    }
    1
}

fn set(add: bool) -> io::Result<()> {
    #[expect(unsafe_code, reason = "std can't install console handlers")]
    // SAFETY: the handler may be called on any thread at any time, and doesn't unwind.
    let done = unsafe { SetConsoleCtrlHandler(Some(on_event), BOOL::from(add)) };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

pub(super) fn die(_signal: Signal) -> ! {
    process::exit(STATUS_CONTROL_C_EXIT)
}
