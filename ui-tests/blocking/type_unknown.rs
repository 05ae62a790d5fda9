mod client {
    pub use std::string::*;
}

use client::*;

struct Client;

#[bridgehead::blocking(type = BlockingClient)]
impl Client {
    async fn get(&self) {}

    async fn set(&self) {}
}

fn main() {
    drop(String::new());
}
