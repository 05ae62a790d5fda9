//! A synchronous reader or writer over an async one.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, BufRead, IoSlice, Read, Seek, SeekFrom, Write};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

use crate::call::adapter::Adapter;

/// Wraps an async reader or writer as a synchronous one. The methods of std's `Read` and `Write`
/// then wait, on any thread, as a [`try_sync_call!`](crate::try_sync_call) does.
///
/// ```standalone_crate
/// use std::io::{self, BufRead, BufReader, Write};
///
/// use bridgehead::{io, sync_call};
/// use tokio::net::{TcpListener, TcpStream};
///
/// /// A synchronous library. It takes anything that can be read from and written to.
/// fn ask(mut connection: impl io::Read + Write, question: &str) -> io::Result<String> {
///     writeln!(connection, "{question}")?;
///     let mut answer = String::new();
///     BufReader::new(connection).read_line(&mut answer)?;
///     Ok(answer)
/// }
///
/// #[bridgehead::entry]
/// async fn main() -> io::Result<()> {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let address = listener.local_addr()?;
///     tokio::spawn(async move {
///         let (mut peer, _) = listener.accept().await?;
///         let (mut reader, mut writer) = peer.split();
///         tokio::io::copy(&mut reader, &mut writer).await
///     });
///
///     let mut stream = TcpStream::connect(address).await?;
///     // On the thread of `main`, with a borrowed stream.
///     assert_eq!(ask(io(&mut stream), "who?")?, "who?\n");
///     // On a thread without a runtime.
///     let thread = std::thread::spawn(|| ask(io(stream), "where?"));
///     assert_eq!(thread.join().expect("no panic")?, "where?\n");
///     Ok(())
/// }
/// ```
///
/// # What it takes
///
/// `io` takes any value, and boxes it. The value need be neither `Send` nor `Unpin`. To use the
/// value again afterwards, pass a reference: `io(&mut stream)`.
///
/// Some values need a runtime when they are created, such as a socket that is made from one of std.
/// Hold the guard of [`enter`](crate::enter()) while you create such a value.
///
/// The traits and methods of [`Io`] depend on the traits of the value:
///
/// | trait of the value | trait or method of the `Io` |
/// |---|---|
/// | [`AsyncRead`] | [`Read`] |
/// | [`AsyncWrite`] | [`Write`], [`Io::shutdown`] |
/// | [`AsyncBufRead`] | [`BufRead`] |
/// | [`AsyncSeek`] | [`Seek`] |
///
/// # How it behaves
///
/// - Each method polls the corresponding method of tokio until it is ready, and returns the result.
///   As usual, a read or write may transfer fewer bytes than requested. `write_vectored` passes all
///   its buffers to tokio's `poll_write_vectored`. A read or write of an empty buffer returns at
///   once.
/// - The `Io` has no buffer. Read and write small pieces through a [`BufReader`](io::BufReader) and
///   a [`BufWriter`](io::BufWriter): either those of std around the `Io`, or those of tokio inside
///   it.
/// - As in std, the drop doesn't flush or shut down. Call [`flush`](Write::flush) before you drop a
///   buffered writer of tokio, or a `tokio::fs::File`, which writes in the background.
/// - The value is dropped with the `Io`, on the thread that drops the `Io`. A `Drop` of the value
///   that spawns a task also works on a thread without a runtime: the runtime that serves calls
///   there is current during the drop, if a runtime was current when the value was passed to `io`
///   or polled.
///
/// # Errors
///
/// Errors of tokio's methods are returned unchanged. The errors of a
/// [`try_sync_call!`](crate::try_sync_call#errors) are converted to an [`io::Error`]:
///
/// | [`kind`](io::Error::kind) | when |
/// |---|---|
/// | `TimedOut` | the method was not ready within the [timeout](Io::set_timeout) |
/// | `Deadlock` | the method [stalled](crate::guide::stalls) on a worker, and the system has no thread to take over the worker. Or the method stalled, and `on_stall` is `"panic"` |
/// | `Other` | the runtime that serves the method ended while the method waited; the [blocking work that calls the method was cancelled](crate::cancelled#in-blocking-work); the thread is ending; or its stack is nearly used up |
/// | the kind of the system's error | a runtime or a thread that the method needs could not be started |
///
/// For these errors, [`get_ref`](io::Error::get_ref) returns the [`CallError`](crate::CallError).
/// It contains the file and line where `io` was called.
///
/// # Panics
///
/// If the value inside panics, the panic is passed on.
///
/// # Limits
///
/// The [limits of `sync_call!`](crate::sync_call#limits) apply. On the thread that drives a
/// current-thread runtime, a socket that was opened in that runtime is never ready: the method
/// blocks that thread, so the I/O driver of the runtime doesn't run. This is reported after two
/// seconds. Open the socket in a `sync_call!`, or set a [timeout](Io::set_timeout).
#[track_caller]
#[must_use]
pub fn io<T>(inner: T) -> Io<T> {
    Io { inner: Adapter::new(inner, "io"), timeout: None }
}

/// A synchronous reader or writer over an async one. [`io()`] returns it.
pub struct Io<T> {
    inner: Adapter<T>,
    timeout: Option<Duration>,
}

