//! Timeouts and cancelling.

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use bridgehead::CallError;
use bridgehead_clients::postgres::error::SqlState;
use bridgehead_clients::postgres::{Client, NoTls};
use bridgehead_tests::contexts::everywhere;

use super::{SERVER, assert_code, connect, count, one, process, with_table};

const SHORT: Duration = Duration::from_millis(5);
const LONG: &str = "SELECT pg_sleep(3600)";

/// Waits until the server sleeps in [`LONG`] for a client. Between the messages of a statement
/// there is nothing to cancel, although the server reports it as active there, too.
fn wait_until_it_sleeps(other: &Client, process: i32) {
    let sleeps = "SELECT count(*)::int FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep' AND query = $2";
    while other.query_one(sleeps, &[&process, &LONG]).expect("a row").get::<_, i32>(0) == 0 {
        thread::sleep(Duration::from_millis(2));
    }
}

/// Ends [`LONG`] without a token: for a token the server sends two signals, and the second could
/// meet the next statement.
fn cancel(process: i32) {
    let other = connect();
    wait_until_it_sleeps(&other, process);
    let row = other.query_one("SELECT pg_cancel_backend($1)", &[&process]).expect("a row");
    assert!(row.get::<_, bool>(0));
}

/// The server doesn't know of a timeout, so the statement has to be cancelled before the next one
/// can be executed.
#[test]
fn a_statement_that_takes_too_long() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = connect();
        let process = process(&client);
        let statement = client.prepare(LONG).expect("a statement");
        let (line, result) = (line!(), client.execute_timeout(&statement, &[], SHORT));
        let error = result.expect_err("an hour is longer");
        assert!(error.is_timeout(), "{error:?}");
        assert_eq!((error.location().file(), error.location().line()), (file!(), line));
        cancel(process);
        assert_eq!(one(&client, "SELECT 1"), 1);
    });
}

#[test]
fn what_is_in_time_is_not_hindered() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = connect();
        let row = client
            .query_one_timeout("SELECT 1", &[], Duration::MAX)
            .expect("in time")
            .expect("a row");
        assert_eq!(row.get::<_, i32>(0), 1);
        let result = client.query_timeout("SELECT 1 / 0", &[], Duration::MAX).expect("in time");
        assert_code(result, &SqlState::DIVISION_BY_ZERO);
    });
}

#[test]
fn a_statement_timeout_of_the_server() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = connect();
        client.batch_execute("SET statement_timeout = 5").expect("a setting");
        assert_code(client.query(LONG, &[]), &SqlState::QUERY_CANCELED);
        client.batch_execute("RESET statement_timeout").expect("a setting");
    });
}

#[test]
fn another_thread_cancels() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = connect();
        let (process, token) = (process(&client), client.cancel_token());
        let canceller = thread::spawn(move || {
            wait_until_it_sleeps(&connect(), process);
            token.cancel_query(NoTls).expect("a connection");
        });
        assert_code(client.query(LONG, &[]), &SqlState::QUERY_CANCELED);
        canceller.join().expect("the other thread");
    });
}

#[test]
fn a_statement_of_a_transaction_that_takes_too_long() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let process = process(&client);
        let transaction = client.transaction().expect("a transaction");
        transaction.execute("INSERT INTO number VALUES (1)", &[]).expect("an insertion");
        let statement = transaction.prepare(LONG).expect("a statement");
        let error =
            transaction.query_timeout(&statement, &[], SHORT).expect_err("an hour is longer");
        assert!(error.is_timeout(), "{error:?}");
        cancel(process);
        transaction.rollback().expect("a rollback");
        assert_eq!(count(&client), 0);
    });
}

/// Some of the rows arrive, and then none for too long.
#[test]
fn a_row_that_takes_too_long() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = connect();
        let token = client.cancel_token();
        let query = "SELECT value, CASE value WHEN 9000 THEN pg_sleep(3600) END FROM generate_series(1, 9000) value";
        let mut rows = client.query_raw(query, Vec::<i32>::new()).expect("rows");
        let error = loop {
            match rows.next_timeout(Duration::from_millis(50)) {
                Ok(row) => drop(row.expect("more rows").expect("a row")),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, CallError::Timeout { .. }), "{error:?}");
        let cancelled = token.cancel_query_timeout(NoTls, Duration::from_secs(20));
        cancelled.expect("in time").expect("a connection");
        assert_code(rows.try_for_each(|row| row.map(drop)), &SqlState::QUERY_CANCELED);
    });
}

#[test]
fn a_server_that_sends_nothing() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!(
            "host=127.0.0.1 port={} user=a",
            listener.local_addr().expect("its address").port()
        );
        let error = Client::connect_timeout(&url, NoTls, SHORT).expect_err("no answer");
        assert!(error.is_timeout(), "{error:?}");
    });
}

/// A transaction that is abandoned before it has begun doesn't stay open.
#[test]
fn a_transaction_that_takes_too_long_to_begin() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let process = process(&client);
        // The server is still busy with another statement.
        let statement = client.prepare(LONG).expect("a statement");
        client.execute_timeout(&statement, &[], Duration::ZERO).expect_err("an hour is longer");
        client.transaction_timeout(Duration::ZERO).err().expect("no time at all");
        cancel(process);
        client.execute("INSERT INTO number VALUES (1)", &[]).expect("an insertion");
        client.batch_execute("ROLLBACK").expect("a warning");
        assert_eq!(count(&client), 1);
    });
}
