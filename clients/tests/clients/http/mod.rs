//! A client that people use, `reqwest`'s async one, against a real server on the loopback
//! interface: with the synchronous face that the example `http_client` gives it, and called by
//! hand.

mod bodies;
mod by_hand;
mod connections;
mod faults;
mod requests;
mod runtimes;
mod server;
mod timeouts;
use bridgehead_clients::http_client::Client;

/// Without the proxy that the environment may name, which is no part of the tests.
fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy()
}

fn client() -> Client {
    build(builder())
}

fn build(builder: reqwest::ClientBuilder) -> Client {
    builder.build().expect("a client").into()
}
