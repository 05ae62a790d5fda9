//! A client that people use, made blocking: the example `postgres` against a real server, from every context.

mod copy;
mod endings;
mod errors;
#[path = "../../../runtime/examples/postgres/postgres/mod.rs"]
mod facade;
mod limits;
mod notifications;
mod places;
mod queries;
mod transactions;

use std::sync::LazyLock;

use bridgehead_tests::child;
use bridgehead_tests::postgres::Server;

use crate::facade::error::SqlState;
use crate::facade::{Client, Error, NoTls};

/// It ends with this process.
static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

fn connect() -> Client {
    Client::connect(&SERVER.url(), NoTls).expect("a connection")
}

/// A client with a table of its own, of numbers that differ.
fn with_table() -> Client {
    let client = connect();
    client.batch_execute("CREATE TEMPORARY TABLE number (value int PRIMARY KEY)").expect("a table");
    client
}

fn one(client: &Client, query: &str) -> i32 {
    client.query_one(query, &[]).expect("a row").get(0)
}

/// How many rows are in the table of [`with_table`].
fn count(client: &Client) -> i32 {
    one(client, "SELECT count(*)::int FROM number")
}

/// The number of the server's process for this client, which has nothing to do any more.
fn process(client: &Client) -> i32 {
    let process = one(client, "SELECT pg_backend_pid()");
    // The statement has been closed, too.
    client.check_connection().expect("a server");
    process
}

#[track_caller]
fn assert_code<T>(result: Result<T, Error>, code: &SqlState) {
    let error = result.err().expect("an error");
    assert_eq!(error.code(), Some(code), "{error:?}");
}

#[test]
fn the_example_runs() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_example_postgres"));
    command.arg(SERVER.url());
    let output = child::finish("example_postgres", command);
    child::assert_success("example_postgres", &output);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("Sun has 8 planets") && said.contains("4 stars"), "{said}");
}
