//! The example `postgres` against the crate `postgres`, and on a worker against calls of
//! tokio-postgres by hand. The server is a real one, on the loopback interface: `scripts/servers
//! cargo bench -p bridgehead-benches --bench postgres`.
//!
//! Goal on a plain thread: 1.05 of the crate `postgres`. Row by row it is met with a margin, since
//! the next rows are received meanwhile. All rows at once just meet or just miss it. `SELECT 1`
//! misses it, with 1.3 to 1.5, and much more on a busy machine. A client's connection is a task on
//! a runtime's workers, so that a statement goes to a worker and its answer comes back: two
//! wake-ups more than with the crate `postgres`. In that crate the calling thread drives a runtime
//! of its own and waits for the socket itself. For that reason it can't be called where a runtime
//! runs already, and threads can't share a client.
//!
//! Goal on a worker: 1 of tokio-postgres and `block_in_place(||
//! Handle::current().block_on(future))`, whose connection is a task as well.

use std::env;
use std::hint::black_box;
use std::time::Duration;

use bridgehead_benches::{OURS, Peers, time};
use bridgehead_clients::postgres::{Client, NoTls};
use criterion::{Criterion, criterion_group, criterion_main};
use futures_util::TryStreamExt;
use tokio::runtime::{Handle, Runtime};
use tokio::task::block_in_place;

const ROWS: &str = "SELECT i, i::text FROM generate_series(1, 100000) i";
const NONE: [i32; 0] = [];

fn url() -> String {
    env::var("BRIDGEHEAD_POSTGRES")
        .expect("run by `scripts/servers`, which sets `BRIDGEHEAD_POSTGRES`")
}

fn plain_thread(criterion: &mut Criterion) {
    let url = url();
    let mut ours = Client::connect(&url, NoTls).unwrap();
    let mut theirs = ::postgres::Client::connect(&url, NoTls).unwrap();
    let our_one = ours.prepare("SELECT 1").unwrap();
    let their_one = theirs.prepare("SELECT 1").unwrap();
    Peers::new("SELECT 1, plain thread")
        .calls(OURS, || ours.query_one(&our_one, &[]).unwrap())
        .calls("postgres", || theirs.query_one(&their_one, &[]).unwrap())
        .compare(criterion, &[("postgres", 1.05)]);

    let our_rows = ours.prepare(ROWS).unwrap();
    let their_rows = theirs.prepare(ROWS).unwrap();
    Peers::new("100,000 rows, plain thread")
        .calls(OURS, || {
            for row in ours.query_raw(&our_rows, NONE).unwrap() {
                black_box(row.unwrap());
            }
        })
        .calls("postgres", || {
            use ::postgres::fallible_iterator::FallibleIterator;

            let mut rows = theirs.query_raw(&their_rows, NONE).unwrap();
            while let Some(row) = rows.next().unwrap() {
                black_box(row);
            }
        })
        .compare(criterion, &[("postgres", 1.05)]);

    Peers::new("100,000 rows at once, plain thread")
        .calls(OURS, || ours.query(&our_rows, &[]).unwrap())
        .calls("postgres", || theirs.query(&their_rows, &[]).unwrap())
        .compare(criterion, &[("postgres", 1.05)]);
}

/// Times calls in a task on a worker.
fn in_task(runtime: &Runtime, measure: impl FnOnce() -> Duration + Send + 'static) -> Duration {
    runtime.block_on(async { tokio::spawn(async { measure() }).await.unwrap() })
}

fn by_hand<F: Future>(future: F) -> F::Output {
    block_in_place(|| Handle::current().block_on(future))
}

async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

fn worker(criterion: &mut Criterion) {
    let (our_url, their_url) = (url(), url());
    let runtime = Runtime::new().unwrap();
    Peers::new("SELECT 1, worker")
        .timed(OURS, |count| {
            let url = our_url.clone();
            in_task(&runtime, move || {
                let client = Client::connect(&url, NoTls).unwrap();
                let one = client.prepare("SELECT 1").unwrap();
                time(count, || client.query_one(&one, &[]).unwrap())
            })
        })
        .timed("block_in_place", |count| {
            let url = their_url.clone();
            in_task(&runtime, move || {
                let client = by_hand(connect(&url));
                let one = by_hand(client.prepare("SELECT 1")).unwrap();
                time(count, || by_hand(client.query_one(&one, &[])).unwrap())
            })
        })
        .compare(criterion, &[("block_in_place", 1.0)]);

    Peers::new("100,000 rows, worker")
        .timed(OURS, |count| {
            let url = our_url.clone();
            in_task(&runtime, move || {
                let mut client = Client::connect(&url, NoTls).unwrap();
                let rows = client.prepare(ROWS).unwrap();
                time(count, || {
                    for row in client.query_raw(&rows, NONE).unwrap() {
                        black_box(row.unwrap());
                    }
                })
            })
        })
        .timed("block_in_place", |count| {
            let url = their_url.clone();
            in_task(&runtime, move || {
                let client = by_hand(connect(&url));
                let rows = by_hand(client.prepare(ROWS)).unwrap();
                time(count, || {
                    let mut rows = std::pin::pin!(by_hand(client.query_raw(&rows, NONE)).unwrap());
                    while let Some(row) = by_hand(rows.try_next()).unwrap() {
                        black_box(row);
                    }
                })
            })
        })
        .compare(criterion, &[("block_in_place", 1.0)]);
}

criterion_group!(benches, plain_thread, worker);
criterion_main!(benches);
