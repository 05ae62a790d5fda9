//! A client that people use, `reqwest`'s async one, against a real server on the loopback interface: with the synchronous face that the
//! example `http_client` gives it, and called by hand.

#[allow(dead_code, unreachable_pub, reason = "it is an example's")]
#[path = "../../../runtime/examples/http_client/client.rs"]
mod client;

mod bodies;
mod by_hand;
mod connections;
mod faults;
mod requests;
mod runtimes;
mod server;
mod timeouts;

use client::Client;

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
