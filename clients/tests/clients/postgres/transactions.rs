//! Transactions, savepoints and portals.

use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::time::Duration;

use bridgehead_clients::postgres::IsolationLevel;
use bridgehead_clients::postgres::error::SqlState;
use bridgehead_tests::contexts::{everywhere, multi};
use bridgehead_tests::within;

use super::{SERVER, assert_code, connect, count, one, with_table};

const INSERT: &str = "INSERT INTO number VALUES ($1)";

#[test]
fn a_commit_keeps_and_a_rollback_undoes() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let transaction = client.transaction().expect("a transaction");
        transaction.execute(INSERT, &[&1]).expect("an insertion");
        transaction.commit().expect("a commit");
        let transaction = client.transaction().expect("a transaction");
        transaction.execute(INSERT, &[&2]).expect("an insertion");
        transaction.rollback().expect("a rollback");
        assert_eq!(count(&client), 1);
    });
}

#[test]
fn a_drop_undoes() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let transaction = client.transaction().expect("a transaction");
        transaction.execute(INSERT, &[&1]).expect("an insertion");
        drop(transaction);
        assert_eq!(count(&client), 0);
        client.execute(INSERT, &[&1]).expect("no transaction is open any more");
        assert_eq!(count(&client), 1);
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_panic_undoes() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let payload = panic::catch_unwind(AssertUnwindSafe(|| {
            let transaction = client.transaction().expect("a transaction");
            transaction.execute(INSERT, &[&1]).expect("an insertion");
            panic::resume_unwind(Box::new("of the test"));
        }));
        payload.expect_err("the panic");
        assert_eq!(count(&client), 0);
    });
}

#[test]
fn transactions_nest() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let mut outer = client.transaction().expect("a transaction");
        outer.execute(INSERT, &[&1]).expect("an insertion");
        let mut middle = outer.transaction().expect("a savepoint");
        middle.execute(INSERT, &[&2]).expect("an insertion");
        let inner = middle.savepoint("named").expect("a savepoint");
        inner.execute(INSERT, &[&3]).expect("an insertion");
        drop(inner);
        middle.commit().expect("it is released");
        outer.transaction().expect("a savepoint").execute(INSERT, &[&4]).expect("an insertion");
        outer.savepoint("other").expect("a savepoint").rollback().expect("nothing to undo");
        outer.commit().expect("a commit");
        let rows = client.query("SELECT value FROM number ORDER BY value", &[]).expect("rows");
        assert_eq!(rows.iter().map(|row| row.get(0)).collect::<Vec<i32>>(), [1, 2]);
    });
}

#[test]
fn a_transaction_that_failed_is_of_no_use_until_it_is_undone() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let mut transaction = client.transaction().expect("a transaction");
        transaction.execute(INSERT, &[&1]).expect("an insertion");
        let nested = transaction.transaction().expect("a savepoint");
        assert_code(nested.execute(INSERT, &[&1]), &SqlState::UNIQUE_VIOLATION);
        assert_code(nested.query("SELECT 1", &[]), &SqlState::IN_FAILED_SQL_TRANSACTION);
        nested.rollback().expect("a rollback");
        transaction.execute(INSERT, &[&2]).expect("an insertion");
        transaction.commit().expect("a commit");
        assert_eq!(count(&client), 2);
    });
}

#[test]
fn a_transaction_is_built() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let builder = client.build_transaction().isolation_level(IsolationLevel::Serializable);
        let transaction = builder.read_only(true).deferrable(true).start().expect("a transaction");
        let level = transaction.query_one("SHOW transaction_isolation", &[]).expect("a row");
        assert_eq!(level.get::<_, &str>(0), "serializable");
        assert_code(
            transaction.execute("CREATE TABLE never (value int)", &[]),
            &SqlState::READ_ONLY_SQL_TRANSACTION,
        );
    });
}

#[test]
fn a_portal_gives_rows_in_portions() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = connect();
        let mut transaction = client.transaction().expect("a transaction");
        let portal = transaction.bind("SELECT generate_series(1, $1)", &[&10]).expect("a portal");
        let portion = |rows: Vec<bridgehead_clients::postgres::Row>| {
            rows.iter().map(|row| row.get(0)).collect::<Vec<i32>>()
        };
        assert_eq!(portion(transaction.query_portal(&portal, 4).expect("rows")), [1, 2, 3, 4]);
        let rows: Result<_, _> = transaction.query_portal_raw(&portal, 2).expect("rows").collect();
        assert_eq!(portion(rows.expect("rows")), [5, 6]);
        assert_eq!(portion(transaction.query_portal(&portal, 0).expect("rows")), [7, 8, 9, 10]);
        assert_eq!(
            portion(transaction.query_portal(&portal, 0).expect("no more")),
            Vec::<i32>::new()
        );
    });
}

#[test]
fn queries_of_every_kind_in_a_transaction() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let mut transaction = client.transaction().expect("a transaction");
        let insert = transaction.prepare(INSERT).expect("a statement");
        transaction.execute(&insert, &[&1]).expect("an insertion");
        transaction.batch_execute("INSERT INTO number VALUES (2)").expect("an insertion");
        assert_eq!(
            transaction.query_raw("SELECT * FROM number", Vec::<i32>::new()).expect("rows").count(),
            2
        );
        assert!(transaction.query_opt("SELECT 1 WHERE false", &[]).expect("no error").is_none());
        let in_time = transaction.query_one_timeout("SELECT 7", &[], Duration::from_secs(20));
        assert_eq!(in_time.expect("in time").expect("a row").get::<_, i32>(0), 7);
        transaction.simple_query("DELETE FROM number").expect("a deletion");
        transaction.commit().expect("a commit");
        assert_eq!(count(&client), 0);
    });
}

/// Synchronous code can't be stopped, so the task is dropped at its next `.await`.
#[test]
fn a_transaction_in_a_task_that_is_aborted_is_undone() {
    if SERVER.is_missing() {
        return;
    }
    within("a task on a worker", || {
        let other = connect();
        other
            .batch_execute("DROP TABLE IF EXISTS aborted; CREATE TABLE aborted (value int)")
            .expect("a table");
        let (sender, begun) = mpsc::channel();
        let runtime = multi(2);
        let task = runtime.spawn(async move {
            let mut client = connect();
            let transaction = client.transaction().expect("a transaction");
            transaction.execute("INSERT INTO aborted VALUES (1)", &[]).expect("an insertion");
            sender.send(()).expect("the test listens");
            std::future::pending::<()>().await;
            transaction.commit().expect("a commit");
        });
        begun.recv().expect("the task runs");
        task.abort();
        runtime.block_on(task).expect_err("it was aborted");
        // The lock is granted when the transaction has ended.
        other.batch_execute("LOCK TABLE aborted; SELECT 1").unwrap_or(());
        assert_eq!(one(&other, "SELECT count(*)::int FROM aborted"), 0);
        other.batch_execute("DROP TABLE aborted").expect("no lock is held");
    });
}
