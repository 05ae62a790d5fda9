//! GETs, against `reqwest::blocking` (goal: 0.8), from a server on threads of its own.

#[allow(dead_code, unreachable_pub, reason = "it is an example's")]
#[path = "../examples/http_client/client.rs"]
mod client;
mod peers;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};

use crate::peers::{OURS, Peers};

const THREADS: u64 = 16;

/// Starts a server that answers for as long as the process lives, and costs as little as it can.
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
                        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").unwrap();
                    }
                }
            });
        }
    });
    url
}

fn ours() -> client::Client {
    reqwest::Client::builder().no_proxy().build().unwrap().into()
}

fn theirs() -> reqwest::blocking::Client {
    reqwest::blocking::Client::builder().no_proxy().build().unwrap()
}

fn one_thread(criterion: &mut Criterion) {
    let url = serve();
    let (ours, theirs) = (ours(), theirs());
    Peers::new("GET")
        .calls(OURS, || ours.get(&url).send().unwrap().bytes().unwrap())
        .calls("reqwest::blocking", || theirs.get(&url).send().unwrap().bytes().unwrap())
        .compare(criterion, &[("reqwest::blocking", 0.8)]);
}

fn sixteen_threads(criterion: &mut Criterion) {
    let url = serve();
    let (ours, theirs) = (ours(), theirs());
    Peers::new("GET, 16 threads")
        .timed(OURS, |count| at_once(count, || ours.get(&url).send().unwrap().bytes().unwrap()))
        .timed("reqwest::blocking", |count| {
            at_once(count, || theirs.get(&url).send().unwrap().bytes().unwrap())
        })
        .compare(criterion, &[("reqwest::blocking", 0.8)]);
}

fn at_once<T>(count: u64, call: impl Fn() -> T + Sync) -> Duration {
    let start = Instant::now();
    thread::scope(|scope| {
        for number in 0..THREADS {
            let call = &call;
            scope.spawn(move || (number..count).step_by(16).for_each(|_| drop(call())));
        }
    });
    start.elapsed()
}

criterion_group!(benches, one_thread, sixteen_threads);
criterion_main!(benches);
