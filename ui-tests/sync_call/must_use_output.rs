#![deny(unused_must_use)]

use bridgehead::sync_call;

#[must_use = "close it"]
struct Connection;

async fn start() -> Connection {
    Connection
}

fn main() {
    sync_call!(start());
}
