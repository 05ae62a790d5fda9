//! The cooperative budget of a call.
//!
//! tokio gives each task a budget of operations for one poll. When it is spent, tokio's own futures return `Pending`, so that a future that
//! is always ready gives others a turn: a `timeout` around it, for one. A call polls within the poll of a task, or of nothing, and needs a
//! budget of its own. The task's may be spent already, and its wake-ups are then deferred to a scheduler that doesn't run while the call
//! blocks. Without any budget, a future that is always ready would never return.
//!
//! tokio sets a budget for its own tasks only. But a permit of [`coop::poll_proceed`] restores, when it is dropped, the budget of the moment
//! when it was given. So a permit that was taken under a full budget renews that whenever it is needed.

use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::runtime::Handle;
use tokio::task::LocalSet;
use tokio::task::coop::{self, RestoreOnPending};

/// A full budget for each poll on one thread.
pub(crate) struct Budget {
    /// Restores the full budget when it is dropped. `None` where tokio's thread-local state is gone: there is no budget then.
    permit: Cell<Option<RestoreOnPending>>,
    is_spent: Cell<bool>,
}

impl Budget {
    pub(crate) fn new() -> Self {
        Self { permit: Cell::new(take_full()), is_spent: Cell::new(false) }
    }

    /// Polls with a full budget. The surrounding budget stays as it was.
    #[inline]
    pub(crate) fn poll<F: Future>(&self, mut future: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let poll = poll_fn(|cx| {
            drop(self.permit.take());
            if let Poll::Ready(permit) = coop::poll_proceed(cx) {
                self.permit.set(Some(permit));
            }
            let poll = future.as_mut().poll(cx);
            if poll.is_pending() {
                self.is_spent.set(!coop::has_budget_remaining());
            }
            poll
        });
        // Restores the surrounding budget when it returns, also by a panic.
        pin!(coop::unconstrained(poll)).poll(cx)
    }

    /// Whether the last poll has returned `Pending` with nothing left of its budget. tokio may then have deferred its wake-up.
    pub(crate) fn is_spent(&self) -> bool {
        self.is_spent.get()
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        // Dropped, it would set a budget for the thread.
        mem::forget(self.permit.take());
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget").finish_non_exhaustive()
    }
}

/// A permit that was taken under a full budget. The task of a `LocalSet` has one on any thread, also where no runtime is current, and
/// where another task is being polled.
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
