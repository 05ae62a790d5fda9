//! How do I ship a blocking API of an async client? As here: what the crate `postgres` offers, made
//! of `tokio-postgres`.
//!
//! The module `postgres` of this package is the library, and this is its user. It needs a server:
//!
//!     cargo run -p bridgehead-clients --example postgres -- "host=localhost user=postgres"

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use bridgehead_clients::postgres::{self, Client, NoTls};

/// Synchronous code, which doesn't know in which context it is called.
fn count_stars(server: &str) -> Result<i64, postgres::Error> {
    let mut client = Client::connect(server, NoTls)?;
    client.batch_execute("CREATE TEMPORARY TABLE star (name text PRIMARY KEY, planets int)")?;

    let transaction = client.transaction()?;
    let insert = transaction.prepare("INSERT INTO star VALUES ($1, $2)")?;
    transaction.execute(&insert, &[&"Sun", &8])?;
    transaction.execute(&insert, &[&"Proxima Centauri", &2])?;
    transaction.commit()?;

    let mut writer = client.copy_in("COPY star FROM STDIN")?;
    writer.write_all(b"Sirius\t0\nTRAPPIST-1\t7\n").expect("the server takes it");
    writer.finish()?;

    for row in client
        .query_raw("SELECT name, planets FROM star ORDER BY planets DESC", Vec::<i32>::new())?
    {
        let row = row?;
        println!("{:>16} has {} planets", row.get::<_, &str>(0), row.get::<_, i32>(1));
    }
    Ok(client.query_one("SELECT count(*) FROM star", &[])?.get(0))
}

/// Cancels a statement that takes too long.
fn give_up(server: &str) -> Result<(), postgres::Error> {
    let client = Client::connect(server, NoTls)?;
    let answer = client.execute_timeout("SELECT pg_sleep(3600)", &[], Duration::from_millis(50));
    println!("{}", answer.expect_err("an hour is longer"));
    client.cancel_token().cancel_query(NoTls)
}

#[bridgehead::entry]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let Some(server) = std::env::args().nth(1) else {
        println!("usage: postgres <connection string>");
        return Ok(());
    };
    // Here, where the crate `postgres` panics,
    println!("{} stars", count_stars(&server)?);
    // and on a thread without a runtime.
    std::thread::spawn(move || give_up(&server)).join().expect("no panic")?;
    Ok(())
}
