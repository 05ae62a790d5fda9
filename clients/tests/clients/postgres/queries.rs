//! Statements and their results.

use std::io;
use std::sync::mpsc;
use std::time::Duration;

use bridgehead_clients::postgres::types::Type;
use bridgehead_clients::postgres::{GenericClient, NoTls, SimpleQueryMessage};
use bridgehead_tests::contexts::everywhere;

use super::{SERVER, address, config, config_of, connect, count, one, with_table};

#[test]
fn a_client_connects_by_a_string_asks_and_closes() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = connect();
        assert!(!client.is_closed());
        assert_eq!(one(&client, "SELECT 1"), 1);
        client.close().expect("nothing was wrong");
    });
}

#[test]
fn a_client_connects_by_a_config() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|case| {
        let mut config = config();
        assert!(config.get_user().is_some());
        let client = config
            .application_name(case.name)
            .connect_timeout(Duration::from_secs(20))
            .connect(NoTls);
        let row = client.expect("a connection").query_one("SHOW application_name", &[]);
        assert_eq!(row.expect("a row").get::<_, &str>(0), case.name);
    });
}

#[test]
fn a_config_is_built_from_nothing() {
    if SERVER.is_missing() {
        return;
    }
    assert_eq!(one(&config_of(address().1).connect(NoTls).expect("a connection"), "SELECT 2"), 2);
}

#[test]
fn statements_are_prepared_and_executed() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = with_table();
        let insert = client.prepare("INSERT INTO number VALUES ($1)").expect("a statement");
        assert_eq!(insert.params(), [Type::INT4]);
        for value in 0..5 {
            assert_eq!(client.execute(&insert, &[&value]).expect("an insertion"), 1);
        }
        assert_eq!(
            client.execute("DELETE FROM number WHERE value < $1", &[&2]).expect("a deletion"),
            2
        );
        let rows = client.query("SELECT value FROM number ORDER BY value", &[]).expect("rows");
        assert_eq!(rows.iter().map(|row| row.get(0)).collect::<Vec<i32>>(), [2, 3, 4]);
    });
}

#[test]
fn types_can_be_inspected() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = connect();
        let statement = client.prepare_typed("SELECT $1 + 1", &[Type::INT8]).expect("a statement");
        assert_eq!(client.query_one(&statement, &[&41_i64]).expect("a row").get::<_, i64>(0), 42);
    });
}

#[test]
fn one_row_or_none_or_an_error() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = connect();
        let none = "SELECT 1 WHERE false";
        let two = "SELECT generate_series(1, 2)";
        assert!(client.query_opt(none, &[]).expect("no error").is_none());
        assert_eq!(
            client.query_opt("SELECT 3", &[]).expect("no error").expect("a row").get::<_, i32>(0),
            3
        );
        client.query_one(none, &[]).expect_err("no row");
        client.query_one(two, &[]).expect_err("two rows");
        client.query_opt(two, &[]).expect_err("two rows");
        assert_eq!(one(&client, "SELECT 4"), 4);
    });
}

#[test]
fn rows_are_iterated_over() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = connect();
        let mut rows = client.query_raw("SELECT generate_series(1, $1)", [10_000]).expect("rows");
        assert_eq!(rows.get_ref().rows_affected(), None);
        let sum: i64 =
            rows.by_ref().map(|row| i64::from(row.expect("a row").get::<_, i32>(0))).sum();
        assert_eq!(sum, 50_005_000);
        assert_eq!(rows.get_ref().rows_affected(), Some(10_000));
        assert!(rows.next().is_none());
    });
}

/// The other rows are discarded, and don't get into the next result.
#[test]
fn half_of_the_rows_is_enough() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = connect();
        let rows =
            client.query_raw("SELECT generate_series(1, 50000)", Vec::<i32>::new()).expect("rows");
        let some: Result<Vec<_>, _> = rows.take(3).collect();
        assert_eq!(some.expect("rows").len(), 3);
        assert_eq!(one(&client, "SELECT 5"), 5);
        drop(
            client.query_raw("SELECT generate_series(1, 50000)", Vec::<i32>::new()).expect("rows"),
        );
        assert_eq!(one(&client, "SELECT 6"), 6);
    });
}

