//! `run` and `try_run`: a run owns its runtime, and refuses to nest.

use std::io;
use std::thread;
use std::time::Duration;

use bridgehead::{Builder, Flavor, OnStall, RunError, ThreadContext, run, try_run, try_sync_call};
use bridgehead_tests::contexts::{CASES, everywhere, in_task, multi, single};
use bridgehead_tests::within;
use tokio::task;

/// Whether a run is refused depends on the state of the thread, not on whose runtime is current.
#[test]
fn a_run_is_refused_exactly_where_async_code_is_running() {
    everywhere(|case| {
        let outcome = try_run(async { 1 });
        if case.context.may_block() {
            assert_eq!(outcome.expect("it may block"), 1);
        } else {
            let error = outcome.expect_err("it may not block");
            assert!(
                matches!(error, RunError::AlreadyRunning { context, .. } if context == case.context),
                "{error:?}"
            );
            let text = error.to_string();
            assert!(
                text.contains("runs/run.rs")
                    && text.contains("`.await`")
                    && text.contains("sync_call!"),
                "{text}"
            );
        }
        assert_eq!(ThreadContext::current(), case.context);
    });
    // The table has contexts of both kinds.
    assert!(CASES.iter().any(|case| case.context.may_block()));
    assert!(CASES.iter().any(|case| !case.context.may_block()));
}

#[test]
fn the_refused_future_is_not_polled() {
    within("refused", || {
        run(async {
            let refused = try_run(async { panic!("it was polled") });
            assert!(matches!(refused, Err(RunError::AlreadyRunning { .. })));
        });
    });
}

#[test]
fn the_message_names_where_the_outer_run_was_started() {
    within("started", || {
        let line = line!() + 1;
        let on_the_root = run(async { try_run(async {}).expect_err("nested").to_string() });
        assert!(
            on_the_root.contains(&format!("started at tests/tests/runs/run.rs:{line}")),
            "{on_the_root}"
        );
        let line = line!() + 1;
        let on_a_worker = run(async {
            let task = tokio::spawn(async { try_run(async {}).expect_err("nested").to_string() });
            task.await.expect("the task")
        });
        assert!(
            on_a_worker.contains(&format!("started at tests/tests/runs/run.rs:{line}")),
            "{on_a_worker}"
        );
        let elsewhere =
            multi(1).block_on(async { try_run(async {}).expect_err("nested").to_string() });
        assert!(!elsewhere.contains("started at"), "{elsewhere}");
    });
}

#[test]
#[should_panic(expected = "async code is running already")]
fn run_panics_where_try_run_refuses() {
    run(async { run(async {}) });
}

/// As `set_event_loop(None)` doesn't in Python.
#[test]
fn another_guard_does_not_get_round_it() {
    within("guards", || {
        let other = multi(1);
        let idle = single();
        single().block_on(async {
            let _guard = other.enter();
            assert!(matches!(try_run(async {}), Err(RunError::AlreadyRunning { .. })));
        });
        multi(1).block_on(async {
            let guard = idle.enter();
            assert!(matches!(try_run(async {}), Err(RunError::AlreadyRunning { .. })));
            drop(guard);
            assert!(matches!(try_run(async {}), Err(RunError::AlreadyRunning { .. })));
        });
    });
}

