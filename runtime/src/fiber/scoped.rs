//! A fiber whose code may borrow, and that has ended before what it borrows does.
#![expect(unsafe_code, reason = "the compiler can't check when a fiber ends")]

use std::future::Future;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::process;
use std::task::{Context, Poll};

use crate::fiber::stack::FiberError;
use crate::fiber::switch::Body;
use crate::fiber::wait::run_to_end;
use crate::fiber::{Fiber, State, take_stack};
use crate::tell;

/// As [`fiber_future`](crate::fiber_future), for a future that may borrow: as long as `f` runs.
pub(crate) fn scoped<F: Future, R>(
    future: F,
    stack_size: usize,
    location: &'static Location<'static>,
    f: impl FnOnce(Borrowed<'_, F::Output>) -> R,
) -> Result<R, FiberError> {
    let stack = take_stack(stack_size, location)?;
    let body = Box::new(|| run_to_end(future));
    let make = |body| Fiber { state: State::New { body, stack: Some(stack) }, stack_size, location };
    Ok(borrowing(body, make, f))
}

/// Makes a fiber of a body that may borrow, and gives it to `f`. Whatever `f` does with it, it has ended when this returns.
fn borrowing<'a, T: 'a, R>(
    body: Box<dyn FnOnce() -> Option<T> + 'a>,
    make: impl FnOnce(Body<T>) -> Fiber<T>,
    f: impl FnOnce(Borrowed<'_, T>) -> R,
) -> R {
    /// Ends it, also when `f` panics.
    struct Ends<T>(Fiber<T>);
    impl<T> Drop for Ends<T> {
        fn drop(&mut self) {
            self.0.cancel();
            if !self.0.has_ended() {
                tell::print("a fiber that borrows can't be ended; the process is");
                process::abort();
            }
        }
    }
    // SAFETY: the two types differ in a lifetime only, and nothing of the body is used after that: `Ends` is not moved out of here, and
    // when it is dropped, either the body has returned, or it was never begun and is dropped with it.
    let body = unsafe { mem::transmute::<Box<dyn FnOnce() -> Option<T> + 'a>, Body<T>>(body) };
    let mut fiber = Ends(make(body));
    f(Borrowed(&mut fiber.0))
}

/// A fiber that somebody else owns, but that is ended when this is dropped.
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
