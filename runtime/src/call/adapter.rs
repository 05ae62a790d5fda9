//! The inside of an `Iter` or an `Io`: a pinned async value, which is polled in calls.

use std::future::{Future, poll_fn};
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::call::enter;
use crate::call::guard;
use crate::call::wait;
use crate::config::call_options::CallOptions;
use crate::error::CallError;

pub(crate) struct Adapter<T> {
    /// The value is boxed, so that the user need not pin it. `None` only after `into_inner`, and
    /// while the adapter is dropped.
    inner: Option<Pin<Box<T>>>,
    /// Where `iter` or `io` was called. Reports name that place, since std makes most of the calls.
    location: &'static Location<'static>,
    /// The name of that function.
    name: &'static str,
    /// Whether a runtime was current when the value was passed in or polled.
    has_met_runtime: bool,
}

impl<T> Adapter<T> {
    #[track_caller]
    pub(crate) fn new(inner: T, name: &'static str) -> Self {
        Self {
            inner: Some(Box::pin(inner)),
            location: Location::caller(),
            name,
            has_met_runtime: Handle::try_current().is_ok(),
        }
    }

    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// Calls `poll` until it is ready, as `sync_call!` does.
    #[inline]
    pub(crate) fn wait<R>(
        &mut self,
        mut poll: impl FnMut(Pin<&mut T>, &mut Context<'_>) -> Poll<R>,
    ) -> R {
        let entered = enter::enter_at(self.location);
        let options = CallOptions::new().of_adapter(self.name);
        let mut inner = self.begin_poll();
        wait::wait_with(&entered, poll_fn(|cx| poll(inner.as_mut(), cx)), options)
    }

    /// Waits for a future that is made from the value, as `try_sync_call!` does.
    #[inline]
    pub(crate) fn try_wait<'a, F: Future>(
        &'a mut self,
        timeout: Option<Duration>,
        future: impl FnOnce(Pin<&'a mut T>) -> F,
    ) -> Result<F::Output, CallError> {
        match enter::try_enter_at(self.location) {
            // Matched by reference, since an `Entered` is slow to move.
            Ok(ref entered) => {
                let options = CallOptions { timeout, ..CallOptions::new() }.of_adapter(self.name);
                wait::try_wait(entered, future(self.begin_poll()), options)
            }
            Err(error) => Err(error),
        }
    }

    fn begin_poll(&mut self) -> Pin<&mut T> {
        self.has_met_runtime = true;
        self.get_pin_mut()
    }

    pub(crate) fn get_ref(&self) -> &T {
        match &self.inner {
            Some(inner) => inner,
            None => taken_out(),
        }
    }

    #[inline]
    pub(crate) fn get_pin_mut(&mut self) -> Pin<&mut T> {
        match &mut self.inner {
            Some(inner) => inner.as_mut(),
            None => taken_out(),
        }
    }

    pub(crate) fn into_inner(mut self) -> T
    where
        T: Unpin,
    {
        match self.inner.take() {
            Some(inner) => *Pin::into_inner(inner),
            None => taken_out(),
        }
    }
}

#[cold]
fn taken_out() -> ! {
    unreachable!("it is taken out by value only")
}

/// A value that was created or polled while a runtime was current may need a runtime when it is
/// dropped, too. For instance, a pooled connection may spawn a task that returns it to the pool. No
/// runtime is started for any other value.
impl<T> Drop for Adapter<T> {
    fn drop(&mut self) {
        if mem::needs_drop::<T>() && self.has_met_runtime {
            let _runtime = guard::enter_to_drop();
            self.inner = None;
        }
    }
}