#[test]
fn threads_that_merely_block_may_run() {
    within("blocking", || {
        run(async {
            let inner = task::spawn_blocking(|| run(async { tokio::spawn(async { 3 }).await }));
            assert_eq!(inner.await.expect("the run").expect("the task"), 3);
        });
        in_task(&multi(1), Box::new(|| assert_eq!(task::block_in_place(|| run(async { 4 })), 4)));
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn nothing_stale_is_left_after_a_run() {
    within("stale", || {
        for flavor in [Flavor::MultiThread, Flavor::CurrentThread, Flavor::Local] {
            let builder = Builder::new().flavor(flavor);
            builder.run(async { bridgehead::sync_call!(task::yield_now(), allow_async) });
            assert_eq!(ThreadContext::current(), ThreadContext::Plain);
            tokio::runtime::Handle::try_current().expect_err("no runtime");
        }
        std::panic::catch_unwind(|| run(async { panic!("of the test") })).expect_err("the panic");
        assert_eq!(ThreadContext::current(), ThreadContext::Plain);
    });
}

#[test]
fn the_future_need_be_neither_send_nor_static() {
    within("not send", || {
        let mut text = String::from("a");
        let shared = std::rc::Rc::new(1);
        let borrowed = &mut text;
        run(async {
            task::yield_now().await;
            borrowed.push_str(&shared.to_string());
        });
        assert_eq!(text, "a1");
    });
}

#[test]
fn the_options_reach_the_runtime() {
    within("options", || {
        let builder = Builder::new()
            .worker_threads(3)
            .max_blocking_threads(2)
            .name("options")
            .thread_name("named")
            .thread_stack_size(4 << 20)
            .thread_keep_alive(std::time::Duration::from_millis(1))
            .event_interval(7)
            .global_queue_interval(5);
        builder.run(async {
            let runtime = tokio::runtime::Handle::current();
            assert_eq!(runtime.metrics().num_workers(), 3);
            assert_eq!(runtime.name(), Some("options"));
            let name = tokio::spawn(async { thread::current().name().map(str::to_owned) });
            assert_eq!(name.await.expect("the task").as_deref(), Some("named"));
        });
        Builder::new().flavor(Flavor::CurrentThread).start_paused(true).run(async {
            let start = std::time::Instant::now();
            tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
            assert!(start.elapsed() < std::time::Duration::from_secs(60));
        });
        Builder::new().flavor(Flavor::Local).run(async {
            let shared = std::rc::Rc::new(1);
            task::spawn_local(async move { drop(shared) }).await.expect("the task");
        });
    });
}

#[test]
fn options_that_cannot_be_used_are_errors_that_name_them() {
    let unusable = [
        ("worker_threads", Builder::new().worker_threads(0)),
        ("max_blocking_threads", Builder::new().max_blocking_threads(0)),
        ("event_interval", Builder::new().event_interval(0)),
        ("global_queue_interval", Builder::new().global_queue_interval(0)),
        ("`name`", Builder::new().name(" ")),
        ("thread_name", Builder::new().thread_name("a\0b")),
        ("start_paused", Builder::new().start_paused(true)),
    ];
    for (option, builder) in unusable {
        let error = builder.try_run(async {}).expect_err(option);
        assert!(error.to_string().contains(option), "{error}");
        assert!(error.to_string().contains("runs/run.rs"), "{error}");
        let RunError::Build { source, .. } = error else { panic!("{error:?}") };
        assert_eq!(source.kind(), io::ErrorKind::InvalidInput);
    }
}

#[test]
fn of_an_option_that_is_set_twice_the_second_value_counts() {
    let builder =
        Builder::new().worker_threads(0).start_paused(true).worker_threads(2).start_paused(false);
    let workers = builder.run(async { tokio::runtime::Handle::current().metrics().num_workers() });
    assert_eq!(workers, 2);
}

#[test]
fn a_runtime_that_has_a_name_is_reported_by_it() {
    let builder = Builder::new().flavor(Flavor::CurrentThread).name("store");
    let builder = builder.stall_after(Duration::from_millis(20)).on_stall(OnStall::Panic);
    // The task would have to run on this thread, which the call blocks.
    let outcome = builder.run(async {
        let task = tokio::spawn(async { 1 });
        try_sync_call!(task, timeout = "1m", allow_async)
    });
    let message = outcome.expect_err("it stalls").to_string();
    assert!(message.contains("(runtime `store` started at tests/tests/runs/run.rs:"), "{message}");
}
