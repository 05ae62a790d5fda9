//! A runtime of somebody else's ends while calls wait for what nobody will send.

use std::future::pending;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use bridgehead::{CallError, ThreadContext, sync_call, try_sync_call};
use bridgehead_tests::contexts::{multi, single};
use bridgehead_tests::{message, within};
use tokio::runtime::{Handle, Runtime};
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(5);

/// How somebody ends a runtime.
const ENDS: [fn(Runtime); 3] =
    [drop, |runtime| runtime.shutdown_timeout(SHORT), Runtime::shutdown_background];

/// Says that it is polled, and waits for ever.
async fn never(begun: Sender<()>) {
    begun.send(()).expect("the test listens");
    pending::<()>().await;
}

/// Three calls of each kind on the handle's runtime.
fn call_everywhere(handle: &Handle, begun: &Sender<()>, said: &Sender<String>) -> usize {
    const KINDS: usize = 3;
    let say = |said: &Sender<String>, text: String| said.send(text).expect("the test listens");
    for _ in 0..3 {
        let refused = {
            let (begun, said) = (begun.clone(), said.clone());
            move || {
                let error = try_sync_call!(never(begun)).expect_err("the end");
                assert!(matches!(error, CallError::Shutdown { .. }), "{error}");
                // The next one is served elsewhere.
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
            tokio::runtime::RuntimeFlavor::MultiThread => drop(handle.clone().spawn(async { refused() })),
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
                // Its `drop` waits for them.
                thread::spawn(move || end(runtime));
                for text in says.iter().take(count) {
                    assert!(text.contains("shutdowns.rs") && text.contains("shutting down"), "{text}");
                }
            };
            thread::spawn(move || within(&format!("end {number}"), case))
        })
    });
    for case in cases.collect::<Vec<_>>() {
        case.join().expect("the case");
    }
}

/// Under the guard of a multi-thread runtime, which serves the call.
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

/// Calls that need nothing of the runtime, and are made while it ends, again and again. The one that waits when it ends is an error.
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
                    // Until some of them were made after the end.
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
                assert_eq!(sync_call!(async { tokio::spawn(async { 2 }).await }).expect("the task"), 2);
            }
        });
    }
}
