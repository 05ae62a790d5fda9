//! A call in a panic hook, where a second panic aborts the process. So a call there must not rely
//! on a panic of tokio's to distinguish a worker from other threads.

use std::panic;
use std::process;

use bridgehead_tests::child;
use bridgehead_tests::contexts::{everywhere, in_task, multi, single};
use tokio::runtime::Handle;
use tokio::task;

/// Keeps every worker of the runtime busy, with short polls.
fn keep_busy(runtime: &Handle) {
    for _ in 0..runtime.metrics().num_workers() {
        runtime.spawn(async {
            loop {
                task::yield_now().await;
            }
        });
    }
}

fn call_in_hooks(call: fn()) {
    panic::set_hook(Box::new(move |_| call()));
}

fn panic_and_go_on() {
    panic::catch_unwind(|| panic!("of the test")).expect_err("the panic");
}

#[test]
#[cfg_attr(any(miri, panic = "abort"), ignore = "something panics, in a process of its own")]
fn a_call_in_a_panic_hook_waits_everywhere() {
    const NAME: &str = "panic_hooks::a_call_in_a_panic_hook_waits_everywhere";
    if child::is_child(NAME) {
        keep_busy(&bridgehead::background().expect("the background runtime"));
        call_in_hooks(|| bridgehead::sync_call!(task::yield_now()));
        everywhere(|_| {
            for _ in 0..3 {
                panic_and_go_on();
            }
        });
        process::exit(0);
    }
    child::assert_success(NAME, &child::run(NAME));
}

/// The call has to watch the busy worker for a while, to find that it isn't this thread.
#[test]
#[cfg_attr(any(miri, panic = "abort"), ignore = "something panics, in a process of its own")]
fn a_call_in_a_panic_hook_waits_under_the_guard_of_a_busy_runtime() {
    const NAME: &str =
        "panic_hooks::a_call_in_a_panic_hook_waits_under_the_guard_of_a_busy_runtime";
    if child::is_child(NAME) {
        let other = multi(1);
        let handle = other.handle().clone();
        keep_busy(&handle);
        call_in_hooks(|| bridgehead::sync_call!(task::yield_now()));
        in_task(
            &single(),
            Box::new(move || {
                let _guard = handle.enter();
                panic_and_go_on();
            }),
        );
        process::exit(0);
    }
    child::assert_success(NAME, &child::run(NAME));
}

/// The call waits for a task that is in this worker's LIFO slot, from which no other worker can
/// steal it.
#[test]
#[cfg_attr(any(miri, panic = "abort"), ignore = "something panics, in a process of its own")]
fn a_worker_is_handed_off_in_a_panic_hook() {
    const NAME: &str = "panic_hooks::a_worker_is_handed_off_in_a_panic_hook";
    if child::is_child(NAME) {
        call_in_hooks(|| {
            let task = tokio::spawn(async { 42 });
            assert_eq!(bridgehead::sync_call!(task).ok(), Some(42));
        });
        in_task(&multi(1), Box::new(panic_and_go_on));
        bridgehead::run(async {
            tokio::spawn(async { panic_and_go_on() }).await.expect("the task");
        });
        process::exit(0);
    }
    child::assert_success(NAME, &child::run(NAME));
}
