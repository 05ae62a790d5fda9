//! Fibers whose code may borrow. Such a fiber has ended before the borrows do.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::call::fiber::error::FiberError;
use crate::call::fiber::suspend::run_to_end;
use crate::call::fiber::{Fiber, FiberState, take_stack};
use crate::fiber::switch::{self, Runs};

/// Like [`fiber_future`](crate::fiber_future), for a future that may borrow. The fiber ends before
/// this returns.
pub(crate) fn scoped<F: Future, R>(
    future: F,
    stack_size: usize,
    location: &'static Location<'static>,
    f: impl FnOnce(Borrowed<'_, F::Output>) -> R,
) -> Result<R, FiberError> {
    let stack = take_stack(stack_size, location)?;
    let body = Box::new(|| run_to_end(future));
    let make =
        |body| Fiber { state: FiberState::New { body, stack: Some(stack) }, stack_size, location };
    #[expect(unsafe_code, reason = "a body that borrows")]
    // SAFETY: `f` gets a `Borrowed`, which hides the fiber and can only poll or cancel it. `make`
    // puts the body into the fiber, whose `end` returns `true` only if the body has returned, or
    // was never begun.
    Ok(unsafe { switch::borrowing(body, make, |fiber| f(Borrowed(fiber))) })
}

impl<T> Runs for Fiber<T> {
    fn end(&mut self) -> bool {
        self.cancel();
        self.has_ended()
    }
}

/// A fiber that [`scoped`] owns. It is cancelled when this is dropped.
pub(crate) struct Borrowed<'a, T>(&'a mut Fiber<T>);

impl<T> Future for Borrowed<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut *self.0).poll(cx)
    }
}

impl<T> Drop for Borrowed<'_, T> {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
