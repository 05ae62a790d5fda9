//! An iterator over a stream.

use std::fmt;
use std::future::poll_fn;
use std::iter::FusedIterator;
use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream;

use crate::call::adapter::Adapter;
use crate::error::CallError;

/// Wraps a stream as an iterator. The method `next` of the iterator waits for the next item, on any
/// thread, as a [`sync_call!`](crate::sync_call) does.
///
/// ```
/// use std::time::Duration;
///
/// use bridgehead::iter;
/// use futures_util::stream::{self, Stream};
/// use tokio::time::sleep;
///
/// /// An async client's subscription.
/// fn prices() -> impl Stream<Item = u32> {
///     stream::unfold(1, async |price| {
///         sleep(Duration::from_millis(1)).await;
///         (price <= 16).then_some((price, 2 * price))
///     })
/// }
///
/// fn highest_of(count: usize) -> Option<u32> {
///     iter(prices()).take(count).max()
/// }
///
/// // On a thread without a runtime.
/// assert_eq!(highest_of(3), Some(4));
/// // In a task, on a worker.
/// let in_task = bridgehead::run(async { tokio::spawn(async { highest_of(100) }).await })?;
/// assert_eq!(in_task, Some(16));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What it takes
///
/// `iter` takes any stream, and boxes it. The stream may borrow local variables. It need not be
/// `Send`, nor `Unpin`. To use a stream again afterwards, pass a reference: `iter(&mut stream)`, or
/// `iter(pinned.as_mut())`.
///
/// Some streams need a runtime when they are created, such as a stream over a
/// [`tokio::time::Interval`]. Hold the guard of [`enter`](crate::enter()) while you create such a
/// stream.
///
/// # How it behaves
///
/// - The thread that calls `next` polls the stream, and only until the next item is ready. The
///   [contexts guide](crate::guide::contexts) lists which runtime is current meanwhile.
/// - When the stream has ended, it isn't polled again. `next` then always returns `None`, even if
///   the stream would return another item.
/// - `size_hint` returns the `size_hint` of the stream. There is no `next_back`, since a stream
///   can't be polled from its end.
/// - The stream is dropped with the iterator, on the thread that drops the iterator. A `Drop` of
///   the stream that spawns a task also works on a thread without a runtime: the runtime that
///   serves calls there is current during the drop, if a runtime was current when the stream was
///   passed to `iter` or polled.
///
/// # Panics
///
/// `next` panics as [`sync_call!`](crate::sync_call#panics) does. The message contains the file and
/// line where `iter` was called. If the stream itself panics, the panic is passed on. When you call
/// `next` again, the stream is polled again, as in async code.
///
/// # Limits
///
/// The [limits of `sync_call!`](crate::sync_call#limits) apply. On the thread that drives a
/// current-thread runtime, `next` blocks that runtime. If the items come from a task of that
/// runtime, `next` never returns. [`next_timeout`](Iter::next_timeout) returns after its time
/// limit.
#[track_caller]
pub fn iter<S: Stream>(stream: S) -> Iter<S> {
    Iter { stream: Adapter::new(stream, "iter"), ended: false }
}

/// An iterator over a stream. [`iter()`] returns it.
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct Iter<S> {
    stream: Adapter<S>,
    ended: bool,
}

impl<S: Stream> Iter<S> {
    /// Like `next`, but waits for at most `timeout`, and returns errors where `next` panics.
    ///
    /// After an error the stream is unchanged, and no item is lost.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use bridgehead::{CallError, iter};
    /// use tokio::sync::mpsc;
    ///
    /// let (sender, mut receiver) = mpsc::channel(1);
    /// let mut numbers = iter(futures_util::stream::poll_fn(move |cx| receiver.poll_recv(cx)));
    ///
    /// let none_yet = numbers.next_timeout(Duration::from_millis(1));
    /// assert!(none_yet.is_err_and(|error| error.is_timeout()));
    ///
    /// sender.try_send(7).unwrap();
    /// assert_eq!(numbers.next_timeout(Duration::from_secs(60))?, Some(7));
    /// # Ok::<(), CallError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`try_sync_call!`](crate::try_sync_call#errors).
    ///
    /// # Panics
    ///
    /// If the stream panics, the panic is passed on.
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<Option<S::Item>, CallError> {
        if self.ended {
            return Ok(None);
        }
        let item = self.stream.try_wait(Some(timeout), |mut stream| {
            poll_fn(move |cx| stream.as_mut().poll_next(cx))
        })?;
        self.ended = item.is_none();
        Ok(item)
    }
}

impl<S> Iter<S> {
    /// Returns a reference to the stream.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        self.stream.get_ref()
    }

    /// Returns a mutable reference to the stream. The iterator doesn't return the items that you
    /// take from the stream through this reference.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut S
    where
        S: Unpin,
    {
        self.stream.get_pin_mut().get_mut()
    }

    /// Like [`get_mut`](Self::get_mut), for a stream that must not be moved.
    #[must_use]
    pub fn get_pin_mut(&mut self) -> Pin<&mut S> {
        self.stream.get_pin_mut()
    }

    /// Returns the stream. No item is lost, since none is fetched in advance.
    #[must_use]
    pub fn into_inner(self) -> S
    where
        S: Unpin,
    {
        self.stream.into_inner()
    }
}

/// Like [`iter()`].
impl<S: Stream> From<S> for Iter<S> {
    #[track_caller]
    fn from(stream: S) -> Self {
        iter(stream)
    }
}

impl<S: Stream> Iterator for Iter<S> {
    type Item = S::Item;

    #[inline]
    fn next(&mut self) -> Option<S::Item> {
        if self.ended {
            return None;
        }
        let item = self.stream.wait(Stream::poll_next);
        self.ended = item.is_none();
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.ended { (0, Some(0)) } else { self.get_ref().size_hint() }
    }
}

impl<S: Stream> FusedIterator for Iter<S> {}

// The stream itself is left out, since few streams implement `Debug`.
impl<S> fmt::Debug for Iter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter")
            .field("location", self.stream.location())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
