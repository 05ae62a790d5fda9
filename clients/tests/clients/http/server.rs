//! The server of these tests.

use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener as StdListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, mpsc};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Redirect;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use bridgehead_tests::contexts::multi;
use futures_util::{StreamExt, stream};
use tokio::net::TcpListener;

/// The server that most tests share.
pub(crate) static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

/// A server that runs until the process ends, on a thread and a runtime that no test touches.
pub(crate) struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let (ready, address) = mpsc::channel();
        thread::spawn(move || {
            multi(2).block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                ready
                    .send(listener.local_addr().expect("its address"))
                    .expect("somebody waits for it");
                let counted = listener.tap_io(move |_| {
                    let _ = count.fetch_add(1, Ordering::SeqCst);
                });
                axum::serve(counted, routes()).await
            })
        });
        Self { address: address.recv().expect("the server starts"), connections }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// How many connections it has accepted.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn routes() -> Router {
    Router::new()
        .route("/square/{number}", get(square))
        .route("/slow", get(slow))
        .route(
            "/header",
            get(|headers: HeaderMap| async move { ([("x-answer", "b")], header(&headers)) }),
        )
        .route("/echo", post(|body: Body| async { body }))
        .route("/length", post(length))
        .route("/bytes/{count}", get(|Path(count): Path<usize>| async move { body(count) }))
        .route("/stalls", get(|| async { stalls() }))
        .route("/jumps/{count}", get(jumps))
        .route("/loop", get(|| async { Redirect::to("/loop") }))
}

async fn square(Path(number): Path<u64>) -> Result<String, StatusCode> {
    number.checked_mul(number).map(|square| square.to_string()).ok_or(StatusCode::BAD_REQUEST)
}

async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_secs(60)).await;
    "at last"
}

fn header(headers: &HeaderMap) -> String {
    headers.get("x-question").and_then(|value| value.to_str().ok()).unwrap_or("none").to_owned()
}

/// The length of the body, if its bytes are those of [`pattern`].
async fn length(body: Body) -> Result<String, StatusCode> {
    let mut length = 0;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| StatusCode::BAD_REQUEST)?;
        if !chunk.iter().enumerate().all(|(at, byte)| *byte == pattern(length + at)) {
            return Err(StatusCode::UNPROCESSABLE_ENTITY);
        }
        length += chunk.len();
    }
    Ok(length.to_string())
}

/// The byte at each position of a long body.
pub(crate) fn pattern(at: usize) -> u8 {
    u8::try_from(at % 251).expect("it is less")
}

fn body(count: usize) -> Body {
    const CHUNK: usize = 10_000;
    let chunks = (0..count.div_ceil(CHUNK)).map(move |chunk| {
        let bytes = (chunk * CHUNK..count.min((chunk + 1) * CHUNK)).map(pattern);
        Ok::<_, Infallible>(bytes.collect::<Bytes>())
    });
    Body::from_stream(stream::iter(chunks))
}

/// A body that begins, and then never continues.
fn stalls() -> Body {
    let begin = stream::iter([Ok::<_, Infallible>("begin")]);
    Body::from_stream(begin.chain(stream::pending()))
}

async fn jumps(Path(count): Path<u32>) -> Redirect {
    match count {
        0 => Redirect::to("/square/3"),
        count => Redirect::to(&format!("/jumps/{}", count - 1)),
    }
}

/// A server that calls `answer` with each connection, after it has read the head of a request.
/// Returns its URL.
pub(crate) fn by_hand(answer: impl Fn(TcpStream) + Clone + Send + 'static) -> String {
    let listener = StdListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.expect("a connection");
            let answer = answer.clone();
            thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().expect("another handle")).lines();
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                answer(stream);
            });
        }
    });
    url
}
