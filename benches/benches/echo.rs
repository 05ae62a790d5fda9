//! A round trip over TCP on the loopback interface, to a server on a thread of its own: a call that
//! has to wait, each time.
//!
//! On a plain thread the peers are: `Handle::block_on` of a shared multi-thread runtime (goal: 1.05
//! of it); a thread that runs all calls and receives them over channels, as in `reqwest::blocking`
//! (goal: 0.75); and a current-thread runtime that the thread owns, as in `postgres` (goal: 1.2).
//! The thread with its own runtime waits for the socket itself. A call is woken by the thread that
//! waits for the socket, which is one wake-up more. A call that a current-thread `Runner` serves
//! drives that on its own thread, and has no such wake-up (goal: 1.05).
//!
//! Yielding the processor for a moment before parking makes single threads a little faster, and was
//! tried. On a busy machine, or with many threads that call at once, it made calls up to twice as
//! slow, so that calls park at once.
//!
//! On a worker the peer is `block_in_place(|| Handle::current().block_on(future))` (goal: 1). Both
//! hand off the worker in the first call of a task, and park in all of them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use bridgehead::{Flavor, Runner, sync_call};
use bridgehead_benches::{OURS, Peers, time};
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::block_in_place;

/// Starts a server that answers until the process ends.
fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            thread::spawn(move || {
                let mut message = [0; 64];
                while stream
                    .read_exact(&mut message)
                    .and_then(|()| stream.write_all(&message))
                    .is_ok()
                {}
            });
        }
    });
    address
}

async fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

async fn round_trip(stream: &mut TcpStream) {
    let mut message = [7; 64];
    stream.write_all(&message).await.unwrap();
    stream.read_exact(&mut message).await.unwrap();
}

/// A bridge as people build it by hand: a thread that runs the requests that it receives.
fn dedicated_thread(address: SocketAddr) -> impl FnMut() {
    let (requests, mut received) = tokio::sync::mpsc::channel::<mpsc::SyncSender<()>>(1);
    thread::spawn(move || {
        Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let mut stream = connect(address).await;
            while let Some(answer) = received.recv().await {
                round_trip(&mut stream).await;
                answer.send(()).unwrap();
            }
        });
    });
    move || {
        let (answer, answered) = mpsc::sync_channel(1);
        requests.blocking_send(answer).unwrap();
        answered.recv().unwrap();
    }
}

fn plain_thread(criterion: &mut Criterion) {
    let address = serve();
    let shared = Runtime::new().unwrap();
    let own = Builder::new_current_thread().enable_all().build().unwrap();
    let mut through_ours = sync_call!(connect(address));
    let mut through_shared = shared.block_on(connect(address));
    let mut through_own = own.block_on(connect(address));

    Peers::new("echo, plain thread")
        .calls(OURS, || sync_call!(round_trip(&mut through_ours)))
        .calls("Handle::block_on", || shared.handle().block_on(round_trip(&mut through_shared)))
        .calls("thread and channels", dedicated_thread(address))
        .calls("own current_thread runtime", || own.block_on(round_trip(&mut through_own)))
        .compare(
            criterion,
            &[
                ("Handle::block_on", 1.05),
                ("thread and channels", 0.75),
                ("own current_thread runtime", 1.2),
            ],
        );
}

/// A client that owns a current-thread runtime, as `postgres` does.
fn own_runtime(criterion: &mut Criterion) {
    let address = serve();
    let runner = Runner::builder().flavor(Flavor::CurrentThread).build();
    let own = Builder::new_current_thread().enable_all().build().unwrap();
    let mut through_call = runner.run(connect(address));
    let mut through_run = runner.run(connect(address));
    let mut through_own = own.block_on(connect(address));
    Peers::new("echo, on a Runner")
        .calls(OURS, || sync_call!(round_trip(&mut through_call), on = runner))
        .calls("Runner::run", || runner.run(round_trip(&mut through_run)))
        .calls("own current_thread runtime", || own.block_on(round_trip(&mut through_own)))
        .compare(criterion, &[("own current_thread runtime", 1.05)]);
}

fn worker(criterion: &mut Criterion) {
    let address = serve();
    let runtime = Runtime::new().unwrap();
    Peers::new("echo, worker")
        .timed(OURS, |count| {
            runtime.block_on(async move {
                let calls = tokio::spawn(async move {
                    let mut stream = connect(address).await;
                    time(count, || sync_call!(round_trip(&mut stream)))
                });
                calls.await.unwrap()
            })
        })
        .timed("block_in_place", |count| {
            runtime.block_on(async move {
                let calls = tokio::spawn(async move {
                    let mut stream = connect(address).await;
                    time(count, || {
                        block_in_place(|| Handle::current().block_on(round_trip(&mut stream)));
                    })
                });
                calls.await.unwrap()
            })
        })
        .timed(".await", |count| {
            runtime.block_on(async move {
                let calls = tokio::spawn(async move {
                    let mut stream = connect(address).await;
                    let start = Instant::now();
                    for _ in 0..count {
                        round_trip(&mut stream).await;
                    }
                    start.elapsed()
                });
                calls.await.unwrap()
            })
        })
        .compare(criterion, &[("block_in_place", 1.0)]);
}

criterion_group!(benches, plain_thread, own_runtime, worker);
criterion_main!(benches);
