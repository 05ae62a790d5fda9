//! The cooperative budget of a call.
//!
//! tokio gives each task a budget of operations for one poll. When it is spent, tokio's own futures
//! return `Pending`, so that a future that is always ready gives others a turn: a `timeout` around
//! it, for one. Without any budget, a future that is always ready would never return from its poll.
//!
//! The first poll of a call in a task is within the task's remaining budget, as `.await` would be.
//! When that is spent, tokio defers the wake-up to a scheduler that doesn't run while the call
//! blocks. So all other polls have a budget of their own.
//!
//! tokio sets a budget for its own tasks only. But a permit of [`coop::poll_proceed`] restores,
//! when it is dropped, the budget of the moment when it was given. So a permit that was taken under
//! a full budget renews that whenever it is needed.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::mem::ManuallyDrop;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::runtime::Handle;
use tokio::task::LocalSet;
use tokio::task::coop::{self, RestoreOnPending};

std::thread_local! {
    /// A permit that was taken under a full budget. No destructor, see `runtimes`; and a permit
    /// that is dropped when the thread ends would set a budget there. It is dropped where it is:
    /// one that was just written is slow to move.
    static FULL: RefCell<ManuallyDrop<Option<RestoreOnPending>>> =
        const { RefCell::new(ManuallyDrop::new(None)) };
}

/// Polls within the remaining budget that tokio has given the task around the call, as `.await`
/// would. `None` if that is nothing.
#[inline]
pub(crate) fn poll_within<F: Future>(
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Option<(Poll<F::Output>, bool)> {
    if !coop::has_budget_remaining() {
        return None;
    }
    let poll = future.poll(cx);
    let is_spent = poll.is_pending() && !coop::has_budget_remaining();
    Some((poll, is_spent))
}

/// Polls with a full budget. The surrounding budget stays as it was.
///
/// Also returns whether it is used up after a poll that is pending. tokio may have deferred the
/// wake-up then.
#[inline]
pub(crate) fn poll<F: Future>(
    mut future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> (Poll<F::Output>, bool) {
    let poll = poll_fn(|cx| {
        renew(cx);
        let poll = future.as_mut().poll(cx);
        let is_spent = poll.is_pending() && !coop::has_budget_remaining();
        Poll::Ready((poll, is_spent))
    });
    // Restores the surrounding budget when it returns, also by a panic.
    match pin!(coop::unconstrained(poll)).poll(cx) {
        Poll::Ready(polled) => polled,
        Poll::Pending => unreachable!("it is ready whatever the future is"),
    }
}

/// Makes the budget of this poll a full one.
#[inline]
fn renew(cx: &mut Context<'_>) {
    FULL.with(|full| {
        // Nothing else is called while it is borrowed.
        let mut full = full.borrow_mut();
        if full.is_none() {
            **full = take_full();
        }
        **full = None;
        if let Poll::Ready(permit) = coop::poll_proceed(cx) {
            **full = Some(permit);
        }
    });
}

/// A permit that was taken under a full budget. The task of a `LocalSet` has one on any thread,
/// also where no runtime is current, and where another task is being polled.
#[cold]
fn take_full() -> Option<RestoreOnPending> {
    if Handle::try_current().is_err_and(|error| error.is_thread_local_destroyed()) {
        return None;
    }
    let taken = Rc::new(Cell::new(None));
    let give = Rc::clone(&taken);
    let set = LocalSet::new();
    set.spawn_local(poll_fn(move |cx| {
        if let Poll::Ready(permit) = coop::poll_proceed(cx) {
            give.set(Some(permit));
        }
        Poll::Ready(())
    }));
    let _ = pin!(set).poll(&mut Context::from_waker(Waker::noop()));
    taken.take()
}
