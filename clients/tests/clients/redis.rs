//! The client of the `redis` crate, with one connection for all threads, against a real server. It
//! has the synchronous face of the example `redis`.

use std::process;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use bridgehead::{CallError, Runner};
use bridgehead_clients::redis::{Connection, Subscriber};
use bridgehead_tests::contexts::{everywhere, multi, single};
use bridgehead_tests::within;
use redis::{
    Client, Commands, ConnectionAddr, ConnectionLike, ErrorKind, RedisError, RedisResult,
    ServerErrorKind, Value, cmd, pipe,
};

use crate::servers::{Forwarder, Server};

const SHORT: Duration = Duration::from_millis(20);

static SERVER: Server = Server::named_by("BRIDGEHEAD_REDIS");

fn client() -> Client {
    Client::open(SERVER.url()).expect("a URL")
}

fn connect() -> Connection {
    Connection::open(&client()).expect("a connection")
}

/// The host and the port of the server.
fn address() -> (String, u16) {
    match client().get_connection_info().addr() {
        ConnectionAddr::Tcp(host, port) => (host.clone(), *port),
        other => panic!("expected a server on a TCP port, found {other}"),
    }
}

/// A new key: the server keeps what other tests and earlier processes have set.
fn key() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    static START: LazyLock<u128> = LazyLock::new(|| {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later").as_nanos()
    });
    format!("{}-{}-{}", process::id(), *START, COUNT.fetch_add(1, Ordering::Relaxed))
}

#[test]
fn commands() {
    if SERVER.is_missing() {
        return;
    }
    let shared = connect();
    everywhere(move |_| {
        for mut connection in [connect(), shared.clone()] {
            let (key, none) = (key(), key());
            let () = connection.set(&key, 41).expect("it is set");
            assert_eq!(connection.incr(&key, 1), Ok(42));
            assert_eq!(connection.get(&key), Ok(String::from("42")));
            assert_eq!(connection.get(none), Ok(None::<String>));
            assert_eq!(connection.get_db(), 0);
            assert!(connection.check_connection() && connection.is_open());
        }
    });
}

#[test]
fn bytes_that_are_packed_already() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let command = cmd("ECHO").arg(b"\r\n\0").get_packed_command();
        let answer = connect().req_packed_command(&command).expect("an answer");
        assert_eq!(answer, Value::BulkString(b"\r\n\0".to_vec()));
    });
}

#[test]
fn an_iterator_of_the_clients() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let (mut connection, key) = (connect(), key());
        let mut pipeline = pipe();
        for number in 0..1000 {
            pipeline.sadd(&key, number).ignore();
        }
        pipeline.exec(&mut connection).expect("they are added");
        let mut members: Vec<u32> = connection
            .sscan(&key)
            .expect("a cursor")
            .collect::<RedisResult<_>>()
            .expect("all of them");
        members.sort_unstable();
        assert!(members.into_iter().eq(0..1000));
    });
}

#[test]
fn pipelines() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let (mut connection, key) = (connect(), key());
        for atomic in [false, true] {
            let mut pipeline = pipe();
            if atomic {
                pipeline.atomic();
            }
            pipeline.set(&key, 1).ignore().incr(&key, 1).incr(&key, 5);
            assert_eq!(pipeline.query(&mut connection), Ok((2, 7)));
        }
    });
}

#[test]
fn transactions() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let (mut connection, mut other, key) = (connect(), connect(), key());
        let mut attempts = 0;
        let sum = redis::transaction(&mut connection, &[&key], |connection, pipeline| {
            attempts += 1;
            let value: Option<i32> = connection.get(&key)?;
            if attempts == 1 {
                // Another client changes the key first.
                let () = other.set(&key, 30)?;
            }
            pipeline
                .set(&key, value.unwrap_or(1) + 1)
                .ignore()
                .get(&key)
                .query::<Option<(i32,)>>(connection)
        });
        assert_eq!((sum, attempts), (Ok((31,)), 2));
    });
}

#[test]
fn an_error_is_the_clients_own() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let (mut connection, key) = (connect(), key());
        let () = connection.set(&key, "text").expect("it is set");
        let error: RedisError = connection.incr::<_, _, i32>(&key, 1).expect_err("no number");
        assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::ResponseError));
        assert!(connection.is_open());

        let nobody = Client::open("redis+unix:///nobody/is/there").expect("a URL");
        let error = Connection::open(&nobody).expect_err("nobody is there");
        assert_eq!(error.kind(), ErrorKind::Io);
    });
}

