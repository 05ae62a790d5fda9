//! Calls in async programs, where `reqwest::blocking` panics.

use bridgehead_tests::{DEADLINE, within};

use super::client;
use super::server::SERVER;

fn fetch() -> String {
    let request = client().get(SERVER.url("square/7")).timeout(DEADLINE);
    request.send().expect("a response").text().expect("its body")
}

#[tokio::test]
async fn in_a_test() {
    assert_eq!(fetch(), "49");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn in_a_test_of_the_multi_thread_flavor() {
    assert_eq!(fetch(), "49");
    assert_eq!(tokio::spawn(async { fetch() }).await.expect("the task"), "49");
}

#[test]
fn in_a_main_function() {
    #[tokio::main]
    async fn main() -> String {
        tokio::spawn(async { fetch() }).await.expect("the task") + &fetch()
    }
    #[tokio::main(flavor = "current_thread")]
    async fn current_thread() -> String {
        tokio::spawn(async { fetch() }).await.expect("the task") + &fetch()
    }
    assert_eq!(within("main", main), "4949");
    assert_eq!(within("main, current_thread", current_thread), "4949");
}

/// The control. A release build leaves out the check of `reqwest`, and then blocks the worker.
#[cfg(debug_assertions)]
#[tokio::test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
async fn where_the_clients_own_panics() {
    let fetch = || reqwest::blocking::get(SERVER.url("square/7")).map(drop);
    let payload = std::panic::catch_unwind(fetch).expect_err("a panic");
    let message = bridgehead_tests::message(payload.as_ref());
    assert!(
        message.contains("Cannot drop a runtime in a context where blocking is not allowed"),
        "{message}"
    );
}
