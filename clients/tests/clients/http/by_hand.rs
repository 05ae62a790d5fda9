//! The async client in calls that are written by hand.

use std::time::Duration;

use bridgehead::{CallError, ThreadContext, sync_call, try_sync_call};
use bridgehead_tests::contexts::{self, multi, single};
use bridgehead_tests::within;
use reqwest::Client;

use super::server::SERVER;

fn url(path: &str) -> String {
    SERVER.url(path)
}

fn client() -> Client {
    super::builder().build().expect("a client")
}

async fn fetch(client: &Client, path: &str) -> reqwest::Result<String> {
    client.get(url(path)).send().await?.error_for_status()?.text().await
}

/// The synchronous function that these tests call.
fn fetch_sync(client: &Client, path: &str) -> reqwest::Result<String> {
    sync_call!(fetch(client, path))
}

/// Calls the synchronous function in async code, which another call waits for.
fn fetch_nested(client: &Client, path: &str) -> reqwest::Result<String> {
    sync_call!(async { fetch_sync(client, path) })
}

#[test]
fn one_client_serves_every_context() {
    let client = client();
    contexts::everywhere(move |case| {
        assert_eq!(ThreadContext::current(), case.context, "{}", case.name);
        // More than one request, so that a pooled connection is used again.
        for number in 1..4_u64 {
            let body = fetch_sync(&client, &format!("square/{number}"));
            assert_eq!(body.expect("a reply"), (number * number).to_string(), "{}", case.name);
        }
        let nested = fetch_nested(&client, "square/5").expect("a reply");
        assert_eq!(nested, "25", "{}", case.name);
    });
}

#[test]
fn an_error_is_the_clients_own() {
    let client = client();
    contexts::everywhere(move |case| {
        let error =
            fetch_sync(&client, "square/18446744073709551615").expect_err("the square is too big");
        assert_eq!(error.status(), Some(reqwest::StatusCode::BAD_REQUEST), "{}", case.name);
    });
}

#[test]
fn a_response_is_read_over_many_calls() {
    let client = client();
    contexts::everywhere(move |case| {
        let sent = (0..300_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<_>>();
        let mut response =
            sync_call!(client.post(url("echo")).body(sent.clone()).send()).expect("a reply");
        let mut received = Vec::with_capacity(sent.len());
        while let Some(chunk) = sync_call!(response.chunk()).expect("a part of the body") {
            received.extend_from_slice(&chunk);
        }
        assert!(received == sent, "{}: {} bytes of {}", case.name, received.len(), sent.len());
    });
}

#[test]
fn a_timeout_gives_the_request_up() {
    let client = client();
    contexts::everywhere(move |case| {
        let result = try_sync_call!(fetch(&client, "slow"), timeout = "50ms");
        assert!(matches!(result, Err(CallError::Timeout { .. })), "{}: {result:?}", case.name);
        assert_eq!(fetch_sync(&client, "square/6").expect("a reply"), "36", "{}", case.name);
    });
}

#[test]
fn tasks_that_outnumber_the_workers_share_a_client() {
    within("64 tasks on 2 workers", || {
        let client = client();
        multi(2).block_on(async {
            let tasks = (0..64_u64).map(|number| {
                let client = client.clone();
                tokio::spawn(
                    async move { (number, fetch_nested(&client, &format!("square/{number}"))) },
                )
            });
            for task in tasks.collect::<Vec<_>>() {
                let (number, body) = task.await.expect("the task");
                assert_eq!(body.expect("a reply"), (number * number).to_string());
            }
        });
    });
}

/// A pooled connection is driven by the runtime that opened it. Here that is the current-thread
/// runtime of this thread, which makes no progress during the call.
#[test]
fn a_pooled_connection_of_the_waiting_runtime_is_of_no_use() {
    within("current-thread block_on", || {
        single().block_on(async {
            let client = client();
            open_a_connection(&client).await;
            let result = try_sync_call!(fetch(&client, "square/4"), timeout = "250ms", allow_async);
            assert!(result.is_err(), "{result:?}");
        });
    });
}

#[test]
fn without_idle_connections_async_and_sync_code_share_a_client_on_one_thread() {
    within("current-thread block_on", || {
        single().block_on(async {
            let client =
                Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client");
            open_a_connection(&client).await;
            assert_eq!(fetch_sync(&client, "square/4").expect("a reply"), "16");
        });
    });
}

async fn open_a_connection(client: &Client) {
    assert_eq!(fetch(client, "square/3").await.expect("a reply"), "9");
    // A task returns the connection to the pool.
    tokio::time::sleep(Duration::from_millis(50)).await;
}
