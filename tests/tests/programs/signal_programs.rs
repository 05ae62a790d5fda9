//! Signals that request the shutdown of a program, and its exit status.
#![cfg(unix)]

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

use bridgehead_tests::child;
use libc::c_int;

const SIGNALS: [(&str, c_int); 2] = [("SIGINT", libc::SIGINT), ("SIGTERM", libc::SIGTERM)];

/// The standard output of a program that the signal has ended.
fn ended_by(signal: c_int, output: &Output) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let status = output.status;
    assert_eq!(status.signal(), Some(signal), "{status}\n{stdout}\n{}", child::stderr(output));
    stdout
}

fn program(what: &str, signal: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_signal_program"));
    command.args([what, signal]);
    child::finish(what, command)
}

#[test]
fn the_first_one_closes_the_run_and_the_status_is_the_signals() {
    for (name, signal) in SIGNALS {
        for what in ["dropped", "dropped, current_thread"] {
            let stdout = ended_by(signal, &program(what, name));
            assert_eq!(stdout, "main is dropped\nthe task has cleaned up\n", "{what}");
        }
    }
}

#[test]
fn a_main_that_awaits_cancelled_finishes() {
    for (name, signal) in SIGNALS {
        assert_eq!(
            ended_by(signal, &program("finishes", name)),
            "main has finished, without a newline"
        );
    }
}

#[test]
fn the_status_is_the_signals_even_where_the_signal_is_blocked() {
    for (name, signal) in SIGNALS {
        assert_eq!(ended_by(signal, &program("blocks it", name)), "main has blocked it\n");
    }
}

#[test]
fn the_second_one_ends_the_grace_period_at_once() {
    for (name, signal) in SIGNALS {
        assert_eq!(ended_by(signal, &program("long grace", name)), "cleaning up\n");
    }
}

#[test]
fn the_second_one_ends_a_program_that_is_stuck() {
    for (name, signal) in SIGNALS {
        assert_eq!(ended_by(signal, &program("stuck", name)), "asked\n");
    }
}

#[test]
fn a_thousand_of_them_end_the_program_like_two() {
    for (name, signal) in SIGNALS {
        ended_by(signal, &program("storm", name));
    }
}

#[test]
fn those_that_are_not_watched_for_do_as_ever() {
    assert_eq!(ended_by(libc::SIGHUP, &program("dropped", "SIGHUP")), "");
    assert_eq!(ended_by(libc::SIGTERM, &program("list", "SIGTERM")), "");
    assert_eq!(ended_by(libc::SIGINT, &program("off", "SIGINT")), "");
}

#[test]
fn a_list_names_the_signals() {
    for (name, signal) in [("SIGINT", libc::SIGINT), ("SIGHUP", libc::SIGHUP)] {
        let stdout = ended_by(signal, &program("list", name));
        assert_eq!(stdout, "main is dropped\nthe task has cleaned up\n");
    }
}

#[test]
fn losses_need_not_be_reported() {
    for (name, signal) in SIGNALS {
        ended_by(signal, &program("unheard", name));
    }
}

#[test]
fn one_that_comes_at_the_last_moment_is_not_lost() {
    for (name, signal) in SIGNALS {
        ended_by(signal, &program("last moment", name));
    }
}
