//! The switch from one stack to another, and what has to be `unsafe` for it. All else of fibers
//! goes through here.
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

/// What a fiber does that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resumed {
    /// What it was doing.
    Polled,
    /// It ends: it is not polled any more.
    Dropped,
}

/// What a fiber, and who polls it, know of each other.
pub(crate) struct Shared {
    /// Where the fiber was made.
    pub(crate) location: &'static Location<'static>,
    /// The polling task's. A poll keeps a clone of it, since the fiber may have another one when
    /// that poll returns.
    pub(crate) waker: RefCell<Rc<Waker>>,
    /// Whether it is polled where a runtime is current that runs.
    pub(crate) is_served: Cell<bool>,
    /// Whether it is that runtime which polls it, and so drops it when it ends. Not in its
    /// `spawn_blocking`, or under its guard.
    pub(crate) is_polled: Cell<bool>,
    /// The runtime that polls it, or serves it.
    pub(crate) runtime: Cell<Option<Id>>,
    /// The one that is made current for it where it isn't.
    pub(crate) served_by: RefCell<Option<Rc<Handle>>>,
    /// That runtime's guard, while the fiber has the thread.
    pub(crate) guard: Cell<Option<RuntimeGuard<'static>>>,
    /// The span in which it is polled.
    pub(crate) outside: RefCell<Outside>,
    /// Whether it is polled in a call on a thread that drives a current-thread runtime.
    pub(crate) is_on_driver: Cell<bool>,
    /// Whether it is polled within futures' `block_on`.
    pub(crate) in_executor: Cell<bool>,
    /// How often it has been unwound since it was dropped.
    pub(crate) dropped: Cell<u32>,
    /// Whether, where it is suspended, only a panic can end it.
    pub(crate) unwinds: Cell<bool>,
    /// Null before the fiber has begun.
    yielder: Cell<*const Yielder<Resumed, ()>>,
    /// What can be used of its stack.
    pub(crate) stack: Range<usize>,
}

thread_local! {
    // No destructor, see `runtimes`: fibers may be dropped very late.
    static CURRENT: Cell<*const Shared> = const { Cell::new(ptr::null()) };
}

/// Gives `f` the fiber that the thread is on. `None` if it is on none.
#[inline]
pub(crate) fn current<R>(f: impl FnOnce(&Shared) -> R) -> Option<R> {
    let current = CURRENT.get();
    // SAFETY: it is null, or was set by `Running::resume`, which borrows the fiber whose `Rc` it
    // points into until it takes it back. `f` may suspend the fiber: it is then not before it goes
    // on that the reference is used again, in another `resume` of the same fiber.
    unsafe { current.as_ref() }.map(f)
}

/// How many fibers have begun and not ended.
pub(crate) static COUNT: AtomicUsize = AtomicUsize::new(0);

/// A stack with code on it that has not ended.
pub(crate) struct Running<T> {
    // Never dropped by itself, since that would unwind in corosensei's way.
    coroutine: mem::ManuallyDrop<Coroutine<Resumed, (), Ended<T>, DefaultStack>>,
    watched: mem::ManuallyDrop<Watched>,
    claim: mem::ManuallyDrop<Claim>,
    pub(crate) shared: Rc<Shared>,
}

/// How it has ended: `None` if it has noticed by itself that it was dropped.
pub(crate) type Ended<T> = thread::Result<Option<T>>;

/// The code that runs on a fiber.
pub(crate) type Body<T> = Box<dyn FnOnce() -> Option<T>>;

impl<T> Running<T> {
    /// Nothing of it runs yet.
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
            // It isn't begun only to be dropped.
            debug_assert_eq!(resumed, Resumed::Polled);
            panic::catch_unwind(AssertUnwindSafe(body))
        };
        // SAFETY: all that the closure holds is `'static` by its types, except what `scoped` has
        // transmuted to `'static`. `scoped` keeps that alive until the body has ended.
        #[allow(unused_unsafe, reason = "it is safe, and never called, where there are no fibers")]
        let coroutine = unsafe { Coroutine::with_stack_unchecked(stack, root) };
        COUNT.fetch_add(1, Ordering::Relaxed);
        let (watched, claim) = (mem::ManuallyDrop::new(watched), mem::ManuallyDrop::new(claim));
        Self { coroutine: mem::ManuallyDrop::new(coroutine), watched, claim, shared }
    }

    /// Resumes it, until it is suspended or has ended.
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

    /// Gives back the stack of one that has ended.
    pub(crate) fn into_stack(mut self) -> Stack {
        // SAFETY: none of them is used any more: `self` is dropped at the end, which doesn't drop
        // them.
        let (coroutine, watched, claim) = unsafe {
            (
                mem::ManuallyDrop::take(&mut self.coroutine),
                mem::ManuallyDrop::take(&mut self.watched),
                mem::ManuallyDrop::take(&mut self.claim),
            )
        };
        COUNT.fetch_sub(1, Ordering::Relaxed);
        // Panics if it hasn't ended.
        Stack { memory: coroutine.into_stack(), watched, claim }
    }
}

/// Suspends the fiber that the thread is on, until it is polled again or dropped.
///
/// # Panics
///
/// When the thread is on none.
#[inline]
pub(crate) fn suspend() -> Resumed {
    let yielder = current(|shared| shared.yielder.get()).unwrap_or(ptr::null());
    // SAFETY: it is null, or what corosensei has given to the code at the bottom of this stack,
    // which has not returned while we are on it.
    match unsafe { yielder.as_ref() } {
        Some(yielder) => yielder.suspend(()),
        None => unreachable!("only what is on a fiber suspends it"),
    }
}

/// What runs a body, and can end it.
pub(crate) trait Runs {
    /// Ends the body. Returns whether it has, or was never begun and is dropped with this.
    fn end(&mut self) -> bool;
}

/// Makes something that runs a body which may borrow, and lends it to `f`. The body has ended when
/// this returns.
///
/// # Safety
///
/// `f` gets a `&mut F`. It must neither swap that for another value, nor take the body or the
/// coroutine out of it, nor forget it. `make` must put the body into the value that it returns, and
/// nowhere else. `F::end` must return that the body has ended only if the body has returned, or will
/// be dropped with `F` without having begun.
pub(crate) unsafe fn borrowing<'a, T: 'a, F: Runs, R>(
    body: Box<dyn FnOnce() -> Option<T> + 'a>,
    make: impl FnOnce(Body<T>) -> F,
    f: impl FnOnce(&mut F) -> R,
) -> R {
    /// Ends it, also when `f` panics.
    struct Ends<F: Runs>(F);
    impl<F: Runs> Drop for Ends<F> {
        fn drop(&mut self) {
            if !self.0.end() {
                log::print("a fiber that borrows can't be ended; the process is");
                process::abort();
            }
        }
    }
    // SAFETY: the two types differ in a lifetime only, and nothing of the body is used after that:
    // `Ends` is not moved out of here, the caller promises that the body stays in it, and when it
    // is dropped, either the body has returned, or it was never begun and is dropped with it.
    let body = unsafe { mem::transmute::<Box<dyn FnOnce() -> Option<T> + 'a>, Body<T>>(body) };
    let mut running = Ends(make(body));
    f(&mut running.0)
}
