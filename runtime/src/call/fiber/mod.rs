//! Fibers: synchronous code on a stack of its own. A call suspends the fiber, and blocks no thread.

mod active_call;
mod error;
pub(crate) mod scoped;
mod suspend;

use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::{self, Location};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::thread;

use tokio::runtime::Handle;

use crate::call::fiber::active_call::FiberCall;
use crate::call::fiber::suspend::Dropped;
use crate::config::fiber::FIBER_STACK_SIZE;
use crate::context::active_call::outer_context;
use crate::context::detect;
use crate::fiber::current::{self, is_in_executor};
use crate::fiber::span::Outside;
use crate::fiber::stack::{self, Stack};
use crate::fiber::switch::{Body, Ended, Resumed, Running};
use crate::large::is_large;
use crate::runtime_guard::RuntimeGuard;
use crate::runtimes::{self, RuntimeState};
use crate::thread_context::ThreadContext;

pub use crate::call::fiber::error::FiberError;
pub(crate) use crate::call::fiber::suspend::wait;

#[doc = include_str!("../../../docs/fiber.md")]
#[doc(alias("greenlet", "coroutine"))]
#[track_caller]
pub fn fiber<T: 'static>(f: impl FnOnce() -> T + 'static) -> Fiber<T> {
    Fiber::new(Box::new(|| Some(f())), Location::caller())
}

/// Polls a future on a [fiber](fiber()). A call in a synchronous function suspends the future in
/// the middle of its poll, and the thread goes on with other tasks.
///
/// ```
/// use bridgehead::{Builder, Flavor, fiber_future, sync_call};
/// use tokio::task::JoinHandle;
///
/// /// Synchronous.
/// fn wait_for(task: JoinHandle<u32>) -> u32 {
///     sync_call!(task).unwrap()
/// }
///
/// let answer = Builder::new().flavor(Flavor::CurrentThread).run(fiber_future(async {
///     tokio::task::yield_now().await;
///     wait_for(tokio::spawn(async { 42 }))
/// }));
/// assert_eq!(answer, 42);
/// ```
///
/// For the main future there is an option, [`Builder::fiber`](crate::Builder::fiber). The rules of
/// [`fiber()`] apply. While a call waits, other branches of the future wait, too: those of a
/// `join!`, a `select!` or a `timeout` around the synchronous function.
#[track_caller]
pub fn fiber_future<F: Future<Output: 'static> + 'static>(future: F) -> Fiber<F::Output> {
    if const { is_large::<F>() } { held(Box::pin(future)) } else { held(future) }
}

#[track_caller]
fn held<F: Future<Output: 'static> + 'static>(future: F) -> Fiber<F::Output> {
    Fiber::new(Box::new(|| suspend::run_to_end(future)), Location::caller())
}

/// A future that runs synchronous code on a stack of its own. [`fiber`] and [`fiber_future`] return
/// it.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Fiber<T> {
    state: FiberState<T>,
    stack_size: usize,
    location: &'static Location<'static>,
}

enum FiberState<T> {
    New { body: Body<T>, stack: Option<Stack> },
    Begun { running: Running<T>, call: FiberCall },
    Ended,
}

impl<T> Fiber<T> {
    fn new(body: Body<T>, location: &'static Location<'static>) -> Self {
        Self {
            state: FiberState::New { body, stack: None },
            stack_size: FIBER_STACK_SIZE,
            location,
        }
    }

    /// Like [`fiber`], with the given stack size and location.
    pub(crate) fn of(
        f: impl FnOnce() -> T + 'static,
        stack_size: usize,
        location: &'static Location<'static>,
    ) -> Self {
        Self::new(Box::new(|| Some(f())), location).stack_size(stack_size)
    }

