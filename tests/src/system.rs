//! System calls that std doesn't offer: forks, limits, and a standard error that can't be written
//! to.
#![expect(unsafe_code, reason = "std has none of this")]

#[cfg(target_os = "linux")]
use std::fs;
use std::mem::MaybeUninit;
#[cfg(target_os = "linux")]
use std::os::fd::{AsRawFd, RawFd};
use std::panic::{self, AssertUnwindSafe};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Forks, runs `f` in the child, and fails unless it succeeds there.
///
/// # Panics
///
/// If the child fails.
#[track_caller]
pub fn in_forked_child(f: impl FnOnce()) {
    assert_eq!(status_of_forked_child(f), 0, "the child failed");
}

/// Forks, runs `f` in the child, and returns the child's status in the encoding of `waitpid`.
///
/// # Panics
///
/// If the system can't fork.
#[track_caller]
pub fn status_of_forked_child(f: impl FnOnce()) -> i32 {
    // std locks a mutex while a thread begins or ends. A child that is forked then inherits the
    // locked mutex, and blocks when it starts a thread. So threads that were just started get time.
    thread::sleep(Duration::from_millis(10));
    // SAFETY: the child runs only `f`, and exits without unwinding into its parent's frames.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "no fork");
    if pid == 0 {
        let outcome = panic::catch_unwind(AssertUnwindSafe(f));
        // SAFETY: `_exit` ends the process, without the parent's exit handlers.
        unsafe { libc::_exit(i32::from(outcome.is_err())) };
    }
    let mut status = 0;
    // SAFETY: `status` lives as long as the call.
    let waited = unsafe { libc::waitpid(pid, &raw mut status, 0) };
    assert_eq!(waited, pid);
    status
}

/// Sends SIGKILL to the process `leader` and to all that it has forked. It must be the first of its
/// process group.
pub fn kill_group(leader: u32) {
    let Ok(leader) = libc::pid_t::try_from(leader) else { return };
    // SAFETY: `kill` takes no pointer.
    unsafe { libc::kill(-leader, libc::SIGKILL) };
}

/// Closes this process's standard error, or replaces it by one to which every write fails.
///
/// # Panics
///
/// If a system call fails.
pub fn close_stderr(other_end_gone: bool) {
    // SAFETY: plain system calls, on descriptors that only this function owns, and on standard
    // error, which no type owns.
    unsafe {
        if other_end_gone {
            let mut pipe = [0; 2];
            assert_eq!(libc::pipe(pipe.as_mut_ptr()), 0);
            assert_eq!(libc::dup2(pipe[1], libc::STDERR_FILENO), libc::STDERR_FILENO);
            libc::close(pipe[0]);
            libc::close(pipe[1]);
        } else {
            assert_eq!(libc::close(libc::STDERR_FILENO), 0);
        }
    }
}

/// A thread that signals can be sent to.
#[derive(Debug, Clone, Copy)]
pub struct Target(libc::pthread_t);

impl Target {
    /// The calling thread. The handler of SIGUSR1 does nothing from here on, so that the signal
    /// only interrupts a blocking system call.
    ///
    /// # Panics
    ///
    /// If the system call fails.
    #[must_use]
    pub fn this_thread() -> Self {
        extern "C" fn nothing(_: libc::c_int) {}
        // SAFETY: the handler does nothing, and the structure is one for which zero is a value.
        // Without `SA_RESTART` calls are interrupted.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = nothing as *const () as libc::sighandler_t;
            assert_eq!(libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut()), 0);
            Self(libc::pthread_self())
        }
    }

    /// Interrupts the thread, which must not have ended.
    pub fn interrupt(self) {
        // SAFETY: the thread has not ended.
        unsafe { libc::pthread_kill(self.0, libc::SIGUSR1) };
    }
}

/// Runs `f` while the soft limit of a resource is `value`.
///
/// # Panics
///
/// If the limit can't be set.
#[cfg(target_os = "linux")]
pub fn with_limit<R>(resource: libc::__rlimit_resource_t, value: u64, f: impl FnOnce() -> R) -> R {
    let mut limit = std::mem::MaybeUninit::uninit();
    // SAFETY: it is written before it is read, and the call's success is checked.
    let before: libc::rlimit = unsafe {
        assert_eq!(libc::getrlimit(resource, limit.as_mut_ptr()), 0);
        limit.assume_init()
    };
    let set = |limit: libc::rlimit| {
        // SAFETY: `limit` lives as long as the call.
        let outcome = unsafe { libc::setrlimit(resource, &raw const limit) };
        assert_eq!(outcome, 0, "the limit can't be set");
    };
    set(libc::rlimit { rlim_cur: value, ..before });
    let result = f();
    set(before);
    result
}

/// Runs `f` while exactly `left` descriptors can be opened. The limit is one on their numbers, so
/// this first fills the gaps that inherited descriptors leave.
///
/// # Panics
///
/// If a system call fails.
#[cfg(target_os = "linux")]
pub fn with_descriptors_left<R>(left: u64, f: impl FnOnce() -> R) -> R {
    let numbers = fs::read_dir("/proc/self/fd").expect("the list");
    let open = numbers.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<RawFd>().ok());
    let highest = open.max().expect("standard input at least");
    let mut in_gaps = Vec::new();
    let last = loop {
        let file = fs::File::open("/dev/null").expect("a descriptor");
        let number = file.as_raw_fd();
        in_gaps.push(file);
        if number >= highest {
            break number;
        }
    };
    let result = with_limit(libc::RLIMIT_NOFILE, u64::from(last.cast_unsigned()) + 1 + left, f);
    drop(in_gaps);
    result
}

