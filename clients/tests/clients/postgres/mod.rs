//! The client of the example `postgres` against a real server, in every context.

mod copy;
mod endings;
mod errors;
mod limits;
mod notifications;
mod places;
mod queries;
mod transactions;

use std::env;
use std::path::PathBuf;
use std::process::Command;

use bridgehead_clients::postgres::error::SqlState;
use bridgehead_clients::postgres::{Client, Config, Error, NoTls};
use bridgehead_tests::child;
use tokio_postgres::config::Host;

use crate::servers::Server;

static SERVER: Server = Server::named_by("BRIDGEHEAD_POSTGRES");

fn config() -> Config {
    SERVER.url().parse().expect("a connection string")
}

/// The configuration of the same user, for a server on this port of the loopback interface.
fn config_of(port: u16) -> Config {
    let named = config();
    let mut config = Client::configure();
    config.host("127.0.0.1").port(port).user(named.get_user().expect("a user"));
    if let Some(name) = named.get_dbname() {
        config.dbname(name);
    }
    if let Some(password) = named.get_password() {
        config.password(password);
    }
    config
}

/// The host and the port of the server.
fn address() -> (String, u16) {
    let config = config();
    match config.get_hosts() {
        [Host::Tcp(host), ..] => {
            (host.clone(), config.get_ports().first().copied().unwrap_or(5432))
        }
        hosts => panic!("expected a server on a TCP port, found {hosts:?}"),
    }
}

fn connect() -> Client {
    Client::connect(&SERVER.url(), NoTls).expect("a connection")
}

/// A client with a table of its own, of unique numbers.
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

/// The number of the server's process for this client, which is then idle.
fn process(client: &Client) -> i32 {
    let process = one(client, "SELECT pg_backend_pid()");
    // By then the server has closed the statement, too.
    client.check_connection().expect("a server");
    process
}

#[track_caller]
fn assert_code<T>(result: Result<T, Error>, code: &SqlState) {
    let error = result.err().expect("an error");
    assert_eq!(error.code(), Some(code), "{error:?}");
}

/// The example program. `cargo test` builds it, unless it is run for a single executable.
fn example() -> PathBuf {
    let executable = env::current_exe().expect("the test executable");
    let folder = executable.ancestors().nth(2).expect("the folder of the profile");
    folder.join(format!("examples/postgres{}", env::consts::EXE_SUFFIX))
}

#[test]
fn the_example_runs() {
    if SERVER.is_missing() {
        return;
    }
    let example = example();
    if !example.exists() {
        eprintln!("skipped: the example is not built");
        return;
    }
    let mut command = Command::new(example);
    command.arg(SERVER.url());
    let output = child::finish("example_postgres", command);
    child::assert_success("example_postgres", &output);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("Sun has 8 planets") && said.contains("4 stars"), "{said}");
}
