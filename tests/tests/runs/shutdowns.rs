//! A runtime that this crate didn't build ends, while calls wait without an end.

use std::future::pending;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use bridgehead::{CallError, ThreadContext, sync_call, try_sync_call};
use bridgehead_tests::contexts::{multi, single};
use bridgehead_tests::{child, message, within};
use tokio::runtime::{Handle, Runtime};
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(5);

/// Longer than any test.
const LONG: Duration = Duration::from_secs(3600);

/// The ways to end a runtime.
const ENDS: [fn(Runtime); 3] =
    [drop, |runtime| runtime.shutdown_timeout(SHORT), Runtime::shutdown_background];

/// Sends that it is polled, and never completes.
async fn never(begun: Sender<()>) {
    begun.send(()).expect("the test listens");
    pending::<()>().await;
}

/// Makes three calls of each kind on the handle's runtime.
fn call_everywhere(handle: &Handle, begun: &Sender<()>, said: &Sender<String>) -> usize {
    const KINDS: usize = 3;
    let say = |said: &Sender<String>, text: String| said.send(text).expect("the test listens");
    for _ in 0..3 {
        let refused = {
            let (begun, said) = (begun.clone(), said.clone());
            move || {
                let error = try_sync_call!(never(begun)).expect_err("the end");
                assert!(matches!(error, CallError::Shutdown { .. }), "{error}");
                // The next call is served by the background runtime.
                assert_eq!(ThreadContext::current(), ThreadContext::RuntimeGone);
                try_sync_call!(sleep(SHORT)).expect("the background runtime");
                say(&said, error.to_string());
            }
        };
        let panicked = {
            let (begun, said) = (begun.clone(), said.clone());
            move || {
                let call = AssertUnwindSafe(|| sync_call!(never(begun)));
                let payload = panic::catch_unwind(call).expect_err("the end");
                sync_call!(sleep(SHORT));
                say(&said, message(payload.as_ref()));
            }
        };
        handle.spawn_blocking(refused.clone());
        handle.spawn_blocking(panicked);
        let handle = handle.clone();
        match handle.runtime_flavor() {
            tokio::runtime::RuntimeFlavor::MultiThread => {
                drop(handle.clone().spawn(async { refused() }));
            }
            _ => drop(handle.clone().spawn_blocking(refused)),
        }
    }
    3 * KINDS
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn calls_that_wait_are_released_however_it_ends() {
    let cases = ENDS.into_iter().enumerate().flat_map(|(number, end)| {
        [|| multi(1), || multi(4), single].map(|runtime| {
            let case = move || {
                let runtime = runtime();
                let (begun, begins) = mpsc::channel();
                let (said, says) = mpsc::channel();
                let count = call_everywhere(runtime.handle(), &begun, &said);
                begins.iter().take(count).for_each(drop);
                // Dropping the runtime waits for the calls.
                thread::spawn(move || end(runtime));
                for text in says.iter().take(count) {
                    assert!(
                        text.contains("shutdowns.rs") && text.contains("shutting down"),
                        "{text}"
                    );
                }
            };
            thread::spawn(move || within(&format!("end {number}"), case))
        })
    });
    for case in cases.collect::<Vec<_>>() {
        case.join().expect("the case");
    }
}

/// The guard is that of a multi-thread runtime, which serves the call.
#[test]
fn calls_under_a_guard_are_released() {
    within("guard", || {
        let runtime = multi(1);
        let (begun, begins) = mpsc::channel();
        let calls: Vec<_> = (0..3)
            .map(|_| {
                let (handle, begun) = (runtime.handle().clone(), begun.clone());
                thread::spawn(move || {
                    let _guard = handle.enter();
                    let error = try_sync_call!(never(begun)).expect_err("the end");
                    assert!(matches!(error, CallError::Shutdown { .. }), "{error}");
                    sync_call!(sleep(SHORT));
                })
            })
            .collect();
        begins.iter().take(3).for_each(drop);
        drop(runtime);
        for call in calls {
            call.join().expect("the call");
        }
    });
}

/// Calls that need nothing of the runtime, again and again while it ends. Only a call that waits at
/// that moment may return an error.
#[test]
fn new_calls_during_the_end_and_after_it_are_served() {
    for runtime in [|| multi(2), single] {
        within("new calls", move || {
            let runtime = runtime();
            let (begun, begins) = mpsc::channel();
            let (said, says) = mpsc::channel();
            for _ in 0..4 {
                let (begun, said) = (begun.clone(), said.clone());
                runtime.spawn_blocking(move || {
                    begun.send(()).expect("the test listens");
                    let (mut calls, mut refused) = (0_u32, 0_u32);
                    // Until three of the calls were made after the end.
                    let mut after = 0;
                    while after < 3 {
                        after += u32::from(ThreadContext::current() == ThreadContext::RuntimeGone);
                        let (answer, wait) = tokio::sync::oneshot::channel();
                        thread::spawn(move || answer.send(1));
                        match try_sync_call!(wait) {
                            Ok(answer) => calls += answer.expect("the answer"),
                            Err(error) => {
                                assert!(matches!(error, CallError::Shutdown { .. }), "{error}");
                                refused += 1;
                            }
                        }
                    }
                    assert!(refused <= 1, "{refused} calls were interrupted");
                    said.send(calls).expect("the test listens");
                });
            }
            begins.iter().take(4).for_each(drop);
            thread::sleep(4 * SHORT);
            runtime.shutdown_background();
            assert!(says.iter().take(4).all(|calls| calls >= 3));
        });
    }
}

#[test]
fn the_guard_of_a_runtime_that_is_gone_works_in_every_call() {
    for runtime in [|| multi(1), single] {
        within("gone", move || {
            let handle = runtime().handle().clone();
            let _guard = handle.enter();
            for _ in 0..3 {
                sync_call!(sleep(SHORT));
                try_sync_call!(sleep(SHORT), timeout = "10s").expect("the background runtime");
                assert_eq!(
                    sync_call!(async { tokio::spawn(async { 2 }).await }).expect("the task"),
                    2
                );
            }
        });
    }
}

/// The waits of a call: for something of the runtime's, alone or together with other things, or for
/// nothing of it.
async fn needs(what: usize) {
    match what {
        0 => sleep(LONG).await,
        1 => {
            let mut interval = tokio::time::interval(LONG);
            interval.tick().await;
            interval.tick().await;
        }
        2 => {
            tokio::select! {
                () = sleep(LONG) => {}
                () = pending() => {}
            }
        }
        3 => tokio::time::timeout(LONG, pending()).await.expect("an end"),
        4 => {
            let socket = tokio::net::UdpSocket::bind(("127.0.0.1", 0)).await.expect("a socket");
            socket.recv(&mut [0]).await.expect("a message");
        }
        5 => drop(
            tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a socket").accept().await,
        ),
        6 => tokio::sync::Notify::new().notified().await,
        7 => drop(tokio::sync::Semaphore::new(0).acquire().await),
        _ => {
            // Polled each millisecond, also at the very moment when the runtime ends.
            loop {
                sleep(Duration::from_millis(1)).await;
            }
        }
    }
}
const NEEDS: usize = 9;

/// Makes a call for each of these waits, in a task, on the blocking pool and under a guard, and
/// returns how many calls that are.
fn call_for_each_need(handle: &Handle, begun: &Sender<()>, ended: &Sender<()>) -> usize {
    for what in 0..NEEDS {
        let call = {
            let (begun, ended) = (begun.clone(), ended.clone());
            move || {
                let waits = async {
                    begun.send(()).expect("the test listens");
                    needs(what).await;
                };
                let error = try_sync_call!(waits).expect_err("the end");
                assert!(matches!(error, CallError::Shutdown { .. }), "{what}: {error}");
                ended.send(()).expect("the test listens");
            }
        };
        handle.spawn_blocking(call.clone());
        if handle.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread {
            let (in_task, handle) = (call.clone(), handle.clone());
            handle.clone().spawn(async move { in_task() });
            thread::spawn(move || {
                let _guard = handle.enter();
                call();
            });
        } else {
            handle.spawn_blocking(call);
        }
    }
    if handle.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread {
        3 * NEEDS
    } else {
        2 * NEEDS
    }
}

/// When its runtime ends, a call returns an error, whatever it waits for. It must not panic, as the
/// runtime's timers would.
#[test]
fn the_end_is_an_error_for_whatever_a_call_waits_for() {
    const NAME: &str = "the_end_is_an_error_for_whatever_a_call_waits_for";
    if child::is_child(NAME) {
        for end in ENDS {
            for runtime in [|| multi(1), || multi(4), single] {
                within(NAME, move || {
                    let runtime = runtime();
                    let (begun, begins) = mpsc::channel();
                    let (ended, ends) = mpsc::channel();
                    let count = call_for_each_need(runtime.handle(), &begun, &ended);
                    begins.iter().take(count).for_each(drop);
                    thread::sleep(4 * SHORT);
                    thread::spawn(move || end(runtime));
                    assert_eq!(ends.iter().take(count).count(), count);
                });
            }
        }
        return;
    }
    let output = child::run(NAME);
    child::assert_success(NAME, &output);
    assert!(!child::stderr(&output).contains("panicked"), "{}", child::stderr(&output));
}

/// The same with a runner, whose work in flight has the `shutdown_timeout`.
#[test]
fn the_end_of_a_runner_is_an_error_for_a_thousand_calls() {
    const NAME: &str = "the_end_of_a_runner_is_an_error_for_a_thousand_calls";
    const CALLS: usize = 1000;
    if child::is_child(NAME) {
        within(NAME, || {
            let runner = bridgehead::Builder::new().shutdown_timeout(SHORT).build();
            let (begun, begins) = mpsc::channel();
            let (ended, ends) = mpsc::channel();
            for _ in 0..CALLS {
                let (begun, ended) = (begun.clone(), ended.clone());
                let call = async move {
                    begun.send(()).expect("the test listens");
                    let error = try_sync_call!(sleep(LONG), allow_async).expect_err("the end");
                    assert!(matches!(error, CallError::Shutdown { .. }), "{error}");
                    ended.send(()).expect("the test listens");
                };
                runner.spawn(call).detach();
            }
            begins.iter().take(CALLS).for_each(drop);
            let _ = runner.close();
            assert_eq!(ends.iter().take(CALLS).count(), CALLS);
        });
        return;
    }
    let output = child::run(NAME);
    child::assert_success(NAME, &output);
    assert!(!child::stderr(&output).contains("panicked"), "{}", child::stderr(&output));
}

/// The end wakes the call, so that it doesn't wait for its next check, a second later. The least of
/// several measurements counts, since the machine may be busy.
#[test]
fn the_end_comes_at_once() {
    let took = (0..5).map(|_| {
        within("at once", || {
            let runtime = multi(2);
            let (begun, begins) = mpsc::channel();
            let (ended, ends) = mpsc::channel();
            runtime.spawn(async move {
                begun.send(()).expect("the test listens");
                let error = try_sync_call!(sleep(LONG), allow_async).expect_err("the end");
                ended.send((std::time::Instant::now(), error)).expect("the test listens");
            });
            begins.recv().expect("the call");
            thread::sleep(Duration::from_millis(200));
            let end = std::time::Instant::now();
            runtime.shutdown_background();
            ends.recv().expect("the error").0 - end
        })
    });
    let least = took.min().expect("five times");
    assert!(least < Duration::from_millis(300), "{least:?}");
}

/// A thread that drops a runtime of tokio's may rely on all its tasks being dropped then, on
/// whichever threads calls have moved its workers.
#[test]
fn dropping_a_runtime_waits_for_tasks_on_workers_that_were_handed_off() {
    const TASKS: usize = 8;
    /// Its drop takes a while.
    struct Slow(Sender<()>);
    impl Drop for Slow {
        fn drop(&mut self) {
            thread::sleep(4 * SHORT);
            let _ = self.0.send(());
        }
    }
    for workers in [1, 2, 4] {
        within("dropped", move || {
            let runtime = multi(workers);
            let (dropped, drops) = mpsc::channel();
            let (begun, begins) = mpsc::channel();
            for _ in 0..TASKS {
                let (slow, begun) = (Slow(dropped.clone()), begun.clone());
                runtime.spawn(async move {
                    let _slow = slow;
                    sync_call!(sleep(SHORT), allow_async);
                    begun.send(()).expect("the test listens");
                    pending::<()>().await;
                });
            }
            begins.iter().take(TASKS).for_each(drop);
            // By then the thread that waits for the calls has begun.
            thread::sleep(200 * SHORT / 5);
            drop(runtime);
            assert_eq!(drops.try_iter().count(), TASKS, "{workers} workers");
        });
    }
}