/// How many threads this process has. A thread that has been joined may still be listed for a
/// moment: while there are more than `expected`, this waits for that.
///
/// # Panics
///
/// If `/proc` can't be read.
#[cfg(target_os = "linux")]
#[must_use]
pub fn count_threads(expected: usize) -> usize {
    let count = || fs::read_dir("/proc/self/task").expect("the list").count();
    let mut patience = 500;
    while count() > expected && patience > 0 {
        thread::sleep(Duration::from_millis(10));
        patience -= 1;
    }
    count()
}

/// Drops root's privileges, since the number of root's threads is not limited.
///
/// # Panics
///
/// If the system call fails.
#[cfg(target_os = "linux")]
pub fn become_nobody() {
    const NOBODY: u32 = 65534;
    // SAFETY: neither takes a pointer.
    unsafe {
        if libc::geteuid() == 0 {
            assert_eq!(libc::setresuid(NOBODY, NOBODY, NOBODY), 0);
        }
    }
}

/// Installs a handler of SIGSEGV, which counts the signals and lets the thread go on. The third one
/// exits the process with the status 3. Returns a function that returns the count.
///
/// # Panics
///
/// If the system call fails.
pub fn handle_faults() -> impl Fn() -> usize {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    extern "C" fn handle(_: libc::c_int) {
        if COUNT.fetch_add(1, Ordering::Relaxed) == 2 {
            // SAFETY: `_exit` may be called in a handler.
            unsafe { libc::_exit(3) };
        }
    }
    let handle: extern "C" fn(libc::c_int) = handle;
    // SAFETY: all zero is a value of the struct. The handler calls only what a handler may.
    let result = unsafe {
        let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
        action.sa_sigaction = handle as libc::sighandler_t;
        action.sa_flags = libc::SA_ONSTACK;
        libc::sigaction(libc::SIGSEGV, &raw const action, ptr::null_mut())
    };
    assert_eq!(result, 0, "no handler");
    || COUNT.load(Ordering::Relaxed)
}

/// Registers `handler` with `atexit`. It is called on the thread that exits the process, after that
/// thread's thread-local variables were dropped.
///
/// # Panics
///
/// If the system call fails.
pub fn at_exit(handler: extern "C" fn()) {
    // SAFETY: `atexit` may be called at any time.
    assert_eq!(unsafe { libc::atexit(handler) }, 0, "no handler");
}

/// Runs `f` on a thread that std hasn't started, so that std catches no panic there.
///
/// # Panics
///
/// If the system call fails.
pub fn on_bare_thread(f: fn()) {
    extern "C-unwind" fn start(f: *mut libc::c_void) -> *mut libc::c_void {
        // SAFETY: it is the function that was given to `pthread_create`.
        let f = unsafe { std::mem::transmute::<*mut libc::c_void, fn()>(f) };
        f();
        ptr::null_mut()
    }
    type Unwinding = extern "C-unwind" fn(*mut libc::c_void) -> *mut libc::c_void;
    type Plain = extern "C" fn(*mut libc::c_void) -> *mut libc::c_void;
    let mut thread = MaybeUninit::uninit();
    // SAFETY: the types differ only in whether a panic may leave the function. There is no frame
    // that it could unwind to, and so nothing is unwound.
    unsafe {
        let start = std::mem::transmute::<Unwinding, Plain>(start);
        assert_eq!(libc::pthread_create(thread.as_mut_ptr(), ptr::null(), start, f as *mut _), 0);
        libc::pthread_join(thread.assume_init(), ptr::null_mut());
    }
}

/// Installs a handler of SIGSEGV that prints `message`, without a line end, and then calls the
/// former handler. A virtual machine that is loaded later does so, too.
///
/// # Panics
///
/// If a system call fails, or if the former handler doesn't take `SA_SIGINFO`.
pub fn handle_faults_first(message: &'static str) {
    type Handler = extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);
    static MESSAGE: OnceLock<&str> = OnceLock::new();
    static FORMER: OnceLock<Handler> = OnceLock::new();
    extern "C" fn handle(
        signal: libc::c_int,
        info: *mut libc::siginfo_t,
        context: *mut libc::c_void,
    ) {
        let message = MESSAGE.get().copied().unwrap_or_default();
        // SAFETY: `write` may be called in a handler.
        unsafe { libc::write(libc::STDERR_FILENO, message.as_ptr().cast(), message.len()) };
        if let Some(former) = FORMER.get() {
            former(signal, info, context);
        }
    }
    MESSAGE.get_or_init(|| message);
    let handle: Handler = handle;
    // SAFETY: all zero is a value of the struct. The former handler has the type that its flags
    // specify.
    unsafe {
        let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
        let mut former = action;
        assert_eq!(libc::sigaction(libc::SIGSEGV, ptr::null(), &raw mut former), 0, "no handler");
        assert_ne!(former.sa_flags & libc::SA_SIGINFO, 0, "it takes no information");
        FORMER.get_or_init(|| {
            std::mem::transmute::<libc::sighandler_t, Handler>(former.sa_sigaction)
        });
        action.sa_sigaction = handle as libc::sighandler_t;
        action.sa_flags = libc::SA_ONSTACK | libc::SA_SIGINFO;
        assert_eq!(
            libc::sigaction(libc::SIGSEGV, &raw const action, ptr::null_mut()),
            0,
            "no handler"
        );
    }
}

/// Sends SIGSEGV to this thread, as a fault does that can be handled.
pub fn fault() {
    // SAFETY: `raise` takes no pointer.
    unsafe { libc::raise(libc::SIGSEGV) };
}
