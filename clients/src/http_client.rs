//! `reqwest`'s async client with a synchronous face: that of `reqwest::blocking`, which panics in
//! async programs.
//!
//! A library would put the attributes on its own async types. These types wrap another crate's.

use std::io::{self, BufRead, ErrorKind, Read};
use std::pin::{Pin, pin};
use std::sync::{LazyLock, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bridgehead::{Io, Runner, blocking, to_thread};
use bytes::Bytes;
use futures_util::stream;
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{IntoUrl, Method, Result, StatusCode, Url};
use serde::{Serialize, de::DeserializeOwned};
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};
use tokio::runtime::Handle;

/// A client with its pool of connections, which clones share. It is made of a configured async
/// client.
#[blocking(type = Client)]
#[derive(Debug, Clone, Default)]
pub struct AsyncClient(reqwest::Client);

impl From<reqwest::Client> for Client {
    fn from(client: reqwest::Client) -> Self {
        AsyncClient(client).into()
    }
}

#[blocking(type = Client, twins(AsyncRequestBuilder = RequestBuilder), forward)]
impl AsyncClient {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn get(&self, url: impl IntoUrl) -> AsyncRequestBuilder {
        self.request(Method::GET, url)
    }

    pub fn post(&self, url: impl IntoUrl) -> AsyncRequestBuilder {
        self.request(Method::POST, url)
    }

    pub fn request(&self, method: Method, url: impl IntoUrl) -> AsyncRequestBuilder {
        AsyncRequestBuilder(self.0.request(method, url))
    }
}

/// A request before it is sent.
#[blocking(type = RequestBuilder)]
#[derive(Debug)]
pub struct AsyncRequestBuilder(reqwest::RequestBuilder);

#[blocking(type = RequestBuilder, twins(AsyncResponse = Response), timeout, forward)]
impl AsyncRequestBuilder {
    pub fn header(self, name: HeaderName, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Limits the time of the whole request, which includes the response's body.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self(self.0.timeout(timeout))
    }

    pub fn body(self, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.body(body))
    }

    pub fn json<T: Serialize + ?Sized>(self, json: &T) -> Self {
        Self(self.0.json(json))
    }

    pub async fn send(self) -> Result<AsyncResponse> {
        let response = at_home(async { self.0.send().await }).await?;
        Ok(AsyncResponse { response, rest: Bytes::new() })
    }
}

/// A body that is read from a synchronous reader while it is sent.
#[derive(Debug)]
pub struct Body(reqwest::Body);

impl Body {
    /// Threads for blocking work read it, and only as much as is needed.
    pub fn new(reader: impl Read + Send + 'static) -> Self {
        let chunks = stream::try_unfold(reader, async |reader| {
            let read = to_thread(|| read_chunk(reader)).await;
            let (chunk, reader) = read.map_err(|error| io::Error::other(error.to_string()))??;
            Ok::<_, io::Error>((!chunk.is_empty()).then_some((chunk, reader)))
        });
        Self(reqwest::Body::wrap_stream(chunks))
    }
}

impl From<Body> for reqwest::Body {
    fn from(body: Body) -> Self {
        body.0
    }
}

fn read_chunk<R: Read>(mut reader: R) -> io::Result<(Vec<u8>, R)> {
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match reader.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => break chunk.truncate(read?),
        }
    }
    Ok((chunk, reader))
}

/// A response, whose body is yet to be read.
#[derive(Debug)]
pub struct AsyncResponse {
    response: reqwest::Response,
    /// The part of the body that has arrived and was not read yet.
    rest: Bytes,
}

#[blocking(type = Response, timeout, forward)]
impl AsyncResponse {
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    pub fn url(&self) -> &Url {
        self.response.url()
    }

    pub fn error_for_status(self) -> Result<Self> {
        Ok(Self { response: self.response.error_for_status()?, rest: self.rest })
    }

    /// The body, without the part that has been read from it.
    pub async fn bytes(self) -> Result<Bytes> {
        let bytes = at_home(self.response.bytes()).await?;
        Ok(if self.rest.is_empty() { bytes } else { [self.rest, bytes].concat().into() })
    }

    /// As [`bytes`](Self::bytes), as text.
    pub async fn text(self) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.bytes().await?).into_owned())
    }

    /// The whole body, as JSON.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T> {
        at_home(self.response.json()).await
    }
}

impl AsyncRead for AsyncResponse {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let filled = ready!(self.as_mut().poll_fill_buf(cx))?;
        let length = filled.len().min(buffer.remaining());
        buffer.put_slice(&filled[..length]);
        self.consume(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncBufRead for AsyncResponse {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let Self { response, rest } = self.get_mut();
        let _home = home().enter();
        while rest.is_empty() {
            // The future keeps nothing between polls, so each poll can have its own.
            let Some(chunk) = ready!(pin!(response.chunk()).poll(cx)).map_err(into_io)? else {
                break;
            };
            *rest = chunk;
        }
        Poll::Ready(Ok(rest))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        drop(self.get_mut().rest.split_to(amount));
    }
}

/// Wraps the client's own error.
fn into_io(error: reqwest::Error) -> io::Error {
    let kind = if error.is_timeout() { ErrorKind::TimedOut } else { ErrorKind::Other };
    io::Error::new(kind, error)
}

/// The twin of [`AsyncResponse`], written by hand: its body is read through an `Io`.
#[derive(Debug)]
pub struct Response(Io<AsyncResponse>);

impl From<AsyncResponse> for Response {
    #[track_caller]
    fn from(response: AsyncResponse) -> Self {
        Self(bridgehead::io(response))
    }
}

impl From<Response> for AsyncResponse {
    fn from(response: Response) -> Self {
        response.0.into_inner()
    }
}

impl AsRef<AsyncResponse> for Response {
    fn as_ref(&self) -> &AsyncResponse {
        self.0.get_ref()
    }
}

impl Read for Response {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl BufRead for Response {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

/// The runtime of the connections. The client spawns a task for each connection, and reuses the
/// connection for later requests. On the caller's runtime the task would stop when that runtime
/// blocks or ends, and a later request on the connection would hang.
fn home() -> &'static Handle {
    static RUNNER: LazyLock<Runner> =
        LazyLock::new(|| Runner::builder().worker_threads(1).thread_name("http-client").build());
    static HANDLE: OnceLock<Handle> = OnceLock::new();
    HANDLE.get_or_init(|| RUNNER.handle().unwrap_or_else(|error| panic!("{error}")))
}

/// The waiting thread polls the future, as always, but with that runtime current.
async fn at_home<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| {
        let _home = home().enter();
        future.as_mut().poll(cx)
    })
    .await
}
