//! Servers, connections and runtimes that end too early: nothing hangs, and the errors are the
//! client's.

use std::io::{self, BufRead, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::servers::Forwarder;
use bridgehead::Runner;
use bridgehead_clients::postgres::error::SqlState;
use bridgehead_clients::postgres::{Client, Error, NoTls};
use bridgehead_tests::contexts::{everywhere, multi};
use bridgehead_tests::within;

use super::{SERVER, address, assert_code, config_of, connect, process};

const LONG: &str = "SELECT pg_sleep(20)";

fn terminate(process: i32) {
    connect().execute("SELECT pg_terminate_backend($1)", &[&process]).expect("it is ended");
}

#[test]
fn a_connection_that_is_ended_by_the_server_while_it_is_idle() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = connect();
        terminate(process(&client));
        // Whether the client has noticed the end or not.
        let error = client.query("SELECT 1", &[]).expect_err("there is no connection");
        assert!(error.is_closed() || error.code() == Some(&SqlState::ADMIN_SHUTDOWN), "{error:?}");
        let error = client.query("SELECT 1", &[]).expect_err("there is no connection");
        assert!(error.is_closed() && client.is_closed(), "{error:?}");
    });
}

/// The reason is kept until then.
#[test]
fn why_a_connection_ended_is_reported_at_the_end() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = connect();
        terminate(process(&client));
        assert_eq!(client.notifications().blocking_iter().count(), 0);
        assert_code(client.close(), &SqlState::ADMIN_SHUTDOWN);
    });
}

#[test]
fn a_connection_that_is_ended_by_the_server_while_a_statement_runs() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = connect();
        let process = process(&client);
        let other = thread::spawn(move || {
            thread::sleep(Duration::from_millis(10));
            terminate(process);
        });
        assert_code(client.query(LONG, &[]), &SqlState::ADMIN_SHUTDOWN);
        other.join().expect("the other thread");
        assert!(client.query("SELECT 1", &[]).expect_err("there is no connection").is_closed());
    });
}

#[test]
fn a_server_that_is_stopped_while_statements_run() {
    if SERVER.is_missing() {
        return;
    }
    within("eight threads", || {
        let server = Forwarder::to(address());
        let connect = || config_of(server.port()).connect(NoTls).expect("a connection");
        let clients: Vec<_> = (0..8).map(|_| connect()).collect();
        let idle = connect();
        let calls: Vec<_> = clients
            .into_iter()
            .map(|client| thread::spawn(move || client.query(LONG, &[])))
            .collect();
        thread::sleep(Duration::from_millis(50));
        drop(server);
        for call in calls {
            call.join().expect("no panic").expect_err("the server is gone");
        }
        idle.query("SELECT 1", &[]).expect_err("the server is gone");
    });
}

/// A connection to the server that is cut after this many bytes from the server.
fn cut_after(bytes: u64) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    thread::spawn(move || {
        let (mut ours, _) = listener.accept().expect("a client");
        let theirs = TcpStream::connect(address()).expect("the server");
        let (mut from, mut to) =
            (ours.try_clone().expect("a socket"), theirs.try_clone().expect("a socket"));
        // Either direction may end first.
        thread::spawn(move || io::copy(&mut from, &mut to));
        let _ = io::copy(&mut (&theirs).take(bytes), &mut ours);
        let _ = ours.shutdown(Shutdown::Both);
        let _ = theirs.shutdown(Shutdown::Both);
    });
    config_of(port).connect(NoTls).expect("a connection")
}

#[test]
fn a_connection_that_is_cut_among_the_rows() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = cut_after(100_000);
        let mut rows =
            client.query_raw("SELECT generate_series(1, 100000)", Vec::<i32>::new()).expect("rows");
        let whole = rows.by_ref().take_while(Result::is_ok).count();
        assert!(whole > 1000 && whole < 20_000, "{whole}");
        drop(rows);
        assert!(client.query("SELECT 1", &[]).expect_err("there is no connection").is_closed());
    });
}

