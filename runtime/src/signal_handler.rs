//! Signal handlers: std can neither install one nor end the process by a signal.

pub(super) use platform::{Handlers, die, first, forget_first};

/// A handler may call next to nothing: no lock, no allocation, no panic. So it takes note of the first signal and writes to a pipe,
/// and a thread does the rest. The second signal it answers by itself: the thread may be held up, or the program be stuck.
#[cfg(unix)]
mod platform {
    use std::io::{self, PipeWriter, Read, Write};
    use std::mem::{self, MaybeUninit};
    use std::os::fd::AsRawFd;
    use std::process;
    use std::ptr;
    use std::sync::atomic::{AtomicI32, AtomicU32, AtomicUsize, Ordering::SeqCst};
    use std::thread::{self, JoinHandle};

    use libc::c_int;

    use super::super::line::{Line, NONE};
    use crate::policy::Signal;

    const COME: u8 = 1;
    const END: u8 = 0;

    static LINE: Line =
        Line { pipe: AtomicI32::new(NONE), busy: AtomicUsize::new(0), first: AtomicI32::new(NONE) };
    /// The process whose thread reads from the pipe.
    static PROCESS: AtomicU32 = AtomicU32::new(0);

    /// The handlers of this process, and the thread that they tell.
    pub(crate) struct Handlers {
        formers: Vec<(c_int, libc::sigaction)>,
        pipe: PipeWriter,
        thread: JoinHandle<()>,
    }

    impl Handlers {
        /// A thread that calls `ask` when a signal has come. No signal is taken yet.
        pub(crate) fn new(ask: fn()) -> io::Result<Self> {
            let (mut reader, pipe) = io::pipe()?;
            let thread = thread::Builder::new().name("bridgehead-signals".to_owned()).spawn(move || {
                let mut what = [END];
                while reader.read_exact(&mut what).is_ok() && what != [END] {
                    ask();
                }
            })?;
            PROCESS.store(process::id(), SeqCst);
            LINE.open(pipe.as_raw_fd());
            Ok(Self { formers: Vec::new(), pipe, thread })
        }

        /// Takes the signal, unless that is done already.
        pub(crate) fn take(&mut self, signal: Signal) -> io::Result<()> {
            let number = number(signal);
            if self.formers.iter().all(|(taken, _)| *taken != number) {
                let former = exchange(number, Some(&own_action()))?;
                self.formers.push((number, former));
            }
            Ok(())
        }

        /// Gives all signals back. After this no handler runs any more that could change what [`first`] says.
        pub(crate) fn give_back(&mut self) {
            self.restore();
            // Only then may the pipe be closed: its number is soon another file's.
            LINE.close();
        }

        fn restore(&mut self) {
            for (number, former) in self.formers.drain(..) {
                // Whoever has put a handler in place of ours meanwhile, tokio for one, keeps it. It may call ours, see there.
                if exchange(number, None).is_ok_and(|current| current.sa_sigaction == own_address()) {
                    // It was accepted when it was set.
                    let _ = exchange(number, Some(&former));
                }
            }
        }

        /// Ends the thread, and closes the pipe.
        pub(crate) fn end(mut self) {
            // The end of the pipe wouldn't do: a forked child may hold it open. If somebody has closed it under our feet, the thread
            // can't be told, and must not be waited for.
            if self.pipe.write_all(&[END]).is_ok() {
                let _ = self.thread.join();
            }
        }

        /// Gives all signals back in a forked child. The thread isn't there, and the pipe is the parent's.
        pub(crate) fn forget_in_child(mut self) {
            self.restore();
            LINE.pipe.store(NONE, SeqCst);
            LINE.first.store(NONE, SeqCst);
            LINE.busy.store(0, SeqCst);
            mem::forget(self);
        }
    }

    /// The signal that came first since somebody watches.
    pub(crate) fn first() -> Option<Signal> {
        let first = LINE.first.load(SeqCst);
        [Signal::Interrupt, Signal::Terminate, Signal::Hangup]
            .into_iter()
            .find(|signal| number(*signal) == first)
    }

    /// Counts anew.
    pub(crate) fn forget_first() {
        LINE.first.store(NONE, SeqCst);
    }

    extern "C" fn on_signal(number: c_int) {
        // A child of fork before our fork handler has run there, or a child of vfork. The pipe is the parent's, whom nobody has asked.
        if LINE.pipe.load(SeqCst) != NONE && PROCESS.load(SeqCst) != process::id() {
            end(number);
        }
        LINE.with_pipe(|pipe| {
            if pipe == NONE {
                // The signals have been given back between this one's arrival and here; or somebody else's handler calls ours.
                if exchange(number, None).is_ok_and(|current| current.sa_sigaction == libc::SIG_DFL) {
                    end(number);
                }
            } else if !LINE.is_first(number) || !tell(pipe) {
                end(number);
            }
        });
    }

