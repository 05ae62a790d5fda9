//! Switches from one stack to another. The unsafe code for that is in this file, and the rest of
//! the code for fibers uses its functions.
#![expect(
    unsafe_code,
    reason = "code that goes on after its caller has returned is beyond what the compiler can check"
)]

use std::cell::{Cell, RefCell};
use std::mem;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe, Location};
use std::process;
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;
use std::thread;

use tokio::runtime::{Handle, Id};

use crate::fiber::coroutine::{Coroutine, CoroutineResult, DefaultStack, Stack as _, Yielder};
use crate::fiber::overflow::Watched;
use crate::fiber::span::Outside;
use crate::fiber::stack::{Claim, Stack};
use crate::log;
use crate::runtime_guard::RuntimeGuard;

/// Why a fiber is resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resumed {
    /// It was polled, and continues.
    Polled,
    /// It was dropped, and must end: it won't be polled again.
    Dropped,
}

/// The state that a fiber shares with the code that polls it.
pub(crate) struct Shared {
    /// Where the fiber was created.
    pub(crate) location: &'static Location<'static>,
    /// The waker of the task that polls the fiber. A poll on the fiber clones the `Rc`, since the
    /// fiber may have got another waker when that poll returns.
    pub(crate) waker: RefCell<Rc<Waker>>,
    /// Whether a runtime that runs is current where the fiber is polled.
    pub(crate) is_served: Cell<bool>,
    /// Whether that runtime itself polls the fiber, and so drops the fiber when it shuts down. It
    /// doesn't in its `spawn_blocking`, or under its `enter()` guard.
    pub(crate) is_polled: Cell<bool>,
    /// The runtime that polls the fiber, or was made current for it.
    pub(crate) runtime: Cell<Option<Id>>,
    /// The runtime that is made current for the fiber where none that runs is current.
    pub(crate) served_by: RefCell<Option<Rc<Handle>>>,
    /// The guard of that runtime, while the fiber runs.
    pub(crate) guard: Cell<Option<RuntimeGuard<'static>>>,
    /// The `tracing` span in which the fiber is polled.
    pub(crate) outside: RefCell<Outside>,
    /// Whether the fiber is polled in a call on a thread that drives a current-thread runtime.
    pub(crate) is_on_driver: Cell<bool>,
    /// Whether the fiber is polled within the `block_on` of the crate `futures`.
    pub(crate) in_executor: Cell<bool>,
    /// 0 until the fiber is dropped. Each unwinding after that increments it.
    pub(crate) dropped: Cell<u32>,
    /// Whether only a panic can end the fiber at the point where it is suspended.
    pub(crate) unwinds: Cell<bool>,
    /// corosensei's handle for suspending the fiber. Null before the fiber has begun.
    yielder: Cell<*const Yielder<Resumed, ()>>,
    /// The usable part of the fiber's stack.
    pub(crate) stack: Range<usize>,
}

thread_local! {
    // No destructor, since fibers may be dropped while other thread-locals are being dropped.
    static CURRENT: Cell<*const Shared> = const { Cell::new(ptr::null()) };
}

/// Calls `f` with the fiber that the thread is on. Returns `None` if the thread is on no fiber.
#[inline]
pub(crate) fn current<R>(f: impl FnOnce(&Shared) -> R) -> Option<R> {
    let current = CURRENT.get();
    // SAFETY: the pointer is null, or was set by `Running::resume`. That borrows the fiber, whose
    // `Rc` the pointer points into, until it resets the pointer. If `f` suspends the fiber, the
    // reference is used again only when the fiber runs again, in another `resume` of the same
    // fiber.
    unsafe { current.as_ref() }.map(f)
}

/// How many fibers have begun and haven't ended.
pub(crate) static COUNT: AtomicUsize = AtomicUsize::new(0);

/// A fiber that has begun and hasn't ended: its stack, and the code on it.
pub(crate) struct Running<T> {
    // Never dropped automatically, since corosensei would unwind the stack in its own way.
    coroutine: mem::ManuallyDrop<Coroutine<Resumed, (), Ended<T>, DefaultStack>>,
    watched: mem::ManuallyDrop<Watched>,
    claim: mem::ManuallyDrop<Claim>,
    pub(crate) shared: Rc<Shared>,
}

/// How the code on a fiber has ended. `Ok(None)` means that it has returned because the fiber was
/// dropped.
pub(crate) type Ended<T> = thread::Result<Option<T>>;

/// The code that runs on a fiber.
pub(crate) type Body<T> = Box<dyn FnOnce() -> Option<T>>;