#[test]
fn messages() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let (mut connection, channel) = (connect(), key());
        let mut subscriber = Subscriber::open(&client()).expect("a connection");
        subscriber.subscribe(&channel).expect("a subscription");
        for number in 0..3 {
            let () = connection.publish(&channel, number).expect("it is sent");
        }
        let numbers = subscriber.on_message().take(2).map(|message| message.get_payload::<u32>());
        assert_eq!(numbers.collect::<RedisResult<Vec<_>>>(), Ok(vec![0, 1]));

        // Dropping an iterator loses no message.
        let mut messages = subscriber.on_message();
        let third = messages.next().expect("another").get_payload::<u32>();
        assert_eq!((third, messages.size_hint().1), (Ok(2), None));
        assert!(messages.next_timeout(SHORT).is_err_and(|error| error.is_timeout()));
    });
}

#[test]
fn waiting_for_an_element() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let (mut connection, mut other, key) = (connect(), connect(), key());
        assert_eq!(connection.blpop(&key, 0.01), Ok(None::<(String, u32)>));

        let list = key.clone();
        let pusher = thread::spawn(move || {
            thread::sleep(SHORT);
            other.rpush::<_, _, ()>(list, 7)
        });
        assert_eq!(connection.blpop(&key, 0.), Ok((key.clone(), 7)));
        pusher.join().expect("the thread").expect("it is pushed");

        let never = connection.command_timeout(cmd("BLPOP").arg(&key).arg(0), SHORT);
        assert!(matches!(never, Err(CallError::Timeout { .. })), "{never:?}");
    });
}

#[test]
fn callers_at_once() {
    if SERVER.is_missing() {
        return;
    }
    within("fifty threads and fifty tasks", || {
        let key = key();
        let connection = connect();
        let count = || {
            let (mut connection, key) = (connection.clone(), key.clone());
            move || (0..20).try_for_each(|_| connection.incr::<_, _, ()>(&key, 1))
        };
        let threads: Vec<_> = (0..50).map(|_| thread::spawn(count())).collect();
        multi(2).block_on(async {
            let tasks =
                (0..50).map(|_| count()).map(|mut count| tokio::spawn(async move { count() }));
            for task in tasks.collect::<Vec<_>>() {
                task.await.expect("the task").expect("it is counted");
            }
        });
        for thread in threads {
            thread.join().expect("the thread").expect("it is counted");
        }
        assert_eq!(connection.clone().get(&key), Ok(2000));
    });
}

#[test]
fn a_connection_outlives_the_runtime_where_it_was_opened() {
    if SERVER.is_missing() {
        return;
    }
    let (connections, undriven) = within("runtimes", || {
        let runner = Runner::new();
        let of_a_runner =
            runner.run(async { tokio::spawn(async { connect() }).await.expect("the task") });
        assert!(runner.close().is_clean());

        let gone = multi(1);
        let of_a_task = gone.block_on(gone.spawn(async { connect() })).expect("the task");
        drop(gone);

        let undriven = single();
        let of_blocking_work =
            undriven.block_on(undriven.spawn_blocking(connect)).expect("the work");
        ([of_a_runner, of_a_task, of_blocking_work], undriven)
    });
    everywhere(move |_| {
        for mut connection in connections.clone() {
            assert_eq!(connection.ping(), Ok(String::from("PONG")));
        }
    });
    drop(undriven);
}

#[test]
fn the_server_is_killed() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let server = Forwarder::to(address());
        let client = Client::open(format!("redis://127.0.0.1:{}", server.port())).expect("a URL");
        let mut connection = Connection::open(&client).expect("a connection");
        let mut subscriber = Subscriber::open(&client).expect("a connection");
        subscriber.subscribe("channel").expect("a subscription");
        let killer = thread::spawn(move || {
            thread::sleep(SHORT);
            drop(server);
        });
        let error =
            connection.blpop::<_, Option<(String, u32)>>("key", 0.).expect_err("nobody is there");
        assert!(error.is_unrecoverable_error(), "{error:?}");
        assert!(!connection.is_open());
        assert!(subscriber.on_message().next().is_none());
        killer.join().expect("the thread");

        let error = connection.ping::<String>().expect_err("nobody is there");
        assert!(error.is_unrecoverable_error(), "{error:?}");
    });
}
