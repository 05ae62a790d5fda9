//! Reports when a fiber overflows its stack. The system then sends a signal. std's handler of that
//! signal detects only overflows of thread stacks.
//!
//! The handler runs on any thread of the process, and this code may be in a library that some other
//! program has loaded. So
//!
//! - the handler accesses no thread-local variable, for which the system may have to allocate
//!   memory: the thread may be in the allocator;
//! - the handler calls the one that was installed before, which may be that of a virtual machine,
//!   or Python's `faulthandler`;
//! - the library is never unloaded.
#![expect(unsafe_code, reason = "std has neither signal handlers nor alternate stacks")]

use std::ffi::c_void;
use std::io::Write;
use std::mem::{self, MaybeUninit};
use std::ops::Range;
use std::panic::Location;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use libc::{SIGBUS, SIGSEGV, c_int, siginfo_t};

static FORMER: OnceLock<[(c_int, libc::sigaction); 2]> = OnceLock::new();

/// The head of the list of all [`Entry`]s.
static FIRST: AtomicPtr<Entry> = AtomicPtr::new(ptr::null_mut());

/// The entries that are for no stack.
static UNUSED: Mutex<Vec<&'static Entry>> = Mutex::new(Vec::new());

/// An entry of the list that the handler searches, for one stack. It is never freed, so that the
/// list can be walked at any time, but it is reused for another stack.
struct Entry {
    /// The lowest address of the guard page, or 0 if the entry is for no stack.
    guard: AtomicUsize,
    /// The first address of the usable part of the stack. `end` is the end of that part.
    lowest: AtomicUsize,
    end: AtomicUsize,
    /// Where the fiber was created that has begun last on the stack.
    location: AtomicPtr<Location<'static>>,
    next: *const Entry,
}

// SAFETY: `next` is written before the entry is in the list, and then only read; what it points to
// is never freed.
unsafe impl Sync for Entry {}

/// A stack that is in the handler's list.
pub(crate) struct Watched(&'static Entry);

impl Watched {
    pub(crate) fn new(guard: usize, usable: &Range<usize>) -> Self {
        // This doesn't block on the lock, since in a forked child the thread that holds it may not
        // exist.
        let unused = UNUSED.try_lock().ok().and_then(|mut unused| unused.pop());
        let entry = unused.unwrap_or_else(Entry::insert);
        entry.lowest.store(usable.start, Ordering::Relaxed);
        entry.end.store(usable.end, Ordering::Relaxed);
        entry.guard.store(guard, Ordering::Release);
        Self(entry)
    }

    /// Must be called on the thread where a fiber begins on this stack. `location` is where the
    /// fiber was created.
    pub(crate) fn begin(&self, location: &'static Location<'static>) {
        self.0.location.store(ptr::from_ref(location).cast_mut(), Ordering::Release);
        watch();
        // The handler needs an alternate stack, since that of the fiber is full. On a thread that
        // is exiting, the thread-local may be gone.
        let _ = ALTERNATE.try_with(|_| ());
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.guard.store(0, Ordering::Release);
        if let Ok(mut unused) = UNUSED.try_lock() {
            unused.push(self.0);
        }
    }
}

impl Entry {
    /// Inserts a new entry into the list.
    fn insert() -> &'static Self {
        let zero = || AtomicUsize::new(0);
        let location = AtomicPtr::new(ptr::null_mut());
        let (guard, lowest, end) = (zero(), zero(), zero());
        let entry = Box::leak(Box::new(Self { guard, lowest, end, location, next: ptr::null() }));
        let place = ptr::from_mut(entry);
        let put = |first: *mut Self| {
            // SAFETY: no other thread has a pointer to the entry before it is in the list.
            unsafe { (*place).next = first };
            Some(place)
        };
        let _ = FIRST.fetch_update(Ordering::AcqRel, Ordering::Acquire, put);
        // SAFETY: the entry was leaked. From here on it is used through shared references only:
        // `next` isn't written any more, and the other fields are atomic.
        unsafe { &*place }
    }

    /// Finds the entry of the stack whose guard page contains the address.
    fn find(address: usize) -> Option<&'static Self> {
        let mut next = FIRST.load(Ordering::Acquire).cast_const();
        // SAFETY: null, or an entry, which is never freed.
        while let Some(entry) = unsafe { next.as_ref() } {
            let guard = entry.guard.load(Ordering::Acquire);
            if guard != 0 && (guard..entry.lowest.load(Ordering::Relaxed)).contains(&address) {
                return Some(entry);
            }
            next = entry.next;
        }
        None
    }

    fn report(&self) {
        // SAFETY: null, or a location, which is `'static`.
        let Some(location) = (unsafe { self.location.load(Ordering::Acquire).as_ref() }) else {
            return;
        };
        let size = self.end.load(Ordering::Relaxed) - self.lowest.load(Ordering::Relaxed);
        let mut text = [0_u8; 512];
        let mut rest = &mut text[..];
        // A text that is too long is cut off. Neither the formatting nor the write allocates.
        let _ = writeln!(
            rest,
            "bridgehead: the fiber made at {location} has overflowed its stack of {size} bytes; set a larger one with `stack_size`"
        );
        let left = rest.len();
        // SAFETY: the length is at most that of the buffer.
        unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len() - left) };
    }
}