impl<T> Running<T> {
    /// Creates the fiber. Its body doesn't run before the first `resume`.
    pub(crate) fn new(
        stack: Stack,
        body: Body<T>,
        waker: &Waker,
        location: &'static Location<'static>,
    ) -> Self {
        stack.watched.begin(location);
        let Stack { memory: stack, watched, claim } = stack;
        let end = stack.base().get();
        let shared = Rc::new(Shared {
            location,
            waker: RefCell::new(Rc::new(waker.clone())),
            is_served: Cell::new(false),
            is_polled: Cell::new(false),
            runtime: Cell::new(None),
            served_by: RefCell::new(None),
            guard: Cell::new(None),
            outside: RefCell::new(Outside::current()),
            is_on_driver: Cell::new(false),
            in_executor: Cell::new(false),
            dropped: Cell::new(0),
            unwinds: Cell::new(false),
            yielder: Cell::new(ptr::null()),
            stack: end - claim.size..end,
        });
        let own = Rc::clone(&shared);
        let root = move |yielder: &Yielder<Resumed, ()>, resumed: Resumed| {
            own.yielder.set(yielder);
            // A fiber that hasn't begun is dropped without being resumed.
            debug_assert_eq!(resumed, Resumed::Polled);
            panic::catch_unwind(AssertUnwindSafe(body))
        };
        // SAFETY: corosensei demands that what the closure borrows is valid until the coroutine has
        // ended, and without a limit if the coroutine is leaked. Everything that the closure holds
        // is `'static` by its type, except a body that `borrowing` has transmuted to `'static`.
        // `borrowing` returns only after that body has returned, or was dropped without having
        // begun. Otherwise it aborts the process.
        #[allow(unused_unsafe, reason = "it is safe, and never called, where there are no fibers")]
        let coroutine = unsafe { Coroutine::with_stack_unchecked(stack, root) };
        COUNT.fetch_add(1, Ordering::Relaxed);
        let (watched, claim) = (mem::ManuallyDrop::new(watched), mem::ManuallyDrop::new(claim));
        Self { coroutine: mem::ManuallyDrop::new(coroutine), watched, claim, shared }
    }

    /// Resumes the fiber until it is suspended or has ended. Returns the result if it has ended.
    #[inline]
    pub(crate) fn resume(&mut self, resumed: Resumed) -> Option<Ended<T>> {
        struct Outer(*const Shared);
        impl Drop for Outer {
            fn drop(&mut self) {
                CURRENT.set(self.0);
            }
        }
        let _outer = Outer(CURRENT.replace(Rc::as_ptr(&self.shared)));
        match self.coroutine.resume(resumed) {
            CoroutineResult::Yield(()) => None,
            CoroutineResult::Return(ended) => Some(ended),
        }
    }

    /// Returns the stack of a fiber that has ended.
    pub(crate) fn into_stack(mut self) -> Stack {
        // SAFETY: none of the three is used after this: `self` is dropped at the end, which doesn't
        // drop them.
        let (coroutine, watched, claim) = unsafe {
            (
                mem::ManuallyDrop::take(&mut self.coroutine),
                mem::ManuallyDrop::take(&mut self.watched),
                mem::ManuallyDrop::take(&mut self.claim),
            )
        };
        COUNT.fetch_sub(1, Ordering::Relaxed);
        // `into_stack` panics if the coroutine hasn't ended.
        Stack { memory: coroutine.into_stack(), watched, claim }
    }
}

/// Suspends the fiber that the thread is on, until it is polled again or dropped.
///
/// # Panics
///
/// It panics if the thread is on no fiber.
#[inline]
pub(crate) fn suspend() -> Resumed {
    let yielder = current(|shared| shared.yielder.get()).unwrap_or(ptr::null());
    // SAFETY: the pointer is null, or corosensei has passed it to the closure at the bottom of this
    // stack, which has not returned, since this function runs on the same stack.
    match unsafe { yielder.as_ref() } {
        Some(yielder) => yielder.suspend(()),
        None => unreachable!("only what is on a fiber suspends it"),
    }
}

/// A value that runs a body, and can end it.
pub(crate) trait Runs {
    /// Ends the body. Returns whether the body has ended, or was never begun and is dropped with
    /// this value.
    fn end(&mut self) -> bool;
}

/// Makes a value that runs a body, which may borrow, and passes a reference to `f`. The body has
/// ended when this function returns.
///
/// # Safety
///
/// `f` gets a `&mut F`. It must neither swap that for another value, nor take the body or the
/// coroutine out of it, nor forget it. `make` must put the body into the value that it returns, and
/// nowhere else. `F::end` must return that the body has ended only if the body has returned, or
/// will be dropped with `F` without having begun.
pub(crate) unsafe fn borrowing<'a, T: 'a, F: Runs, R>(
    body: Box<dyn FnOnce() -> Option<T> + 'a>,
    make: impl FnOnce(Body<T>) -> F,
    f: impl FnOnce(&mut F) -> R,
) -> R {
    /// Ends the body, also if `f` panics.
    struct Ends<F: Runs>(F);
    impl<F: Runs> Drop for Ends<F> {
        fn drop(&mut self) {
            if !self.0.end() {
                log::print("a fiber that borrows can't be ended; the process is");
                process::abort();
            }
        }
    }
    // SAFETY: the two types differ in a lifetime only, and the body isn't used after this function
    // returns. `Ends` is not moved out of the function, and the caller guarantees that the body
    // stays in it. When `Ends` is dropped, either the body has returned, or it was never begun and
    // is dropped with `Ends`.
    let body = unsafe { mem::transmute::<Box<dyn FnOnce() -> Option<T> + 'a>, Body<T>>(body) };
    let mut running = Ends(make(body));
    f(&mut running.0)
}