impl<T> Io<T> {
    /// Like [`set_timeout`](Self::set_timeout), but consumes and returns the `Io`.
    ///
    /// ```
    /// use std::io::{self, Read};
    /// use std::time::Duration;
    ///
    /// let (here, _there) = tokio::io::duplex(64);
    /// let mut stream = bridgehead::io(here).with_timeout(Duration::from_millis(1));
    /// let error = stream.read(&mut [0]).unwrap_err();
    /// assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    /// ```
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.set_timeout(Some(timeout));
        self
    }

    /// Sets how long each single read, write, flush, seek or shutdown waits. `None`, the default,
    /// means that there is no limit.
    ///
    /// The limit is like the timeouts of std's sockets. Methods such as `read_exact` and
    /// `write_all` read or write several times, and each time has the whole limit. A read or write
    /// that is ready at once is always in time. If it times out, no data is lost, and you can retry
    /// it. The limit uses the system's clock, even where tokio's clock is paused.
    pub fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.timeout = timeout;
    }

    /// Returns a reference to the value inside.
    #[must_use]
    pub fn get_ref(&self) -> &T {
        self.inner.get_ref()
    }

    /// Returns a mutable reference to the value inside.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut T
    where
        T: Unpin,
    {
        self.inner.get_pin_mut().get_mut()
    }

    /// Like [`get_mut`](Self::get_mut), for a value that must not be moved.
    #[must_use]
    pub fn get_pin_mut(&mut self) -> Pin<&mut T> {
        self.inner.get_pin_mut()
    }

    /// Returns the value inside. No data is lost, since nothing is buffered here.
    #[must_use]
    pub fn into_inner(self) -> T
    where
        T: Unpin,
    {
        self.inner.into_inner()
    }

    #[inline]
    fn wait<R>(
        &mut self,
        mut poll: impl FnMut(Pin<&mut T>, &mut Context<'_>) -> Poll<io::Result<R>>,
    ) -> io::Result<R> {
        self.inner
            .try_wait(self.timeout, |mut inner| poll_fn(move |cx| poll(inner.as_mut(), cx)))?
    }
}

/// Like [`io()`].
impl<T> From<T> for Io<T> {
    #[track_caller]
    fn from(inner: T) -> Self {
        io(inner)
    }
}

impl<T: AsyncWrite> Io<T> {
    /// Shuts down the writing side: flushes, and notifies the peer that no more data follows.
    ///
    /// For a socket this is `shutdown(Shutdown::Write)` of std. A TLS stream sends its close
    /// notification. The drop of the `Io` never does this.
    ///
    /// # Errors
    ///
    /// The errors that [`io()`] lists for all methods.
    pub fn shutdown(&mut self) -> io::Result<()> {
        self.wait(AsyncWrite::poll_shutdown)
    }
}

impl<T: AsyncRead> Read for Io<T> {
    #[inline]
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // tokio's `poll_read` waits for data even if the buffer is empty. std's `read` returns at
        // once.
        if buffer.is_empty() {
            return Ok(0);
        }
        let mut buffer = ReadBuf::new(buffer);
        self.wait(|reader, cx| reader.poll_read(cx, &mut buffer))?;
        Ok(buffer.filled().len())
    }
}

impl<T: AsyncWrite> Write for Io<T> {
    #[inline]
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.wait(|writer, cx| writer.poll_write(cx, buffer))
    }

    #[inline]
    fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        if buffers.iter().all(|buffer| buffer.is_empty()) {
            return Ok(0);
        }
        self.wait(|writer, cx| writer.poll_write_vectored(cx, buffers))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.wait(AsyncWrite::poll_flush)
    }
}

impl<T: AsyncBufRead> BufRead for Io<T> {
    #[inline]
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.try_wait(self.timeout, fill_buf)?
    }

    #[inline]
    fn consume(&mut self, amount: usize) {
        self.inner.get_pin_mut().consume(amount);
    }
}

/// Returns the filled buffer. The borrow checker rejects a poll loop that returns the borrow of its
/// last poll. So the buffer is polled a second time once it is ready, but not at the end of the
/// data, where a terminal would wait for more.
async fn fill_buf<T: AsyncBufRead>(mut reader: Pin<&mut T>) -> io::Result<&[u8]> {
    if poll_fn(|cx| reader.as_mut().poll_fill_buf(cx).map_ok(<[u8]>::is_empty)).await? {
        return Ok(&[]);
    }
    match reader.poll_fill_buf(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(filled) => filled,
        Poll::Pending => Err(io::Error::other("the reader has lost what was in its buffer")),
    }
}

impl<T: AsyncSeek> Seek for Io<T> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let mut started = false;
        self.wait(|mut inner, cx| {
            if !started {
                // An earlier seek that has timed out may still be in progress.
                ready!(inner.as_mut().poll_complete(cx))?;
                inner.as_mut().start_seek(position)?;
                started = true;
            }
            inner.poll_complete(cx)
        })
    }
}

impl<T: fmt::Debug> fmt::Debug for Io<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io").field("inner", self.get_ref()).field("timeout", &self.timeout).finish()
    }
}