    /// Sets the size of the fiber's stack in bytes, rounded up to whole pages. The minimum is 64
    /// KiB, and the default is 1 MiB. This setting has no effect once the stack is allocated.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = bytes;
        self
    }

    /// Allocates the stack now, instead of at the first poll.
    ///
    /// ```
    /// let answer = bridgehead::run(bridgehead::fiber(|| 42).stack_size(64 * 1024).reserve()?);
    /// assert_eq!(answer, 42);
    ///
    /// let too_large = bridgehead::fiber(|| 42).stack_size(usize::MAX).reserve();
    /// assert!(too_large.is_err());
    /// # Ok::<(), bridgehead::FiberError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FiberError`] if the system has no memory for the stack. If `reserve` isn't called, the
    /// first poll panics in this case.
    pub fn reserve(mut self) -> Result<Self, FiberError> {
        if let FiberState::New { stack: stack @ None, .. } = &mut self.state {
            *stack = Some(take_stack(self.stack_size, self.location)?);
        }
        Ok(self)
    }

    /// Starts the fiber, if it hasn't been started yet.
    fn begin(&mut self, cx: &Context<'_>) {
        if !matches!(self.state, FiberState::New { .. }) {
            return;
        }
        if let FiberState::New { body, stack } = mem::replace(&mut self.state, FiberState::Ended) {
            let stack = stack.map_or_else(|| take_stack(self.stack_size, self.location), Ok);
            let stack = stack.unwrap_or_else(|error| panic!("{error}"));
            let running = Running::new(stack, body, cx.waker(), self.location);
            self.state = FiberState::Begun { running, call: FiberCall::new() };
        }
    }

    /// Resumes the fiber until it is suspended or has ended. Returns the result if it has ended.
    #[inline]
    fn resume(&mut self, resumed: Resumed) -> Option<Ended<T>> {
        let FiberState::Begun { running, call } = &mut self.state else { return None };
        let shared = &running.shared;
        let current = Handle::try_current().ok();
        let is_served = current.as_ref().is_some_and(is_served_by);
        shared.is_served.set(is_served);
        // A fiber that tokio polls is polled by tokio until its waker changes, see `poll`. So the
        // check, which may take a microsecond, isn't repeated.
        let is_polled = is_served && (shared.is_polled.get() || detect::is_polled_by_tokio());
        shared.is_polled.set(is_polled);
        let is_on_driver = outer_context() == Some(ThreadContext::Driver);
        shared.is_on_driver.set(is_on_driver || current::is_on_driver());
        shared.in_executor.set(is_in_executor());
        *shared.outside.borrow_mut() = Outside::current();
        // The runtime that was made current for the fiber may have shut down since.
        let served_by = shared.served_by.take().filter(|handle| !is_served && is_served_by(handle));
        let home = served_by.as_deref().or(current.as_ref());
        shared.runtime.set(home.map(Handle::id));
        shared.guard.set(served_by.clone().map(RuntimeGuard::keeping));
        shared.served_by.replace(served_by);
        let ended = call.during(|| running.resume(resumed));
        running.shared.guard.set(None);
        let ended = ended?;
        if let FiberState::Begun { running, .. } = mem::replace(&mut self.state, FiberState::Ended)
        {
            stack::give_back(running.into_stack());
        }
        Some(ended)
    }

    fn has_ended(&self) -> bool {
        !matches!(self.state, FiberState::Begun { .. })
    }

    /// Ends the fiber at the call in which it is suspended: unwinds its stack, which drops the
    /// values on it.
    fn cancel(&mut self) {
        let FiberState::Begun { running, .. } = &self.state else { return };
        running.shared.dropped.set(1);
        let Some(ended) = self.resume(Resumed::Dropped) else { return };
        match ended {
            Err(payload) if !payload.is::<Dropped>() && !thread::panicking() => {
                panic::resume_unwind(payload)
            }
            _ => {}
        }
    }
}

fn take_stack(size: usize, location: &'static Location<'static>) -> Result<Stack, FiberError> {
    stack::take(size).map_err(|source| FiberError { stack_size: size, source, location })
}

/// Whether the runtime runs tasks that are spawned on it. It doesn't if it has shut down, or if the
/// thread is only under the `enter()` guard of a current-thread runtime. This check takes up to a
/// microsecond, but nanoseconds in a task.
fn is_served_by(handle: &Handle) -> bool {
    if runtimes::state(handle, handle.id()) != RuntimeState::Alive {
        return false;
    }
    match detect::classify_in(handle) {
        ThreadContext::EnteredCurrentThread => detect::has_coop_budget(),
        context => context != ThreadContext::RuntimeGone,
    }
}

impl<T> Future for Fiber<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = self.get_mut();
        this.begin(cx);
        if let FiberState::Begun { running, .. } = &this.state {
            let mut waker = running.shared.waker.borrow_mut();
            if !waker.will_wake(cx.waker()) {
                *waker = Rc::new(cx.waker().clone());
                running.shared.is_polled.set(false);
            }
        }
        match this.resume(Resumed::Polled) {
            None if matches!(this.state, FiberState::Ended) => {
                panic!("a fiber that has ended was polled")
            }
            None => Poll::Pending,
            Some(Ok(Some(value))) => Poll::Ready(value),
            Some(Ok(None)) => unreachable!("it ends without a value only when it is dropped"),
            Some(Err(payload)) => panic::resume_unwind(payload),
        }
    }
}

impl<T> Drop for Fiber<T> {
    fn drop(&mut self) {
        let FiberState::Begun { running, .. } = &self.state else { return };
        // Otherwise the stack is leaked, as by `mem::forget`. With `panic = "abort"` the values on
        // it can't be dropped, since that takes unwinding. On a thread that is exiting they may
        // refer to thread-locals that are gone.
        let can_end = cfg!(panic = "unwind") || !running.shared.unwinds.get();
        if can_end && !stack::is_thread_exiting() {
            self.cancel();
        }
    }
}

impl<T> fmt::Debug for Fiber<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            FiberState::New { .. } => "new",
            FiberState::Begun { .. } => "begun",
            FiberState::Ended => "ended",
        };
        f.debug_struct("Fiber")
            .field("location", self.location)
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