#[test]
fn a_connection_that_is_cut_while_data_is_read() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = cut_after(100_000);
        let mut reader = client
            .copy_out("COPY (SELECT generate_series(1, 100000)) TO STDOUT")
            .expect("a reader");
        let error = reader.by_ref().lines().find_map(Result::err).expect("an error");
        let source = error
            .get_ref()
            .and_then(|source| source.downcast_ref::<Error>())
            .expect("the client's");
        assert!(source.is_closed(), "{source:?}");
    });
}

#[test]
fn a_connection_that_is_cut_while_data_is_written() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = connect();
        client.batch_execute("CREATE TEMPORARY TABLE line (text text)").expect("a table");
        let process = process(&client);
        let mut writer = client.copy_in("COPY line FROM STDIN").expect("a writer");
        writer.write_all(b"one\n").expect("a line");
        writer.flush().expect("sent");
        terminate(process);
        // Some more lines may fit into buffers.
        let mut line = [b'x'; 10_000];
        line[9_999] = b'\n';
        let error = loop {
            if let Err(error) = writer.write_all(&line) {
                break error;
            }
        };
        let source = error
            .get_ref()
            .and_then(|source| source.downcast_ref::<Error>())
            .expect("the client's");
        assert!(source.is_closed(), "{source:?}");
        writer.finish().expect_err("there is no connection");
    });
}

#[test]
fn a_client_whose_runtime_has_been_closed() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        // On a thread of its own, since a run is refused where another one runs.
        let client = thread::spawn(|| {
            let runner = Runner::builder().worker_threads(1).build();
            let client = runner.run(async { connect() });
            let _ = runner.close();
            client
        });
        let client = client.join().expect("no panic");
        assert!(client.is_closed());
        assert!(client.query("SELECT 1", &[]).expect_err("there is no connection").is_closed());
        client.close().expect("it is closed");
    });
}

#[test]
fn a_runtime_that_is_closed_while_a_statement_runs() {
    if SERVER.is_missing() {
        return;
    }
    within("a plain thread", || {
        let runner = Runner::new();
        let client = runner.run(async { connect() });
        let (running, runs) = mpsc::channel();
        let call = thread::spawn(move || {
            running.send(()).expect("the test listens");
            client.query(LONG, &[])
        });
        runs.recv().expect("the call");
        thread::sleep(Duration::from_millis(20));
        let _ = runner.close();
        let error = call.join().expect("no panic").expect_err("the connection has ended");
        assert!(error.is_closed(), "{error:?}");
    });
}

/// In some contexts no runtime is left that could close the connection in order.
#[test]
fn a_client_that_is_dropped_closes_its_connection() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = connect();
        let process = process(&client);
        drop(client);
        let other = connect();
        let is_there = "SELECT count(*)::int FROM pg_stat_activity WHERE pid = $1";
        while other.query_one(is_there, &[&process]).expect("a row").get::<_, i32>(0) > 0 {
            thread::sleep(Duration::from_millis(2));
        }
    });
}

#[test]
fn a_client_in_a_task_of_a_runtime_that_is_dropped() {
    if SERVER.is_missing() {
        return;
    }
    within("a worker", || {
        let runtime = multi(2);
        let (started, starts) = mpsc::channel();
        runtime.spawn(async move {
            let client = connect();
            let process = process(&client);
            started.send(process).expect("the test listens");
            // The test or the end of the connection ends the statement.
            client.query(LONG, &[]).expect_err("the connection has ended");
        });
        let process = starts.recv().expect("the task runs");
        runtime.shutdown_background();
        let other = connect();
        // The server notices that the client is gone once the statement has ended.
        let is_there = "SELECT count(*)::int FROM pg_stat_activity WHERE pid = $1";
        while other.query_one(is_there, &[&process]).expect("a row").get::<_, i32>(0) > 0 {
            other.execute("SELECT pg_cancel_backend($1)", &[&process]).expect("a cancellation");
            thread::sleep(Duration::from_millis(2));
        }
    });
}
