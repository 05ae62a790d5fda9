#![deny(warnings)]

use bridge::{blocking, sync_call};

#[blocking(type = BlockingClient)]
#[derive(Default)]
struct Client;

#[blocking(type = BlockingClient, timeout)]
impl Client {
    async fn get(&self) -> u32 {
        4
    }
}

#[blocking(timeout)]
trait Store {
    async fn get(&self) -> u32;
}

impl Store for u32 {
    async fn get(&self) -> u32 {
        *self
    }
}

fn calls() -> u32 {
    let limit = std::time::Duration::MAX;
    let client = BlockingClient::default();
    client.get() + client.get_timeout(limit).unwrap() + 4.blocking_get() + sync_call!(Store::get(&4))
}

#[bridge::entry(flavor = "multi_thread")]
async fn main() {
    assert_eq!(calls(), 16);
    assert_eq!(4.blocking_get_timeout(std::time::Duration::MAX).unwrap(), 4);
}

#[bridge::test]
async fn works() {
    assert_eq!(calls(), 16);
}
