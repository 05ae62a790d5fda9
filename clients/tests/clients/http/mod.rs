//! The async client of `reqwest` against a real server on the loopback interface: with the
//! synchronous face of the example `http_client`, and in calls that are written by hand.

mod bodies;
mod by_hand;
mod connections;
mod faults;
mod requests;
mod runtimes;
mod server;
mod timeouts;
use bridgehead_clients::http_client::Client;

/// Without a proxy that the environment may name, which the tests don't need.
fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy()
}

fn client() -> Client {
    build(builder())
}

fn build(builder: reqwest::ClientBuilder) -> Client {
    builder.build().expect("a client").into()
}