    /// Only the first signal gets here, so the pipe has room: the call neither blocks nor is interrupted, and leaves `errno` alone.
    fn tell(pipe: c_int) -> bool {
        #[expect(unsafe_code, reason = "a file that is borrowed by number, in a signal handler")]
        // SAFETY: the buffer is one byte long, and the pipe is open until `Line::with_pipe` returns.
        let written = unsafe { libc::write(pipe, ptr::from_ref(&COME).cast(), 1) };
        written == 1
    }

    /// Ends the process as the signal does by default, also from within a handler, and where the signal is blocked.
    pub(crate) fn die(signal: Signal) -> ! {
        end(number(signal))
    }

    fn end(number: c_int) -> ! {
        #[expect(unsafe_code, reason = "std can't end a process by a signal")]
        // SAFETY: all of these may be called in a signal handler, and the set is initialised before it is used.
        unsafe {
            libc::signal(number, libc::SIG_DFL);
            let mut set = MaybeUninit::uninit();
            libc::sigemptyset(set.as_mut_ptr());
            libc::sigaddset(set.as_mut_ptr(), number);
            libc::pthread_sigmask(libc::SIG_UNBLOCK, set.as_ptr(), ptr::null_mut());
            libc::raise(number);
            // The first process of a container gets here: signals don't end it.
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
        on_signal as *const () as libc::sighandler_t
    }

    fn own_action() -> libc::sigaction {
        #[expect(unsafe_code, reason = "a C struct that differs between systems")]
        // SAFETY: it consists of numbers, sets of bits and perhaps a nullable function pointer, for all of which zero is a value.
        let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
        action.sa_sigaction = own_address();
        // System calls of the program go on, and a thread whose stack is small has another for this.
        action.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK;
        action
    }

    /// Says what the signal does, and has it do something else if that is given.
    fn exchange(number: c_int, new: Option<&libc::sigaction>) -> io::Result<libc::sigaction> {
        let mut former = MaybeUninit::uninit();
        let new = new.map_or(ptr::null(), ptr::from_ref);
        #[expect(unsafe_code, reason = "std can't install signal handlers")]
        // SAFETY: `new` is null, or what this function has returned, or `own_action`, whose handler calls only what a handler may.
        // `former` is written to unless the call fails.
        unsafe {
            if libc::sigaction(number, new, former.as_mut_ptr()) != 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(former.assume_init())
        }
    }
}

/// Ctrl-C is the only one of the signals here. Windows calls the handler on a thread made for it, which may do as it likes.
#[cfg(windows)]
mod platform {
    use std::io;
    use std::process;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

    use windows_sys::Win32::Foundation::STATUS_CONTROL_C_EXIT;
    use windows_sys::Win32::System::Console::{CTRL_C_EVENT, SetConsoleCtrlHandler};
    use windows_sys::core::BOOL;

    use crate::policy::Signal;

    static ASK: OnceLock<fn()> = OnceLock::new();
    static COME: AtomicBool = AtomicBool::new(false);

    pub(crate) struct Handlers {
        taken: bool,
    }

    impl Handlers {
        #[expect(clippy::unnecessary_wraps, reason = "it can fail on other systems")]
        pub(crate) fn new(ask: fn()) -> io::Result<Self> {
            ASK.get_or_init(|| ask);
            // The last run's handler may have been slow.
            forget_first();
            Ok(Self { taken: false })
        }

        pub(crate) fn take(&mut self, signal: Signal) -> io::Result<()> {
            if signal == Signal::Interrupt && !self.taken {
                set(true)?;
                self.taken = true;
            }
            Ok(())
        }

        pub(crate) fn give_back(&mut self) {
            if self.taken {
                // It was there.
                let _ = set(false);
            }
        }

        #[expect(clippy::unused_self, reason = "there is something to end on other systems")]
        pub(crate) fn end(self) {}

        #[expect(clippy::unused_self, reason = "there is no fork")]
        pub(crate) fn forget_in_child(self) {}
    }

    pub(crate) fn first() -> Option<Signal> {
        COME.load(SeqCst).then_some(Signal::Interrupt)
    }

    pub(crate) fn forget_first() {
        COME.store(false, SeqCst);
    }

    extern "system" fn on_event(event: u32) -> BOOL {
        // Whoever is asked next ends the process, unless the program has set up something else.
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

    pub(crate) fn die(_signal: Signal) -> ! {
        process::exit(STATUS_CONTROL_C_EXIT)
    }
}
