//! The cooperative budget of a call.
//!
//! tokio gives each task a budget of operations for one poll. When the budget is spent, tokio's own
//! futures return `Pending`, so that a future that is always ready yields to the code around it,
//! such as a `timeout`. Without a budget, a future that is always ready would never return from its
//! poll.
//!
//! The first poll of a call in a task uses the task's remaining budget, as `.await` would. When
//! that is spent, tokio defers the wake-up to the scheduler, which doesn't run while the call
//! blocks. So all other polls get a budget of their own: later ones, and the first one outside of
//! tasks.
//!
//! tokio has no public function that sets a budget. But when a permit of [`coop::poll_proceed`] is
//! dropped, it restores the budget from before it was taken. So dropping a permit that was taken
//! under a full budget makes the budget full again.

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
    /// A permit that was taken under a full budget. It is in a `ManuallyDrop`, so that the
    /// thread-local has no destructor and can be used until the thread has ended. Dropping the
    /// permit at the end of the thread would also set a budget there. A permit is dropped in place,
    /// since one that was just written is slow to move.
    static FULL: RefCell<ManuallyDrop<Option<RestoreOnPending>>> =
        const { RefCell::new(ManuallyDrop::new(None)) };
}

/// Polls within the remaining budget of the task around the call, as `.await` would. Returns `None`
/// without polling if that budget is spent. The `bool` is whether this poll has spent it.
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

/// Polls with a full budget, and leaves the surrounding budget unchanged.
///
/// Also returns whether a pending poll has spent its budget. tokio may have deferred the wake-up
/// then.
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
    // `unconstrained` restores the surrounding budget when this poll returns or panics.
    match pin!(coop::unconstrained(poll)).poll(cx) {
        Poll::Ready(polled) => polled,
        Poll::Pending => unreachable!("it is ready whatever the future is"),
    }
}

/// Makes the current budget full.
#[inline]
fn renew(cx: &mut Context<'_>) {
    FULL.with(|full| {
        // No user code runs while this is borrowed.
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

/// Takes a permit under a full budget. tokio gives a full budget to the task of a `LocalSet` on any
/// thread, even if no runtime is current, or if another task is being polled.
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
