//! A stream as an iterator.

use std::fmt;
use std::future::poll_fn;
use std::iter::FusedIterator;
use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream;

use crate::call::adapter::Adapter;
use crate::error::CallError;

/// Makes an iterator of a stream. Its `next` waits for the next item, on any thread, as [`sync_call!`](crate::sync_call) does.
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
/// // Without a runtime,
/// assert_eq!(highest_of(3), Some(4));
/// // and in a task on a worker thread.
/// let in_task = bridgehead::run(async { tokio::spawn(async { highest_of(100) }).await })?;
/// assert_eq!(in_task, Some(16));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What it takes
///
/// Any stream, also one that is not `Send`, borrows locals, or must not be moved, as an async generator: it is put into a box. A stream
/// that is to be used again afterwards is lent: `iter(&mut stream)`, or `iter(pinned.as_mut())`.
///
/// Where the stream itself needs a runtime to be created, as one of a [`tokio::time::Interval`] does, create it under the guard of
/// [`enter`](crate::enter()).
///
/// # How it behaves
///
/// - The stream is polled on the thread that calls `next`, only then, and no further than to that item. Which runtime is current meanwhile
///   is in the table of the [crate's documentation](crate::guide::contexts).
/// - After the end it isn't polled any more: `next` goes on returning `None`, whatever the stream itself would do.
/// - `size_hint` is the stream's. There is no `next_back`: a stream has one end.
/// - The stream is dropped with the iterator, on whatever thread that is. If it was given to `iter` or polled where a runtime was current,
///   and that thread has none, the one that serves calls there is current meanwhile, so that a `Drop` that spawns a task works.
///
/// # Panics
///
/// Those of `next` are the ones of [`sync_call!`](crate::sync_call#panics). Messages of the call's own have the file and line where `iter`
/// was called. After a panic of the stream, `next` polls it again, as it would be in async code.
///
/// # Limits
///
/// Those of [`sync_call!`](crate::sync_call#limits). On the thread of a current-thread runtime a stream whose items come from a task of that
/// runtime never has one: [`next_timeout`](Iter::next_timeout) gets the thread back.
#[track_caller]
pub fn iter<S: Stream>(stream: S) -> Iter<S> {
    Iter { stream: Adapter::new(stream, "iter"), ended: false }
}

/// A stream as an iterator: what [`iter()`] returns.
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct Iter<S> {
    stream: Adapter<S>,
    ended: bool,
}

impl<S: Stream> Iter<S> {
    /// As `next`, but waits no longer than the timeout, and returns an error where that would panic for a reason of its own.
    ///
    /// After an error the stream is as it was, and what it was about to give isn't lost.
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
    /// Those of [`try_sync_call!`](crate::try_sync_call#errors).
    ///
    /// # Panics
    ///
    /// A panic of the stream is passed on.
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<Option<S::Item>, CallError> {
        if self.ended {
            return Ok(None);
        }
        let item = self
            .stream
            .try_wait(Some(timeout), |mut stream| poll_fn(move |cx| stream.as_mut().poll_next(cx)))?;
        self.ended = item.is_none();
        Ok(item)
    }
}

impl<S> Iter<S> {
    /// The stream.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        self.stream.get_ref()
    }

    /// The stream. An item that is taken from it here doesn't come up in the iterator.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut S
    where
        S: Unpin,
    {
        self.stream.get_pin_mut().get_mut()
    }

    /// As [`get_mut`](Self::get_mut), for a stream that must not be moved.
    #[must_use]
    pub fn get_pin_mut(&mut self) -> Pin<&mut S> {
        self.stream.get_pin_mut()
    }

    /// Gives the stream back. Nothing of it is lost: no item is fetched before it is asked for.
    #[must_use]
    pub fn into_inner(self) -> S
    where
        S: Unpin,
    {
        self.stream.into_inner()
    }
}

/// As [`iter()`].
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

// The stream itself is left out: few can be printed.
impl<S> fmt::Debug for Iter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter")
            .field("location", self.stream.location())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
