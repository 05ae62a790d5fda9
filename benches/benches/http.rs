//! GETs through the synchronous face of the example `http_client`, against `reqwest::blocking`
//! (goal: 0.8), from a server on threads of its own.
//!
//! Sixteen threads at once meet the goal: each polls its own requests, where the peer has a single
//! thread for all of them. A single caller does not. Either way its thread wakes the one that has
//! the connection, which wakes the server's, and the same back again. These system calls are most
//! of the time of a request. With a runtime that the caller drives itself the ratio is 0.6. But
//! tokio forbids that on a worker, and between the calls no thread would drive the connections.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use bridgehead_benches::{OURS, Peers, time};
use bridgehead_clients::http_client::Client;
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::Runtime;
use tokio::task::block_in_place;

const THREADS: u64 = 16;

/// Starts a server that answers until the process ends, with as little work as possible.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while let Some(Ok(line)) = lines.next() {
                    if line.is_empty() {
                        stream
                            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")
                            .unwrap();
                    }
                }
            });
        }
    });
    url
}

fn ours() -> Client {
    reqwest::Client::builder().no_proxy().build().unwrap().into()
}

fn theirs() -> reqwest::blocking::Client {
    reqwest::blocking::Client::builder().no_proxy().build().unwrap()
}

fn get(client: &Client, url: &str) -> Bytes {
    client.get(url).send().unwrap().bytes().unwrap()
}

fn get_theirs(client: &reqwest::blocking::Client, url: &str) -> Bytes {
    client.get(url).send().unwrap().bytes().unwrap()
}

fn one_thread(criterion: &mut Criterion) {
    let url = serve();
    let (ours, theirs) = (ours(), theirs());
    Peers::new("GET")
        .calls(OURS, || get(&ours, &url))
        .calls("reqwest::blocking", || get_theirs(&theirs, &url))
        .compare(criterion, &[("reqwest::blocking", 0.8)]);
}

fn sixteen_threads(criterion: &mut Criterion) {
    let url = serve();
    let (ours, theirs) = (ours(), theirs());
    Peers::new("GET, 16 threads")
        .timed(OURS, |count| at_once(count, || get(&ours, &url)))
        .timed("reqwest::blocking", |count| at_once(count, || get_theirs(&theirs, &url)))
        .compare(criterion, &[("reqwest::blocking", 0.8)]);
}

fn at_once<T>(count: u64, call: impl Fn() -> T + Sync) -> Duration {
    let start = Instant::now();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let call = &call;
            scope.spawn(move || time(count / THREADS + u64::from(thread < count % THREADS), call));
        }
    });
    start.elapsed()
}

/// In a task. The peer would panic there in a debug build, and blocks the worker in this one, so
/// that people use `block_in_place`.
fn worker(criterion: &mut Criterion) {
    let url = serve();
    let (ours, theirs) = (ours(), theirs());
    let runtime = Runtime::new().unwrap();
    Peers::new("GET, worker")
        .timed(OURS, |count| in_task(&runtime, count, &url, &ours, |url, client| get(client, url)))
        .timed("reqwest::blocking", |count| {
            in_task(&runtime, count, &url, &theirs, |url, client| {
                block_in_place(|| get_theirs(client, url))
            })
        })
        .compare(criterion, &[("reqwest::blocking", 0.8)]);
}

fn in_task<C: Clone + Send + 'static>(
    runtime: &Runtime,
    count: u64,
    url: &str,
    client: &C,
    call: fn(&str, &C) -> Bytes,
) -> Duration {
    let (url, client) = (url.to_owned(), client.clone());
    let task = runtime.spawn(async move { time(count, || call(&url, &client)) });
    runtime.block_on(task).unwrap()
}

criterion_group!(benches, one_thread, sixteen_threads, worker);
criterion_main!(benches);