/// Installs the handlers, once in a process. Threads don't wait for each other here: in a child
/// that was forked meanwhile such a wait would never end.
fn watch() {
    static IS_WATCHED: AtomicBool = AtomicBool::new(false);
    if !IS_WATCHED.load(Ordering::Relaxed) && !IS_WATCHED.swap(true, Ordering::Relaxed) {
        stay_loaded();
        // The former actions are stored before the handler can be called.
        let _ = FORMER.set([SIGSEGV, SIGBUS].map(|signal| (signal, change(signal, None))));
        for signal in [SIGSEGV, SIGBUS] {
            let handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) = on_fault;
            change(signal, Some(handler as libc::sighandler_t));
        }
    }
}

/// Installs the handler of the signal, and returns the action that was installed before.
fn change(signal: c_int, handler: Option<libc::sighandler_t>) -> libc::sigaction {
    // SAFETY: both structs consist of numbers, sets of bits and a nullable pointer, for all of
    // which zero is a valid value. The handler has the type that `SA_SIGINFO` demands, and does
    // only what a signal handler may do. `sigaction` can't fail for these signals.
    unsafe {
        let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
        let mut former = action;
        action.sa_sigaction = handler.unwrap_or_default();
        // The handler can't run on the stack that is full.
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        let action = handler.map_or(ptr::null(), |_| &raw const action);
        libc::sigaction(signal, action, &raw mut former);
        former
    }
}

/// Prevents the library that contains the handler, if any, from being unloaded, since the system
/// keeps the handler's address.
fn stay_loaded() {
    #[cfg(all(
        any(target_os = "linux", target_os = "android", target_vendor = "apple"),
        not(target_feature = "crt-static")
    ))]
    {
        let mut found = MaybeUninit::<libc::Dl_info>::zeroed();
        // SAFETY: `found` is written before it is read. `RTLD_NOLOAD` loads no library, and the
        // handle is never closed.
        unsafe {
            if libc::dladdr(on_fault as *const c_void, found.as_mut_ptr()) != 0 {
                let name = found.assume_init().dli_fname;
                libc::dlopen(name, libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE);
            }
        }
    }
}