/// In one round trip, without preparing a statement.
#[test]
fn typed_queries() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let typed = |value: &'static i32| [(value as _, Type::INT4)];
        let inserted = client.execute_typed("INSERT INTO number VALUES ($1)", &typed(&1));
        assert_eq!(inserted.expect("an insertion"), 1);
        let query = "SELECT value FROM number WHERE value = $1";
        assert_eq!(client.query_typed(query, &typed(&1)).expect("rows").len(), 1);
        assert_eq!(client.query_typed_one(query, &typed(&1)).expect("a row").get::<_, i32>(0), 1);
        assert!(client.query_typed_opt(query, &typed(&2)).expect("no error").is_none());
        assert_eq!(client.query_typed_raw(query, [(1, Type::INT4)]).expect("rows").count(), 1);
    });
}

#[test]
fn simple_queries_are_of_many_statements() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = with_table();
        client
            .batch_execute("INSERT INTO number VALUES (1); INSERT INTO number VALUES (2)")
            .expect("both");
        let messages =
            client.simple_query("SELECT value FROM number; DELETE FROM number").expect("answers");
        let rows: Vec<_> = messages
            .iter()
            .filter_map(|message| match message {
                SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            })
            .collect();
        assert_eq!(rows, ["1", "2"]);
        assert!(matches!(messages.last(), Some(SimpleQueryMessage::CommandComplete(2))));
        assert_eq!(count(&client), 0);
    });
}

#[test]
fn values_arrive_as_they_were_sent() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = connect();
        let bytes: Vec<u8> = (0..300_000_u32).map(|number| number.to_le_bytes()[1]).collect();
        let (text, nothing) = ("Größe 😀 \u{1}", None::<f64>);
        let row = client.query_one(
            "SELECT $1::bytea, $2::text, $3::float8, $4::bool",
            &[&bytes, &text, &nothing, &true],
        );
        let row = row.expect("a row");
        assert!(row.get::<_, &[u8]>(0) == bytes);
        assert_eq!(
            (row.get::<_, &str>(1), row.get::<_, Option<f64>>(2), row.get(3)),
            (text, nothing, true)
        );
    });
}

#[test]
fn a_user_defined_type_is_looked_up() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = connect();
        client.batch_execute("CREATE TYPE pg_temp.mood AS ENUM ('sad', 'happy')").expect("a type");
        for _ in 0..2 {
            let statement = client.prepare("SELECT 'happy'::pg_temp.mood").expect("a statement");
            assert_eq!(statement.columns()[0].type_().name(), "mood");
            client.clear_type_cache();
        }
    });
}

#[test]
fn notices_are_reported() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let (sender, notices) = mpsc::channel();
        let mut config = config();
        config.notice_callback(move |notice| {
            sender.send(notice.message().to_owned()).expect("the test listens");
        });
        let client = config.connect(NoTls).expect("a connection");
        client.batch_execute("DO $$ BEGIN RAISE NOTICE 'look'; END $$").expect("a notice");
        assert_eq!(notices.recv().expect("the notice"), "look");
    });
}

#[test]
fn the_connection_can_be_checked() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let client = connect();
        client.check_connection().expect("a server");
        client
            .check_connection_timeout(Duration::from_secs(20))
            .expect("in time")
            .expect("a server");
    });
}

/// Synchronous code that accepts a client and a transaction.
fn fill<C: GenericClient>(client: &mut C) {
    let insert = client.prepare("INSERT INTO number VALUES ($1)").expect("a statement");
    assert_eq!(client.execute(&insert, &[&1]).expect("a row"), 1);
    assert_eq!(
        client.execute_typed("INSERT INTO number VALUES ($1)", &[(&2, Type::INT4)]).expect("a row"),
        1
    );
    client.copy_in("COPY number FROM STDIN").expect("a writer").finish().expect("no row");
    let savepoint = client.transaction().expect("a transaction");
    savepoint.batch_execute("INSERT INTO number VALUES (3)").expect("a row");
    drop(savepoint);
    let query = "SELECT value FROM number ORDER BY value";
    let rows = client.query_raw(query, Vec::<i32>::new()).expect("rows");
    let values: Vec<i32> = rows.map(|row| row.expect("a row").get(0)).collect();
    assert_eq!(values, [1, 2]);
    assert_eq!(client.query(query, &[]).expect("rows").len(), 2);
    assert!(client.query_opt("SELECT 1 WHERE false", &[]).expect("an answer").is_none());
    let text = io::read_to_string(client.copy_out("COPY number TO STDOUT").expect("a reader"));
    assert_eq!(text.expect("text"), "1\n2\n");
}

#[test]
fn a_client_and_a_transaction_are_generic_clients() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let mut transaction = client.transaction().expect("a transaction");
        fill(&mut transaction);
        transaction.rollback().expect("a rollback");
        assert_eq!(count(&client), 0);
        fill(&mut client);
        assert_eq!(count(&client), 2);
    });
}
