//! The contexts in which a client is opened, and those in which it is used.

use std::panic;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use bridgehead::{ThreadContext, sync_call};
use bridgehead_clients::postgres::{AsyncClient, Client, NoTls};
use bridgehead_tests::contexts::{CASES, everywhere, multi, single};
use bridgehead_tests::{DEADLINE, Outcome, outcome, within};

use super::{SERVER, connect, count, one, with_table};

/// The crate `postgres` panics here, since it blocks on a runtime of its own.
#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn inside_a_runtime_where_postgres_panics() {
    if SERVER.is_missing() {
        return;
    }
    for case in CASES {
        let result = outcome(DEADLINE, || {
            let (send, receive) = mpsc::channel();
            (case.run)(Box::new(move || {
                let query = || {
                    let mut client =
                        ::postgres::Client::connect(&SERVER.url(), NoTls).expect("a connection");
                    assert_eq!(
                        client.query_one("SELECT 1", &[]).expect("a row").get::<_, i32>(0),
                        1
                    );
                };
                // The job may run in a destructor while the thread panics: a second panic would
                // abort the process.
                send.send(panic::catch_unwind(query)).expect("somebody waits");
            }));
            let result = receive.recv().expect("the job was run");
            result.unwrap_or_else(|payload| panic::resume_unwind(payload));
        });
        match (case.context, result) {
            (ThreadContext::Worker | ThreadContext::Driver, Outcome::Panicked(message)) => {
                assert!(
                    message.contains("Cannot start a runtime from within a runtime"),
                    "{}: {message}",
                    case.name
                );
            }
            (ThreadContext::Worker | ThreadContext::Driver, result) => {
                panic!("{}: {result:?}", case.name)
            }
            _ => (),
        }
    }
    everywhere(|_| assert_eq!(one(&connect(), "SELECT 1"), 1));
}

/// As in a test of async code.
#[tokio::test]
async fn in_a_tokio_test() {
    if SERVER.is_missing() {
        return;
    }
    let client = connect();
    assert_eq!(one(&client, "SELECT 1"), 1);
    let in_task = tokio::spawn(async move { one(&client, "SELECT 2") });
    assert_eq!(in_task.await.expect("the task"), 2);
}

/// A client that was opened on a plain thread works in every context.
#[test]
fn one_client_serves_every_context() {
    if SERVER.is_missing() {
        return;
    }
    let client = Arc::new(connect());
    everywhere(move |_| {
        for number in 1..4 {
            let row = client.query_one("SELECT $1::int", &[&number]).expect("a row");
            assert_eq!(row.get::<_, i32>(0), number);
        }
    });
}

/// A client can be used on other threads and in nested calls as long as its runtime lives.
#[test]
fn a_client_is_taken_along() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = connect();
        let plain = thread::scope(|scope| scope.spawn(|| one(&client, "SELECT 1")).join());
        assert_eq!(plain.expect("no panic"), 1);
        let nested = sync_call!(async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            one(&client, "SELECT 2")
        });
        assert_eq!(nested, 2);
    });
}

/// A client is opened on a blocking thread of a current-thread runtime. Its connection must not
/// belong to that runtime, whose thread is going to wait for the client.
#[test]
fn a_connection_does_not_stand_still_with_the_thread() {
    if SERVER.is_missing() {
        return;
    }
    within("current-thread block_on", || {
        single().block_on(async {
            let client = tokio::task::spawn_blocking(connect).await.expect("the work");
            assert_eq!(one(&client, "SELECT 1"), 1);
            let client = AsyncClient::connect(&SERVER.url(), NoTls).await.expect("a connection");
            assert_eq!(one(&Client::from(client), "SELECT 2"), 2);
        });
    });
}

/// Both use the same connection, by turns.
#[test]
fn async_and_synchronous_code_share_a_client() {
    if SERVER.is_missing() {
        return;
    }
    within("a worker", || {
        let runtime = multi(1);
        let task = runtime.spawn(async {
            let mut client = with_table();
            client.execute("INSERT INTO number VALUES (1)", &[]).expect("an insertion");
            let transaction = client.as_mut().transaction().await.expect("a transaction");
            transaction.execute("INSERT INTO number VALUES (2)", &[]).await.expect("an insertion");
            transaction.commit().await.expect("a commit");
            assert_eq!(count(&client), 2);
            let client = AsyncClient::from(client);
            client.query_one("SELECT 1", &[]).await.expect("a row");
            client.close().await.expect("nothing was wrong");
        });
        runtime.block_on(task).expect("no panic");
    });
}

#[test]
fn thirty_two_threads_share_a_client() {
    if SERVER.is_missing() {
        return;
    }
    within("plain threads", || {
        let client = connect();
        let statement = client.prepare("SELECT $1::int + 1").expect("a statement");
        thread::scope(|scope| {
            for thread in 0..32 {
                let (client, statement) = (&client, &statement);
                scope.spawn(move || {
                    for number in 0..100 {
                        let number = 1000 * thread + number;
                        let row = client.query_one(statement, &[&number]).expect("a row");
                        assert_eq!(row.get::<_, i32>(0), number + 1);
                    }
                });
            }
        });
    });
}

#[test]
fn tasks_that_outnumber_the_workers_share_a_client() {
    if SERVER.is_missing() {
        return;
    }
    within("64 tasks on 2 workers", || {
        multi(2).block_on(async {
            let client = Arc::new(connect());
            let tasks = (0..64).map(|number| {
                let client = Arc::clone(&client);
                tokio::spawn(async move {
                    for _ in 0..20 {
                        let row = client.query_one("SELECT $1::int", &[&number]).expect("a row");
                        assert_eq!(row.get::<_, i32>(0), number);
                    }
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.expect("no panic");
            }
        });
    });
}

#[test]
fn thirty_two_clients_at_once() {
    if SERVER.is_missing() {
        return;
    }
    within("threads and tasks", || {
        let runtime = multi(2);
        let (sender, receiver) = mpsc::channel();
        for number in 0..32 {
            let sender = sender.clone();
            let work = move || {
                let client = with_table();
                client.execute("INSERT INTO number VALUES ($1)", &[&number]).expect("an insertion");
                sender.send(count(&client)).expect("the test listens");
            };
            if number % 2 == 0 {
                thread::spawn(work);
            } else {
                runtime.spawn(async move { work() });
            }
        }
        drop(sender);
        assert_eq!(receiver.iter().sum::<i32>(), 32);
    });
}

/// A row iterator calls back, and the callback uses another client.
#[test]
fn queries_for_each_row() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let (mut client, other) = (connect(), connect());
        let rows =
            client.query_raw("SELECT generate_series(1, 5)", Vec::<i32>::new()).expect("rows");
        let doubled: Vec<i32> = rows
            .map(|row| {
                let number: i32 = row.expect("a row").get(0);
                other.query_one("SELECT 2 * $1::int", &[&number]).expect("a row").get(0)
            })
            .collect();
        assert_eq!(doubled, [2, 4, 6, 8, 10]);
    });
}
