use std::io::{self, Write};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bridgehead::{Io, blocking};
use futures_util::{Sink, SinkExt, TryStreamExt, stream::MapErr};
use tokio::io::AsyncWrite;
use tokio_postgres::{CopyInSink, CopyOutStream};
use tokio_util::bytes::{Bytes, BytesMut};
use tokio_util::io::StreamReader;

use super::lazy_pin::LazyPin;
use super::{Answers, AsyncClient, Error, Result};

/// The data of a `COPY … TO STDOUT`, to be read.
pub type CopyOutReader<'a> = Io<AsyncCopyOutReader<'a>>;
pub type AsyncCopyOutReader<'a> = StreamReader<Pieces<'a>, Bytes>;
type Pieces<'a> = MapErr<Answers<'a, CopyOutStream>, fn(Error) -> io::Error>;

pub(super) fn reader<'a>(pieces: CopyOutStream) -> AsyncCopyOutReader<'a> {
    StreamReader::new(Answers::new(pieces).map_err(io::Error::other))
}

/// Takes the data of a `COPY … FROM STDIN`. Nothing is copied unless it is
/// [finished](Self::finish).
#[blocking(type = CopyInWriter)]
pub struct AsyncCopyInWriter<'a> {
    sink: LazyPin<CopyInSink<Bytes>>,
    buffer: BytesMut,
    client: PhantomData<&'a mut AsyncClient>,
}

#[blocking(type = CopyInWriter, timeout)]
impl AsyncCopyInWriter<'_> {
    pub(super) fn new(sink: CopyInSink<Bytes>) -> Self {
        Self { sink: LazyPin::new(sink), buffer: BytesMut::new(), client: PhantomData }
    }
    pub(super) fn into_sink(self) -> CopyInSink<Bytes> {
        assert!(self.buffer.is_empty(), "it has been written to already");
        self.sink.into_inner()
    }

    /// Ends the copying, and returns the number of rows.
    pub async fn finish(mut self) -> Result<u64> {
        self.sink.pin().send(self.buffer.split().freeze()).await?;
        self.sink.pin().finish().await
    }
}

impl AsyncWrite for AsyncCopyInWriter<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        // Small pieces are sent together.
        if self.buffer.len() > 16 * 1024 {
            ready!(self.as_mut().poll_flush(cx))?;
        }
        self.buffer.extend_from_slice(data);
        Poll::Ready(Ok(data.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.buffer.is_empty() {
            ready!(self.sink.pin().poll_ready(cx)).map_err(io::Error::other)?;
            let piece = self.buffer.split().freeze();
            self.sink.pin().start_send(piece).map_err(io::Error::other)?;
        }
        self.sink.pin().poll_flush(cx).map_err(io::Error::other)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl Write for CopyInWriter<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        bridgehead::io(self.as_mut()).write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        bridgehead::io(self.as_mut()).flush()
    }
}
