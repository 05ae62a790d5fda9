//! Connections: how many there are, and which runtimes they outlive.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use bridgehead::{Runner, sync_call, try_sync_call};
use bridgehead_clients::http_client::Client;
use bridgehead_tests::contexts::{everywhere, in_task, multi, single};
use bridgehead_tests::within;
use tokio::runtime::Runtime;
use tokio::task;

use super::server::Server;
use super::{builder, client};

fn square(client: &Client, server: &Server, number: u64) {
    let response = client.get(server.url(&format!("square/{number}"))).send().expect("a response");
    assert_eq!(response.text().expect("its body"), (number * number).to_string());
}

/// A request before the last connection is back in the pool may open another one, which later
/// requests use.
const FEW: usize = 4;

#[test]
fn all_contexts_share_them() {
    let server = Arc::new(Server::start());
    let client = client();
    let counted = Arc::clone(&server);
    everywhere(move |_| (1..5).for_each(|number| square(&client, &server, number)));
    let count = counted.connections();
    assert!((1..=FEW).contains(&count), "{count}");
}

#[test]
fn a_hundred_callers_at_once() {
    within("fifty threads and fifty tasks", || {
        let server = Arc::new(Server::start());
        let client = client();
        let barrier = Arc::new(Barrier::new(51));
        let calls = |first: u64| {
            let (client, server) = (client.clone(), Arc::clone(&server));
            move || (first..first + 5).for_each(|number| square(&client, &server, number))
        };
        let threads: Vec<_> = (0..50)
            .map(|first| (calls(first), Arc::clone(&barrier)))
            .map(|(calls, barrier)| {
                thread::spawn(move || {
                    barrier.wait();
                    calls();
                })
            })
            .collect();
        multi(2).block_on(async {
            let tasks: Vec<_> =
                (50..100).map(calls).map(|calls| tokio::spawn(async move { calls() })).collect();
            task::block_in_place(|| barrier.wait());
            for task in tasks {
                task.await.expect("the task");
            }
        });
        for thread in threads {
            thread.join().expect("the thread");
        }
        // The client opens a connection when it finds none in the pool, even if it then uses
        // another one that comes back first.
        let count = server.connections();
        assert!(count < 500, "{count}");
    });
}

/// The ways to make a request on a runtime that is then closed, or no longer driven.
fn leaving(request: impl Fn() + Clone + Send + 'static) -> [(&'static str, Option<Runtime>); 4] {
    let runner = Runner::new();
    let call = request.clone();
    runner.run(async { tokio::spawn(async move { call() }).await.expect("the task") });
    assert!(runner.close().is_clean());

    in_task(&multi(1), Box::new(request.clone()));

    let undriven = single();
    undriven.block_on(undriven.spawn_blocking(request.clone())).expect("the work");

    let gone = single();
    gone.block_on(gone.spawn_blocking(request)).expect("the work");
    drop(gone);
    [
        ("a runner", None),
        ("a runtime", None),
        ("no thread drives it", Some(undriven)),
        ("it is gone", None),
    ]
}

#[test]
fn they_outlive_the_runtime_of_the_caller() {
    let server = Arc::new(Server::start());
    let client = client();
    let (clone, to) = (client.clone(), Arc::clone(&server));
    let runtimes = within("requests elsewhere", || leaving(move || square(&clone, &to, 3)));
    let counted = Arc::clone(&server);
    everywhere(move |_| square(&client, &server, 5));
    let count = counted.connections();
    assert!((1..=FEW).contains(&count), "{count}");
    drop(runtimes);
}

/// The control, which has no runtime for connections. A call on a blocking thread of a
/// current-thread runtime opens a connection, which is a task of that runtime. The next request
/// gets the connection from the client's pool, and no thread moves its bytes.
#[test]
fn without_an_origin_the_next_caller_may_never_return() {
    within("current-thread runtime", || {
        let server = Server::start();
        let client = builder().build().expect("a client");
        let fetch = async |path: &str| client.get(server.url(path)).send().await?.text().await;
        let runtime = single();
        let opened = runtime.block_on(async {
            task::spawn_blocking({
                let (client, url) = (client.clone(), server.url("square/3"));
                move || {
                    let text = sync_call!(async { client.get(url).send().await?.text().await });
                    // A task returns the connection to the pool.
                    thread::sleep(Duration::from_millis(50));
                    text
                }
            })
            .await
        });
        assert_eq!(opened.expect("the work").expect("its body"), "9");
        let result = try_sync_call!(fetch("square/4"), timeout = "250ms");
        assert!(result.is_err(), "{result:?}");
        // The connection is usable when the runtime is driven again. When the runtime ends, the
        // client opens another one.
        drop(runtime);
        assert_eq!(sync_call!(fetch("square/5")).expect("its body"), "25");
    });
}
