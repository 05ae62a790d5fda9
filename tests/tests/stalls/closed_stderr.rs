//! Reports with a standard error that can't be written to: they are lost, and do no harm.
#![cfg(unix)]

use std::thread;
use std::time::Duration;

use bridgehead::{Builder, Runner, cancelled, spawn, sync_call, to_thread};
use bridgehead_tests::child;
use bridgehead_tests::system::close_stderr;
use tokio::sync::oneshot;

fn never_end(begun: oneshot::Sender<()>) {
    let _ = begun.send(());
    loop {
        thread::park();
    }
}

/// Causes every kind of report.
fn report_all() {
    let builder = || {
        let builder = Builder::new().slow_poll_threshold(Duration::from_millis(1));
        builder.shutdown_timeout(Duration::from_millis(10))
    };
    builder().run(async {
        spawn(async { thread::sleep(Duration::from_millis(5)) }).await.expect("the task");
        let (begun, begins) = oneshot::channel();
        spawn(async {
            let _ = begun.send(());
            cancelled().await;
            Err::<(), _>("an error")
        })
        .detach();
        begins.await.expect("the task");
        let (begun, begins) = oneshot::channel();
        spawn(async {
            let _ = begun.send(());
            cancelled().await;
            panic!("a panic");
        })
        .detach();
        begins.await.expect("the task");
        let (begun, begins) = oneshot::channel();
        to_thread(|| never_end(begun)).detach();
        begins.await.expect("the work");
    });
    let runner: Runner = builder().build();
    let (begun, begins) = oneshot::channel();
    runner.to_thread(|| never_end(begun)).detach();
    begins.blocking_recv().expect("the work");
    drop(runner);
    // Everything still works afterwards.
    assert_eq!(sync_call!(spawn(async { 1 })).expect("the task"), 1);
    println!("reported it all");
}

fn check(name: &str, close: impl FnOnce()) {
    if child::is_child(name) {
        close();
        report_all();
        return;
    }
    let output = child::run(name);
    child::assert_success(name, &output);
    assert!(String::from_utf8_lossy(&output.stdout).contains("reported it all"));
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn with_standard_error_everything_is_reported() {
    let name = "with_standard_error_everything_is_reported";
    check(name, || ());
    if !child::is_child(name) {
        let text = child::stderr(&child::run(name));
        for reported in ["was polled for", "failed: an error", "panicked: a panic", "abandoned"] {
            assert!(text.contains(reported), "{reported}: {text}");
        }
    }
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn closed_standard_error_harms_no_code() {
    check("closed_standard_error_harms_no_code", || close_stderr(false));
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn broken_standard_error_harms_no_code() {
    check("broken_standard_error_harms_no_code", || close_stderr(true));
}
