//! COPY, through std's readers and writers.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use bridgehead_clients::postgres::error::SqlState;
use bridgehead_clients::postgres::types::{ToSql, Type};
use bridgehead_clients::postgres::{BinaryCopyInWriter, BinaryCopyOutIter, Error};
use bridgehead_tests::contexts::everywhere;
use bridgehead_tests::within;

use super::{SERVER, assert_code, connect, count, one, with_table};

const IN: &str = "COPY number FROM STDIN";

#[test]
fn small_pieces_go_in_and_come_out() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let mut writer = client.copy_in(IN).expect("a writer");
        for value in 0..2000 {
            writeln!(writer, "{value}").expect("a line");
        }
        writer.flush().expect("sent");
        assert_eq!(writer.finish().expect("the end"), 2000);

        let reader = client
            .copy_out("COPY (SELECT * FROM number ORDER BY value) TO STDOUT")
            .expect("a reader");
        for (value, line) in reader.lines().enumerate() {
            assert_eq!(line.expect("a line"), value.to_string());
        }
        assert_eq!(count(&client), 2000);
    });
}

#[test]
fn nothing_can_be_copied_too() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        assert_eq!(client.copy_in(IN).expect("a writer").finish().expect("the end"), 0);
        let mut reader = client.copy_out("COPY number TO STDOUT").expect("a reader");
        assert_eq!(reader.read(&mut [0; 8]).expect("the end"), 0);
        assert_eq!(reader.read(&mut [0; 8]).expect("the end, still"), 0);
    });
}

#[test]
fn empty_reads_and_writes_do_nothing() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let mut writer = client.copy_in(IN).expect("a writer");
        assert_eq!(writer.write(&[]).expect("nothing"), 0);
        writer.write_all(b"1\n").expect("a line");
        assert_eq!(writer.write(&[]).expect("nothing"), 0);
        writer.finish().expect("the end");
        let mut reader = client.copy_out("COPY number TO STDOUT").expect("a reader");
        assert_eq!(reader.read(&mut []).expect("nothing"), 0);
        assert_eq!(io::read_to_string(reader).expect("text"), "1\n");
    });
}

#[test]
fn what_is_dropped_is_not_copied() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let mut writer = client.copy_in(IN).expect("a writer");
        writer.write_all("1\n2\n".repeat(10_000).as_bytes()).expect("lines");
        drop(writer);
        assert_eq!(count(&client), 0);
    });
}

#[test]
fn wrong_data_is_reported_at_the_end() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let mut writer = client.copy_in(IN).expect("a writer");
        writer.write_all(b"1\nno number\n").expect("it is sent");
        writer.flush().expect("it is sent");
        assert_code(writer.finish(), &SqlState::INVALID_TEXT_REPRESENTATION);
        assert_eq!(count(&client), 0);
    });
}

/// Each copy has a client of its own. After a `copy_in` that the server refuses, tokio-postgres
/// takes each answer for that of the statement before.
#[test]
fn a_copy_that_is_refused() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let copied = connect().copy_in("COPY nowhere FROM STDIN").map(drop);
        assert_code(copied, &SqlState::UNDEFINED_TABLE);
        let copied = connect().copy_out("COPY nowhere TO STDOUT").map(drop);
        assert_code(copied, &SqlState::UNDEFINED_TABLE);
    });
}

/// The rest of the data is discarded.
#[test]
fn a_reader_may_be_dropped_half_way() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let query = "COPY (SELECT generate_series(1, 50000)) TO STDOUT";
        let mut reader = client.copy_out(query).expect("a reader");
        let mut start = [0; 4];
        reader.read_exact(&mut start).expect("four bytes");
        assert_eq!(start, *b"1\n2\n");
        drop(reader);
        assert_eq!(one(&client, "SELECT 1"), 1);
    });
}

/// The reader returns the error, which wraps the client's own.
#[test]
fn an_error_half_way_is_found_in_the_readers() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let query =
            "COPY (SELECT 1 / (20000 - value) FROM generate_series(1, 30000) value) TO STDOUT";
        let mut reader = client.copy_out(query).expect("a reader");
        let error = io::copy(&mut reader, &mut io::sink()).expect_err("a division by zero");
        let source = error
            .get_ref()
            .and_then(|source| source.downcast_ref::<Error>())
            .expect("the client's");
        assert_eq!(source.code(), Some(&SqlState::DIVISION_BY_ZERO));
        drop(reader);
        assert_eq!(one(&client, "SELECT 1"), 1);
    });
}

