//! The exit status of a program that a signal has closed, and what is printed of its `main`.
#![cfg(unix)]

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

use bridgehead_tests::child::{self, stderr};

fn program(how: &str, status: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exit_status"));
    command.args([how, status]);
    child::finish(how, command)
}

#[track_caller]
fn assert_terminated(output: &Output) {
    assert_eq!(
        output.status.signal(),
        Some(libc::SIGTERM),
        "{}\n{}",
        output.status,
        stderr(output)
    );
}

#[track_caller]
fn assert_code(code: i32, output: &Output) {
    assert_eq!(output.status.code(), Some(code), "{}\n{}", output.status, stderr(output));
}

#[test]
fn it_is_the_signals_unless_asked_for_otherwise() {
    for how in ["ok", "code", "error", "never"] {
        assert_terminated(&program(how, "signal"));
    }
}

#[test]
fn it_is_that_of_main_if_asked_for() {
    assert_code(0, &program("ok", "main"));
    assert_code(7, &program("code", "main"));
    assert_code(1, &program("error", "main"));
}

#[test]
fn a_main_that_is_dropped_has_none() {
    assert_terminated(&program("never", "main"));
}

#[test]
fn an_error_of_main_is_printed_once_in_any_case() {
    for status in ["signal", "main"] {
        let text = stderr(&program("error", status));
        assert_eq!(text.matches("Error: \"the error of main\"").count(), 1, "{status}: {text}");
    }
}

#[test]
#[cfg_attr(panic = "abort", ignore = "a panic aborts")]
fn a_panic_of_main_counts_as_its_end() {
    for status in ["signal", "main"] {
        let output = program("panic", status);
        let text = stderr(&output);
        assert_eq!(text.matches("the panic of main").count(), 1, "{status}: {text}");
        if status == "main" {
            assert_code(101, &output);
        } else {
            assert_terminated(&output);
        }
    }
}
