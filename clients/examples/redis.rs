//! How do I use an async client in synchronous code, if it has one connection for all? Run it with
//! the URL of a server that may be written to:
//! `cargo run -p bridgehead-clients --example redis -- redis://localhost`.

use std::{env, thread};

use bridgehead_clients::redis::{Connection, Subscriber};
use redis::{Client, Commands, RedisResult};

fn main() -> RedisResult<()> {
    let Some(url) = env::args().nth(1) else {
        println!("usage: redis redis://localhost");
        return Ok(());
    };
    let client = Client::open(url)?;
    let connection = Connection::open(&client)?;
    let mut subscriber = Subscriber::open(&client)?;
    subscriber.subscribe("counts")?;

    let threads = (0..4).map(|_| {
        let mut connection = connection.clone();
        thread::spawn(move || {
            let count: i32 = connection.incr("count", 1)?;
            connection.publish::<_, _, ()>("counts", count)
        })
    });
    for thread in threads.collect::<Vec<_>>() {
        thread.join().expect("no panic")?;
    }
    for message in subscriber.on_message().take(4) {
        println!("count {}", message.get_payload::<i32>()?);
    }
    Ok(())
}