extern "C" fn on_fault(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: the system passes a valid pointer to a handler with `SA_SIGINFO`.
    let info = unsafe { &mut *info };
    // A signal that was sent by `kill` or `raise` has no address, and isn't sent again when the
    // handler returns.
    let is_sent = info.si_code <= 0;
    // SAFETY: these signals have an address if the system has sent them for a fault.
    let entry = if is_sent { None } else { Entry::find(unsafe { info.si_addr() }.addr()) };
    if let Some(entry) = entry {
        entry.report();
        return leave_to_former(signal);
    }
    match former(signal) {
        // The former handler may resolve the fault, as that of a virtual machine does, and return.
        Some(former) if ![libc::SIG_DFL, libc::SIG_IGN].contains(&former.sa_sigaction) => {
            // SAFETY: the flags of the action determine which of the two types its handler has, and
            // all arguments are the system's.
            unsafe {
                if former.sa_flags & libc::SA_SIGINFO == 0 {
                    mem::transmute::<libc::sighandler_t, Plain>(former.sa_sigaction)(signal);
                } else {
                    mem::transmute::<libc::sighandler_t, Informed>(former.sa_sigaction)(
                        signal, info, context,
                    );
                }
            }
        }
        _ => {
            leave_to_former(signal);
            if is_sent {
                // SAFETY: `raise` takes no pointer, and may be called in a handler.
                unsafe { libc::raise(signal) };
            }
        }
    }
}

type Plain = extern "C" fn(c_int);
type Informed = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

/// The action that was installed before this handler.
fn former(signal: c_int) -> Option<&'static libc::sigaction> {
    let former = FORMER.get()?.iter().find(|(of, _)| *of == signal)?;
    Some(&former.1)
}

/// Restores the former action. When the handler returns, the instruction faults again, and the
/// former action handles that.
fn leave_to_former(signal: c_int) {
    // SAFETY: the former action is a valid one, and the default takes no pointer.
    unsafe {
        if let Some(former) = former(signal) {
            libc::sigaction(signal, former, ptr::null_mut());
        } else {
            libc::signal(signal, libc::SIG_DFL);
        }
    }
}

thread_local! {
    /// The alternate signal stack of this thread, if no other code has set one. std sets one in a
    /// Rust program, but not in a library that another program has loaded.
    static ALTERNATE: Alternate = Alternate::of_thread();
}

struct Alternate(*mut c_void);

impl Alternate {
    /// More than this handler and a former one need, with the registers of any processor.
    const SIZE: usize = 64 * 1024;

    fn of_thread() -> Self {
        let none = Self(ptr::null_mut());
        if Self::current().ss_flags & libc::SS_DISABLE == 0 {
            return none;
        }
        let (protection, flags) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANON);
        // SAFETY: the mapping is new, and only the system uses it, until `SS_DISABLE`. It is
        // unmapped only after that.
        unsafe {
            let place = libc::mmap(ptr::null_mut(), Self::SIZE, protection, flags, -1, 0);
            if place == libc::MAP_FAILED {
                return none;
            }
            let stack = libc::stack_t { ss_sp: place, ss_flags: 0, ss_size: Self::SIZE };
            libc::sigaltstack(&raw const stack, ptr::null_mut());
            Self(place)
        }
    }

    /// The alternate signal stack that this thread has now.
    fn current() -> libc::stack_t {
        let mut current = MaybeUninit::zeroed();
        // SAFETY: zero is a valid value, so the value is valid even if `sigaltstack` fails.
        unsafe {
            libc::sigaltstack(ptr::null(), current.as_mut_ptr());
            current.assume_init()
        }
    }
}

impl Drop for Alternate {
    fn drop(&mut self) {
        if self.0.is_null() {
            return;
        }
        // Other code may have replaced this alternate stack, and may restore it. Then the memory is
        // leaked.
        if Self::current().ss_sp == self.0 {
            let none = libc::stack_t {
                ss_sp: ptr::null_mut(),
                ss_flags: libc::SS_DISABLE,
                ss_size: Self::SIZE,
            };
            // SAFETY: the system stops using the memory before it is unmapped. No handler of this
            // thread is active on it: that handler would then have called this code, on that stack,
            // but a thread-local is dropped on the thread's own stack.
            unsafe {
                libc::sigaltstack(&raw const none, ptr::null_mut());
                libc::munmap(self.0, Self::SIZE);
            }
        }
    }
}