#[test]
fn a_copy_in_a_transaction_is_undone_with_it() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let mut transaction = client.transaction().expect("a transaction");
        let mut writer = transaction.copy_in(IN).expect("a writer");
        writer.write_all(b"1\n").expect("a line");
        assert_eq!(writer.finish().expect("the end"), 1);
        let reader = transaction.copy_out("COPY number TO STDOUT").expect("a reader");
        assert_eq!(io::read_to_string(reader).expect("text"), "1\n");
        transaction.rollback().expect("a rollback");
        assert_eq!(count(&client), 0);
    });
}

/// Much more than fits into all buffers between the two connections.
#[test]
fn thirty_megabytes_go_from_one_client_to_another() {
    if SERVER.is_missing() {
        return;
    }
    within("a plain thread", || {
        let (mut from, mut to) = (with_table(), with_table());
        let query =
            "COPY (SELECT value, repeat('x', 1000) FROM generate_series(1, 30000) value) TO STDOUT";
        to.batch_execute("ALTER TABLE number ADD text text").expect("another column");
        let mut reader = from.copy_out(query).expect("a reader");
        let mut writer = to.copy_in(IN).expect("a writer");
        let copied = io::copy(&mut reader, &mut writer).expect("all of it");
        assert!(copied > 30_000_000, "{copied}");
        assert_eq!(writer.finish().expect("the end"), 30_000);
        assert_eq!(one(&to, "SELECT sum(length(text))::int FROM number"), 30_000_000);
    });
}

#[test]
fn std_buffers_fit() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let mut writer = BufWriter::new(client.copy_in(IN).expect("a writer"));
        writer.write_all(b"1\n2\n3\n").expect("lines");
        assert_eq!(writer.into_inner().ok().expect("written").finish().expect("the end"), 3);
        let reader = BufReader::new(client.copy_out("COPY number TO STDOUT").expect("a reader"));
        assert_eq!(reader.split(b'\n').count(), 3);
    });
}

const TYPES: [Type; 2] = [Type::INT4, Type::TEXT];
const BINARY_OUT: &str = "COPY (SELECT * FROM number ORDER BY value) TO STDOUT BINARY";

#[test]
fn rows_go_in_and_come_out_in_binary() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        client.batch_execute("ALTER TABLE number ADD name text").expect("another column");
        let writer = client.copy_in("COPY number FROM STDIN BINARY").expect("a writer");
        let mut writer = BinaryCopyInWriter::new(writer, &TYPES);
        for value in 0..2000 {
            writer.write(&[&value, &value.to_string()]).expect("a row");
        }
        writer.write_raw([&2000 as &(dyn ToSql + Sync), &None::<&str>]).expect("a row");
        assert_eq!(writer.finish().expect("the end"), 2001);

        let rows = BinaryCopyOutIter::new(client.copy_out(BINARY_OUT).expect("a reader"), &TYPES);
        for (expected, row) in (0..).zip(rows) {
            let row = row.expect("a row");
            assert_eq!(row.get::<i32>(0), expected);
            let name = (expected < 2000).then(|| expected.to_string());
            assert_eq!(row.get::<Option<&str>>(1), name.as_deref());
        }
        assert_eq!(count(&client), 2001);
    });
}

#[test]
fn a_binary_copy_that_ends_early() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let mut client = with_table();
        let writer = client.copy_in("COPY number FROM STDIN BINARY").expect("a writer");
        let mut writer = BinaryCopyInWriter::new(writer, &TYPES[..1]);
        writer.write(&[&1]).expect("a row");
        drop(writer);
        assert_eq!(count(&client), 0);

        client.batch_execute("INSERT INTO number SELECT generate_series(1, 20000)").expect("rows");
        let reader = client.copy_out(BINARY_OUT).expect("a reader");
        let mut rows = BinaryCopyOutIter::new(reader, &TYPES[..1]);
        assert_eq!(rows.next().expect("a row").expect("a row").get::<i32>(0), 1);
        drop(rows);
        assert_eq!(count(&client), 20_000);
    });
}

/// A writer or reader that has been used can't become a binary one, since its data can't be taken
/// back.
#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_binary_copy_begins_at_the_beginning() {
    if SERVER.is_missing() {
        return;
    }
    within("a plain thread", || {
        let mut client = with_table();
        let mut writer = client.copy_in(IN).expect("a writer");
        writer.write_all(b"1\n").expect("a line");
        catch_unwind(AssertUnwindSafe(|| BinaryCopyInWriter::new(writer, &TYPES)))
            .err()
            .expect("a panic");
        let mut reader = client.copy_out("COPY (SELECT 1) TO STDOUT").expect("a reader");
        reader.read_exact(&mut [0]).expect("a byte");
        catch_unwind(AssertUnwindSafe(|| BinaryCopyOutIter::new(reader, &TYPES)))
            .err()
            .expect("a panic");
        assert_eq!(one(&client, "SELECT 1"), 1);
    });
}
