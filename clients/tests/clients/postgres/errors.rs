//! Errors are the client's own, and later statements work.

use std::error::Error as _;
use std::io;
use std::net::TcpListener;

use bridgehead_clients::postgres::error::SqlState;
use bridgehead_clients::postgres::{Client, NoTls};
use bridgehead_tests::contexts::everywhere;

use super::{SERVER, assert_code, config, connect, one, with_table};

#[test]
fn errors_of_sql_have_their_code() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = with_table();
        assert_code(client.query("SELEKT 1", &[]), &SqlState::SYNTAX_ERROR);
        assert_code(client.prepare("SELECT nothing"), &SqlState::UNDEFINED_COLUMN);
        assert_code(client.query_one("SELECT 1 / 0", &[]), &SqlState::DIVISION_BY_ZERO);
        assert_code(client.batch_execute("SELECT * FROM nowhere"), &SqlState::UNDEFINED_TABLE);
        client.execute("INSERT INTO number VALUES (1)", &[]).expect("an insertion");
        let error = client.execute("INSERT INTO number VALUES (1)", &[]).expect_err("it is there");
        let db_error = error.as_db_error().expect("the server's");
        assert_eq!(
            (db_error.code(), db_error.table()),
            (&SqlState::UNIQUE_VIOLATION, Some("number"))
        );
        assert_eq!(one(&client, "SELECT 1"), 1);
    });
}

#[test]
fn an_error_among_the_rows() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = connect();
        let query = "SELECT 1 / (2000 - value) FROM generate_series(1, 3000) value";
        let mut rows = client.query_raw(query, Vec::<i32>::new()).expect("rows");
        assert_eq!(rows.by_ref().take_while(Result::is_ok).count(), 1999);
        assert!(rows.all(|row| row.is_err()));
        drop(rows);
        assert_eq!(one(&client, "SELECT 1"), 1);
    });
}

#[test]
fn a_wrong_parameter_is_found_here() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = connect();
        let error = client.query("SELECT $1::int", &[&"no number"]).expect_err("it is text");
        assert!(error.code().is_none() && error.source().is_some(), "{error:?}");
        assert_eq!(one(&client, "SELECT 1"), 1);
    });
}

#[test]
fn a_string_that_is_wrong() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let error = Client::connect("host=127.0.0.1 port=many", NoTls).expect_err("no number");
        assert!(
            error.source().is_some_and(|source| source.to_string().contains("port")),
            "{error:?}"
        );
    });
}

#[test]
fn no_reader_is_there() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port();
        drop(listener);
        let error = Client::connect(&format!("host=127.0.0.1 port={port} user=postgres"), NoTls);
        let error = error.expect_err("nobody listens");
        let source = error
            .source()
            .and_then(|source| source.downcast_ref::<io::Error>())
            .expect("the system's");
        assert_eq!(source.kind(), io::ErrorKind::ConnectionRefused);
    });
}

#[test]
fn the_server_refuses() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let result = config().dbname("nowhere").connect(NoTls);
        assert_code(result.map(|_| ()), &SqlState::INVALID_CATALOG_NAME);
    });
}
