//! `#[bridgehead::test]`, in use.

use std::error::Error;
use std::future::pending;
use std::rc::Rc;
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{
    CallError, Flavor, ThreadContext, cancelled, spawn, sync_call, to_thread, try_sync_call,
};
use bridgehead_tests::child;
use rstest::rstest;
use tokio::runtime::{Handle, Id, RuntimeFlavor};
use tokio::time::sleep;

/// More than any time limit in these tests.
const LONG: Duration = Duration::from_secs(600);

#[bridgehead::test]
async fn a_body_may_return_nothing() {
    assert_eq!(spawn(async { 4 }).await.unwrap(), 4);
}

#[bridgehead::test]
async fn a_body_may_return_a_result() -> Result<(), Box<dyn Error>> {
    let number: u32 = "4".parse()?;
    assert_eq!(spawn(async move { number }).await?, 4);
    Ok(())
}

/// The error is not `Send`, and the body with a timeout runs on a thread of its own.
#[bridgehead::test(timeout = "10m")]
async fn a_body_with_a_timeout_may_return_a_result() -> Result<(), Rc<str>> {
    sleep(Duration::from_millis(1)).await;
    Ok(())
}

#[bridgehead::test]
async fn a_body_may_return_a_type_without_name() -> impl std::process::Termination {
    std::process::ExitCode::SUCCESS
}

#[bridgehead::test]
#[should_panic(expected = "of the body")]
async fn a_panic_is_passed_on() {
    panic!("of the body");
}

#[bridgehead::test(timeout = "10m")]
#[should_panic(expected = "of the body")]
async fn a_panic_is_passed_on_with_a_timeout() {
    panic!("of the body");
}

#[bridgehead::test]
#[should_panic(expected = "never")]
async fn a_body_may_never_return() -> ! {
    panic!("never");
}

#[bridgehead::test(max_blocking_threads = usize::from(false))]
#[should_panic(expected = "`max_blocking_threads` is 0")]
async fn a_runtime_that_can_not_be_built_fails_the_test() {
    std::process::abort();
}

/// libtest's threads have a stack of 2 MiB.
#[bridgehead::test]
#[expect(clippy::large_stack_arrays, reason = "it is in the future, which is to be large")]
async fn a_body_may_be_large() {
    let bytes = [1_u8; 400_000];
    tokio::task::yield_now().await;
    let bytes = &bytes;
    assert_eq!(bytes.len(), 400_000);
}

#[bridgehead::test]
async fn one_thread_is_the_default() {
    assert_eq!(Handle::current().runtime_flavor(), RuntimeFlavor::CurrentThread);
}

#[bridgehead::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_are_to_be_had() {
    assert_eq!(Handle::current().metrics().num_workers(), 2);
    let context = tokio::spawn(async { ThreadContext::current() }).await.unwrap();
    assert_eq!(context, ThreadContext::Worker);
    sync_call!(sleep(Duration::from_millis(1)), allow_async);
}

#[bridgehead::test(flavor = Flavor::Local, leaks = "fail")]
async fn tasks_that_stay_are_to_be_had() {
    let number = Rc::new(4);
    assert_eq!(*tokio::task::spawn_local(async move { number }).await.unwrap(), 4);
}

#[bridgehead::test(start_paused = true, leaks = "fail", timeout = "1m")]
async fn a_paused_clock_does_not_count() {
    let began = tokio::time::Instant::now();
    sleep(LONG).await;
    assert_eq!(began.elapsed().as_secs(), LONG.as_secs());
}

static RUNTIMES: LazyLock<Mutex<Vec<Id>>> = LazyLock::new(Mutex::default);

/// Checks that the runtime is a fresh one, and leaves a task behind.
fn is_alone() {
    let here = Handle::current();
    assert_eq!(here.metrics().num_alive_tasks(), 0);
    spawn(pending::<()>()).detach();
    let mut runtimes = RUNTIMES.lock().unwrap();
    assert!(!runtimes.contains(&here.id()));
    runtimes.push(here.id());
}

#[bridgehead::test]
async fn a_test_has_a_runtime_of_its_own() {
    is_alone();
}

#[bridgehead::test(flavor = "multi_thread", worker_threads = 1)]
async fn another_test_has_another_runtime() {
    is_alone();
}

#[rstest]
#[case(1, "a")]
#[case(2, "b")]
#[bridgehead::test]
async fn cases_above(#[case] number: u32, #[case] text: &str) {
    assert_eq!(Handle::current().runtime_flavor(), RuntimeFlavor::CurrentThread);
    assert!(number < 3 && text.len() == 1);
}

