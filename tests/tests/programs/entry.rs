//! `#[entry]`, as whole programs see it.

use std::process::{Command, Output};

use bridgehead_tests::child;

macro_rules! program {
    ($name:literal) => {
        child::finish($name, Command::new(env!(concat!("CARGO_BIN_EXE_", $name))))
    };
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn it_serves_plain_threads_while_it_runs_and_the_background_runtime_does_afterwards() {
    let output = program!("entry_serves");
    child::assert_success("entry_serves", &output);
    assert_eq!(stdout(&output), "after: Some(\"bridgehead\")\n");
}

#[test]
fn a_current_thread_entry_serves_nobody_else() {
    child::assert_success("entry_current_thread", &program!("entry_current_thread"));
}

#[test]
fn an_error_is_printed_and_fails_the_program() {
    let output = program!("entry_error");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(child::stderr(&output), "Error: \"of the test\"\n");
}

/// Without unwinding, the call keeps waiting, and is reported as abandoned. A panic of the call
/// would abort the process before `main` could set its status.
#[test]
fn a_call_that_still_waits_at_the_end_leaves_the_status_to_main() {
    let output = program!("entry_leaves_a_call");
    let text = child::stderr(&output);
    assert_eq!(output.status.code(), Some(7), "{text}");
    assert!(
        text.contains("entry_leaves_a_call.rs:12:5") && text.contains("shutting down"),
        "{text}"
    );
    assert_eq!(text.contains("abandoned"), cfg!(panic = "abort"), "{text}");
}

#[test]
fn an_exit_code_is_the_programs() {
    assert_eq!(program!("entry_exit_code").status.code(), Some(7));
}

#[test]
fn main_may_never_return() {
    assert_eq!(program!("entry_never").status.code(), Some(3));
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_main_inside_of_main_is_refused_and_both_places_are_named() {
    let output = program!("entry_nested");
    assert_eq!(output.status.code(), Some(101));
    assert_eq!(stdout(&output), "reached\n");
    let text = child::stderr(&output);
    assert!(text.contains("async code is running already"), "{text}");
    let place = "tests/src/bin/entry_nested.rs:4:1";
    let refused = format!("the run at {place} was started on a thread");
    let runs = format!("its run was started at {place}");
    assert!(text.contains(&refused) && text.contains(&runs), "{text}");
}

#[test]
fn a_task_that_no_code_awaits_can_fail_the_program() {
    let output = program!("entry_fails");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "main is dropped\n");
    let text = child::stderr(&output);
    assert!(text.contains("entry_fails.rs:14:5 failed: of the test"), "{text}");
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_panic_is_the_programs() {
    let output = program!("entry_panic");
    assert_eq!(output.status.code(), Some(101));
    assert!(child::stderr(&output).contains("of the test"));
}
