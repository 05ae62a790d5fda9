//! No threads and no descriptors: typed errors, and calls work again once there are some.
#![cfg(target_os = "linux")]

use std::future::ready;
use std::panic;
use std::sync::mpsc;
use std::thread;

use bridgehead::{
    Builder, CallError, Flavor, RunError, configure_background, sync_call, try_run, try_sync_call,
};
use bridgehead_tests::contexts::multi;
use bridgehead_tests::reported::AFTER;
use bridgehead_tests::system::{become_nobody, with_descriptors_left, with_limit};
use bridgehead_tests::{child, message};
use tokio::time::sleep;

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn without_threads_a_call_and_a_run_are_errors_until_there_are_some() {
    const NAME: &str = "without_threads_a_call_and_a_run_are_errors_until_there_are_some";
    if child::is_child(NAME) {
        // The number of root's threads is not limited.
        become_nobody();
        with_limit(libc::RLIMIT_NPROC, 1, || {
            let error = try_sync_call!(ready(1)).expect_err("no thread");
            assert!(matches!(error, CallError::Runtime { .. }), "{error:?}");
            assert!(error.to_string().contains("exhaustion.rs"), "{error}");
            let payload = panic::catch_unwind(|| sync_call!(ready(1))).expect_err("no thread");
            let text = message(payload.as_ref());
            assert!(
                text.contains("exhaustion.rs") && text.contains("background runtime"),
                "{text}"
            );
            let error = try_run(async {}).expect_err("no thread");
            assert!(matches!(error, RunError::Build { .. }), "{error:?}");
            let entry = || bridgehead::__private::entry(Builder::new(), async {}, |()| ());
            let payload = panic::catch_unwind(entry).expect_err("no thread");
            assert!(message(payload.as_ref()).contains("thread"), "{}", message(payload.as_ref()));
            // A run that needs no threads works.
            Builder::new().flavor(Flavor::CurrentThread).run(async {});
        });
        assert_eq!(try_sync_call!(ready(1)).expect("threads again"), 1);
        assert_eq!(try_run(async { 2 }).expect("threads again"), 2);
        return;
    }
    let output = child::run(NAME);
    child::assert_success(NAME, &output);
    // The location, which a panic of tokio's doesn't contain.
    let text = child::stderr(&output);
    assert!(text.contains("the run at tests/tests/stalls/exhaustion.rs:"), "{text}");
}

#[test]
fn without_descriptors_a_call_and_a_run_are_errors_until_there_are_some() {
    const NAME: &str = "without_descriptors_a_call_and_a_run_are_errors_until_there_are_some";
    if child::is_child(NAME) {
        let mut failed = 0;
        // The descriptor after the first `left` ones can't be opened.
        for left in 0.. {
            let outcome = with_descriptors_left(left, || {
                let call = try_sync_call!(ready(1));
                let run = try_run(async {});
                assert!(run.is_ok() || matches!(run, Err(RunError::Build { .. })), "{run:?}");
                assert!(call.is_ok() || matches!(call, Err(CallError::Runtime { .. })), "{call:?}");
                run.is_ok() && call.is_ok()
            });
            if outcome {
                break;
            }
            failed += 1;
        }
        assert!(failed > 3, "it failed {failed} times only");
        sync_call!(async { tokio::time::sleep(std::time::Duration::from_millis(1)).await });
        return;
    }
    child::assert_success(NAME, &child::run(NAME));
}

/// tokio starts a new thread for a worker that is handed off.
#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn without_threads_a_call_on_a_worker_is_an_error_or_waits_until_there_are_some() {
    const NAME: &str =
        "without_threads_a_call_on_a_worker_is_an_error_or_waits_until_there_are_some";
    if child::is_child(NAME) {
        become_nobody();
        configure_background(Builder::new().stall_after(AFTER)).expect("nobody else does");
        let runtime = multi(1);
        let on_worker = |call: fn()| runtime.spawn(async move { call() });
        // By then the runtime's worker has begun.
        runtime.block_on(on_worker(|| ())).expect("the task");
        let waits = with_limit(libc::RLIMIT_NPROC, 1, || {
            let refused = on_worker(|| {
                let error = try_sync_call!(sleep(AFTER)).expect_err("no thread");
                assert!(matches!(error, CallError::Stalled { .. }), "{error:?}");
                let text = error.to_string();
                assert!(
                    text.contains("exhaustion.rs") && text.contains("limit on threads"),
                    "{text}"
                );
            });
            runtime.block_on(refused).expect("an error");
            let (begun, begins) = mpsc::channel();
            let waits = runtime.spawn(async move {
                begun.send(()).expect("the test listens");
                sync_call!(sleep(AFTER), allow_async);
            });
            begins.recv().expect("the call");
            // By then the call waits.
            thread::sleep(2 * AFTER);
            waits
        });
        runtime.block_on(waits).expect("threads again");
        runtime.block_on(on_worker(|| sync_call!(sleep(AFTER)))).expect("threads again");
        return;
    }
    child::assert_success(NAME, &child::run(NAME));
}