#[bridgehead::test(flavor = "multi_thread", worker_threads = 1, timeout = "10m")]
#[rstest]
#[case(1, "a")]
#[case(2, "b")]
async fn cases_below(#[case] mut number: u32, #[case] text: &'static str) -> Result<(), String> {
    number += 1;
    assert_eq!(Handle::current().runtime_flavor(), RuntimeFlavor::MultiThread);
    if number < 4 && text.len() == 1 { Ok(()) } else { Err(text.to_owned()) }
}

#[rstest]
#[bridgehead::test(leaks = "fail")]
async fn values(#[values(1, 2)] number: u32) -> Result<(), Box<dyn Error>> {
    assert_eq!(spawn(async move { number }).await?, number);
    Ok(())
}

#[bridgehead::test(leaks = "fail")]
async fn an_orderly_end_is_no_leak() {
    spawn(async {
        cancelled().await;
        sleep(Duration::from_millis(1)).await;
    })
    .detach();
    drop(spawn(pending::<()>()));
    tokio::spawn(pending::<()>()).abort();
    to_thread(|| ()).await.unwrap();
    tokio::task::yield_now().await;
}

#[bridgehead::test(flavor = "multi_thread", worker_threads = 2, leaks = "fail")]
async fn an_orderly_end_on_workers_is_no_leak() {
    for _ in 0..100 {
        tokio::spawn(async {}).await.unwrap();
    }
    drop(spawn(pending::<()>()));
}

/// A synchronous client, whose connection is a task of the runtime that it was made on.
fn waits_for(task: tokio::task::JoinHandle<u32>) -> u32 {
    sync_call!(task).unwrap()
}

#[bridgehead::test]
#[should_panic(expected = "test_attribute.rs:")]
async fn a_call_that_stalls_panics() {
    waits_for(tokio::spawn(async { 1 }));
}

/// `try_sync_call!` reports the stall as an error.
#[bridgehead::test(stall_after = "50ms")]
async fn a_call_that_stalls_is_an_error() {
    let refuses = |task| try_sync_call!(task);
    let stalled = refuses(spawn(async { 1 }));
    assert!(matches!(stalled, Err(CallError::Stalled { .. })), "{stalled:?}");
}

#[bridgehead::test(stall_after = "50ms", on_stall = "report")]
async fn a_slow_call_may_be_accepted() {
    let slow = || sync_call!(sleep(Duration::from_millis(300)));
    slow();
}

#[bridgehead::test(stall_after = "50ms", on_stall = bridgehead::OnStall::Ignore, timeout = "10m")]
async fn a_slow_call_may_be_accepted_with_a_timeout() {
    let slow = || sync_call!(sleep(Duration::from_millis(300)));
    slow();
}

/// Tests that fail, which the tests below run.
mod fails {
    use super::*;

    #[bridgehead::test]
    #[ignore = "fails on purpose"]
    async fn by_a_stall() {
        waits_for(tokio::spawn(async { 1 }));
    }

    #[bridgehead::test(timeout = "10m")]
    #[ignore = "fails on purpose"]
    async fn by_a_stall_with_a_timeout() {
        waits_for(tokio::spawn(async { 1 }));
    }

    #[bridgehead::test]
    #[ignore = "fails on purpose"]
    async fn with_an_error() -> Result<(), Box<dyn Error>> {
        Err("of the body")?;
        Ok(())
    }

    #[bridgehead::test(leaks = "fail")]
    #[ignore = "fails on purpose"]
    async fn with_an_error_and_a_leak() -> Result<(), Box<dyn Error>> {
        spawn(pending::<()>()).detach();
        Err("of the body")?;
        Ok(())
    }

    #[bridgehead::test(leaks = "fail")]
    #[ignore = "fails on purpose"]
    async fn by_a_task() {
        spawn(pending::<()>()).detach(); // leaks: task
        tokio::task::yield_now().await;
    }

    #[bridgehead::test(leaks = "fail")]
    #[ignore = "fails on purpose"]
    async fn by_a_plain_task() {
        tokio::spawn(pending::<()>());
    }

    #[bridgehead::test(leaks = "fail", flavor = "multi_thread", worker_threads = 1)]
    #[ignore = "fails on purpose"]
    async fn by_blocking_work() {
        to_thread(|| thread::sleep(Duration::from_millis(50))).detach(); // leaks: work
    }

    #[bridgehead::test(leaks = "fail", shutdown_timeout = "10ms")]
    #[ignore = "fails on purpose"]
    async fn by_a_thread() {
        tokio::task::spawn_blocking(|| thread::sleep(LONG));
        sleep(Duration::from_millis(20)).await;
    }

    #[bridgehead::test(unhandled = "fail")]
    #[ignore = "fails on purpose"]
    async fn by_a_task_that_no_code_awaits() {
        spawn(async { Err::<(), _>("of the task") }).detach();
        sleep(LONG).await;
    }

