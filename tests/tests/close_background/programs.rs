//! Whole programs whose `main` is synchronous.

use std::process::Command;

use bridgehead_tests::child;

macro_rules! program {
    ($name:literal) => {
        child::finish($name, Command::new(env!(concat!("CARGO_BIN_EXE_", $name))))
    };
}

#[test]
fn a_program_with_a_synchronous_main_reports_what_it_lost() {
    let output = program!("sync_main");
    child::assert_success("sync_main", &output);
    let text = String::from_utf8_lossy(&output.stdout);
    for line in [
        "flushed\nthe background runtime has ended\n  finished in time:\n    task started at ",
        "\n  dropped:\n    task started at tests/src/bin/sync_main.rs:21:5",
        "\n  abandoned, and still running:\n    blocking work started at tests/src/bin/sync_main.rs:23:5, running",
        "\n  failed, and not awaited:\n    task started at tests/src/bin/sync_main.rs:22:5 failed: the disk is full\n",
    ] {
        assert!(text.contains(line), "{line:?} is missing:\n{text}");
    }
}

#[test]
fn it_may_be_closed_by_a_handler_of_atexit() {
    let output = program!("at_exit");
    child::assert_success("at_exit", &output);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text, "flushed\n1 finished, 1 dropped\n", "{}", child::stderr(&output));
}
