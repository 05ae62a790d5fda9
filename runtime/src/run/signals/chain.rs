//! Signal handlers of other code: the one that each signal had before ours, and those that have
//! replaced ours since.
//!
//! All of them are called as well. A handler that has replaced ours may itself call ours, as that
//! of `signal-hook` does. So ours can be called twice for one signal.

use std::io;
use std::mem::{self, MaybeUninit};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering::SeqCst};

use libc::{c_int, c_void, siginfo_t};

/// The arguments of a handler: the signal's number, and two pointers from the system.
pub(super) type Arguments = (c_int, *mut siginfo_t, *mut c_void);

/// The other handlers that a signal is passed on to.
pub(super) struct Chain {
    /// The handler that ours has replaced.
    pub(super) below: Former,
    /// The handler from before ours was first installed. Handlers that were installed later may
    /// call ours, and rely on ours to call this one.
    pub(super) origin: Former,
    /// Whether another handler has replaced ours. It may call ours at any time.
    was_replaced: AtomicBool,
    /// The threads that run our handler.
    inside: [AtomicUsize; 8],
}

static CHAINS: [(c_int, Chain); 3] =
    [(libc::SIGINT, Chain::NEW), (libc::SIGTERM, Chain::NEW), (libc::SIGHUP, Chain::NEW)];

impl Chain {
    #[expect(clippy::declare_interior_mutable_const, reason = "each use is one static of its own")]
    const NEW: Self = Self {
        below: Former::NEW,
        origin: Former::NEW,
        was_replaced: AtomicBool::new(false),
        inside: [const { AtomicUsize::new(0) }; 8],
    };

    pub(super) fn of(signal: c_int) -> Option<&'static Self> {
        CHAINS.iter().find(|(number, _)| *number == signal).map(|(_, chain)| chain)
    }

    /// Records the handler that ours is about to replace.
    pub(super) fn replaces(&self, former: &libc::sigaction) {
        self.below.set(former);
        if !self.was_replaced.load(SeqCst) {
            self.origin.set(former);
        }
    }

    /// Records that another handler has replaced ours.
    pub(super) fn was_replaced(&self) {
        self.was_replaced.store(true, SeqCst);
    }

    /// Begins to run our handler. Returns `None` if this thread runs it already: our handler has
    /// called another one, which calls ours.
    pub(super) fn enter(&self) -> Option<Inside<'_>> {
        let thread = this_thread();
        if self.inside.iter().any(|slot| slot.load(SeqCst) == thread) {
            return None;
        }
        let is_mine =
            |slot: &&AtomicUsize| slot.compare_exchange(0, thread, SeqCst, SeqCst).is_ok();
        Some(Inside(self.inside.iter().find(is_mine)))
    }

    /// Forgets the threads in a forked child, where they don't exist.
    pub(super) fn forget_threads() {
        for slot in CHAINS.iter().flat_map(|(_, chain)| &chain.inside) {
            slot.store(0, SeqCst);
        }
    }
}

/// Records that this thread runs our handler. `None` if too many threads run it at once. A nested
/// call isn't detected then, so our handler must not call others.
pub(super) struct Inside<'a>(Option<&'a AtomicUsize>);

impl Inside<'_> {
    pub(super) fn may_call(&self) -> bool {
        self.0.is_some()
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        if let Some(slot) = self.0 {
            slot.store(0, SeqCst);
        }
    }
}

fn this_thread() -> usize {
    #[expect(unsafe_code, reason = "std's thread handles can't be had in a signal handler")]
    // SAFETY: `pthread_self` has no requirements, and may be called in a signal handler.
    let thread = unsafe { libc::pthread_self() };
    #[allow(
        clippy::cast_possible_truncation,
        clippy::unnecessary_cast,
        reason = "it is a pointer, or a number of its size, under another type on each system"
    )]
    let thread = thread as usize;
    thread
}

/// A handler of other code, or the action of a signal without a handler.
pub(super) struct Former {
    action: AtomicUsize,
    flags: AtomicI32,
}

impl Former {
    #[expect(clippy::declare_interior_mutable_const, reason = "each use is one static of its own")]
    const NEW: Self = Self { action: AtomicUsize::new(libc::SIG_DFL), flags: AtomicI32::new(0) };

    fn set(&self, action: &libc::sigaction) {
        // A signal that comes meanwhile must not find the flags of one handler with the address of
        // another, see `handler`.
        self.action.store(libc::SIG_IGN, SeqCst);
        self.flags.store(action.sa_flags, SeqCst);
        self.action.store(action.sa_sigaction, SeqCst);
    }

    pub(super) fn is_default(&self) -> bool {
        self.action.load(SeqCst) == libc::SIG_DFL
    }

    /// The address of the handler, if this is one, and its flags. Another thread may run `set`
    /// between the two loads, so both belong together only if the address is still the same.
    fn handler(&self) -> Option<(libc::sighandler_t, c_int)> {
        loop {
            let address = self.action.load(SeqCst);
            let flags = self.flags.load(SeqCst);
            if !is_handler(address) {
                return None;
            }
            if self.action.load(SeqCst) == address {
                return Some((address, flags));
            }
        }
    }

    /// Calls the handler, if this is one.
    pub(super) fn call(&self, (number, info, context): Arguments) {
        let Some((address, flags)) = self.handler() else { return };
        let handler = ptr::with_exposed_provenance::<c_void>(address);
        if flags & libc::SA_SIGINFO != 0 {
            #[expect(unsafe_code, reason = "a handler's address is all that the system gives")]
            // SAFETY: the system had this address as that of a handler with three arguments, and
            // `flags` was stored with it. The arguments are those from the system.
            unsafe {
                type Handler = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);
                mem::transmute::<*const c_void, Handler>(handler)(number, info, context);
            }
        } else {
            #[expect(unsafe_code, reason = "a handler's address is all that the system gives")]
            // SAFETY: the system had this address as that of a handler with one argument, and
            // `flags` was stored with it.
            unsafe {
                mem::transmute::<*const c_void, extern "C" fn(c_int)>(handler)(number);
            }
        }
    }
}

pub(super) fn is_handler(address: libc::sighandler_t) -> bool {
    address != libc::SIG_DFL && address != libc::SIG_IGN
}

/// Returns an action that calls this handler.
pub(super) fn action(
    handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void),
) -> libc::sigaction {
    #[expect(unsafe_code, reason = "a C struct that differs between systems")]
    // SAFETY: the struct consists of numbers, bit sets and perhaps a nullable function pointer.
    // Zero is a valid value of each.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_sigaction = handler as *const () as libc::sighandler_t;
    // System calls that the signal interrupts are restarted. The handler runs on the thread's
    // alternate signal stack, if it has one.
    action.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK | libc::SA_SIGINFO;
    action
}

/// Returns the action of the signal, and sets another one if given.
pub(super) fn exchange(
    number: c_int,
    new: Option<&libc::sigaction>,
) -> io::Result<libc::sigaction> {
    let mut former = MaybeUninit::uninit();
    let new = new.map_or(ptr::null(), ptr::from_ref);
    #[expect(unsafe_code, reason = "std can't install signal handlers")]
    // SAFETY: `new` is null, or an action that this function has returned, or our own action. Our
    // handler calls only functions that a signal handler may call. `former` is initialized unless
    // the call fails.
    unsafe {
        if libc::sigaction(number, new, former.as_mut_ptr()) != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(former.assume_init())
    }
}