    #[bridgehead::test(timeout = "100ms")]
    #[ignore = "fails on purpose"]
    async fn in_time_at_an_await() {
        spawn(pending::<()>()).await.unwrap(); // runs: task
    }

    #[bridgehead::test(timeout = "100ms")]
    #[ignore = "fails on purpose"]
    async fn in_time_stuck() {
        let _task = to_thread(|| thread::sleep(LONG)); // runs: work
        tokio::task::yield_now().await;
        thread::sleep(LONG);
    }

    #[bridgehead::test(timeout = "100ms", shutdown_timeout = "300ms")]
    #[ignore = "fails on purpose"]
    async fn in_time_left_behind() {
        to_thread(|| thread::sleep(LONG)).detach(); // left: work
    }

    #[bridgehead::test(timeout = "100ms", grace_period = "50ms")]
    #[ignore = "fails on purpose"]
    async fn in_time_while_it_awaits_the_end() {
        cancelled().await;
        sleep(LONG).await;
    }
}

/// Runs a test of `fails`, and returns what it printed.
fn fails(name: &str) -> String {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("test_attribute::fails::{name}"), "--include-ignored"]);
    let began = Instant::now();
    let output = child::finish(name, command);
    assert_eq!(output.status.code(), Some(101), "{name}: {}", child::stderr(&output));
    assert!(began.elapsed() < Duration::from_secs(20));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("running 1 test") && text.contains("1 failed"), "{text}");
    text
}

/// The location of the line with this end.
fn place(end: &str) -> String {
    let text = include_str!("test_attribute.rs");
    let line = text.lines().position(|line| line.ends_with(end)).unwrap() + 1;
    format!("{}:{line}:", file!())
}

/// The location of the attribute of the function.
fn attribute(name: &str) -> String {
    let text: Vec<_> = include_str!("test_attribute.rs").lines().collect();
    let head = format!("async fn {name}(");
    let line = text.iter().position(|line| line.trim_start().starts_with(&head)).unwrap();
    format!("{}:{}:5", file!(), line - 1)
}

#[track_caller]
fn assert_reports(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no `{part}` in: {text}");
    }
}

#[test]
fn an_error_fails_the_test() {
    for name in ["with_an_error", "with_an_error_and_a_leak"] {
        assert_reports(&fails(name), &["Error: \"of the body\""]);
    }
}

#[test]
fn a_leak_fails_the_test_and_is_located() {
    let text = fails("by_a_task");
    assert_reports(
        &text,
        &[
            &attribute("by_a_task"),
            "leaks",
            "dropped:\n    task started at",
            &place("// leaks: task"),
        ],
    );
    let text = fails("by_a_plain_task");
    assert_reports(&text, &[&attribute("by_a_plain_task"), "leaks", "plain tokio tasks: 1"]);
    let text = fails("by_blocking_work");
    assert_reports(
        &text,
        &["leaks", "finished in time:\n    blocking work started at", &place("// leaks: work")],
    );
    let text = fails("by_a_thread");
    assert_reports(&text, &["leaks", "abandoned, and still running:\n    thread of the runtime"]);
}

#[test]
fn a_stall_fails_the_test_by_default() {
    let here = place("sync_call!(task).unwrap()");
    for name in ["by_a_stall", "by_a_stall_with_a_timeout"] {
        assert_reports(&fails(name), &[&here, "drives"]);
    }
}

#[test]
fn a_failed_task_fails_the_test_if_it_is_to() {
    assert_reports(
        &fails("by_a_task_that_no_code_awaits"),
        &["a task of the test at", "failed: of the task"],
    );
}

#[test]
fn a_test_that_takes_too_long_reports_where_it_was() {
    let text = fails("in_time_at_an_await");
    let here = attribute("in_time_at_an_await");
    assert_reports(
        &text,
        &[&format!("the test at {here} did not end within 100ms: it waited at an `.await`")],
    );
    assert_reports(
        &text,
        &[&format!("the main future started at {here}"), &place("// runs: task")],
    );
    assert_reports(&fails("in_time_while_it_awaits_the_end"), &["did not end within 100ms"]);
}

#[test]
fn a_test_that_is_stuck_is_left_behind() {
    let text = fails("in_time_stuck");
    assert_reports(
        &text,
        &["its thread is stuck in code that doesn't `.await`", "the main future started at"],
    );
    assert_reports(&text, &[&attribute("in_time_stuck"), &place("// runs: work")]);
    let text = fails("in_time_left_behind");
    assert_reports(&text, &["its body did, but not what it left behind", &place("// left: work")]);
}
