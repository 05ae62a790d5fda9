//! The extension in Python: calls, signals, forks, and the end of the process. Skipped where there
//! is no Python.
#![cfg(unix)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bridgehead_tests::{child, pages};

/// Python with the extension. `None` if there is no Python.
fn python(script: &str) -> Option<Command> {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: there is no python3 here");
        return None;
    }
    let mut python = Command::new("python3");
    python.arg(scripts().join(script)).env("PYTHONPATH", installed(script));
    Some(python)
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts")
}

/// A folder that contains the extension under the name that Python looks for. Each test has its
/// own.
fn installed(script: &str) -> PathBuf {
    let library = format!("{}waits{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    let library = env::current_exe().expect("the test executable").with_file_name(library);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(script).with_extension("");
    fs::create_dir_all(&folder).expect("a folder");
    let _ = fs::remove_file(folder.join("waits.abi3.so"));
    fs::copy(library, folder.join("waits.abi3.so")).expect("the extension");
    folder
}

/// Runs a script to its end. The test fails if it hangs.
fn run(script: &str, python: Command) -> Output {
    let output = child::finish(script, python);
    child::assert_success(script, &output);
    let stderr = child::stderr(&output);
    assert!(!stderr.contains("panicked") && !stderr.contains("bridgehead:"), "{script}: {stderr}");
    output
}

fn run_to_its_last_line(script: &str) {
    let Some(mut python) = python(script) else { return };
    // Python warns of forks in a process with threads.
    python.env("PYTHONWARNINGS", "ignore");
    let stdout = run(script, python).stdout;
    assert!(String::from_utf8_lossy(&stdout).ends_with("done\n"));
}

#[test]
fn functions_wait_on_every_thread_with_the_gil_released() {
    run_to_its_last_line("calls.py");
}

#[test]
fn a_signal_ends_the_wait_with_what_its_handler_raises() {
    run_to_its_last_line("interrupts.py");
}

#[test]
fn forked_processes_wait_as_well() {
    run_to_its_last_line("forks.py");
}

#[test]
fn the_end_waits_for_what_has_been_begun_and_for_no_thread() {
    let Some(mut python) = python("ends.py") else { return };
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ends/saved");
    let saved = || (0..20).map(|number| file.with_extension(number.to_string()));
    saved().for_each(|file| drop(fs::remove_file(file)));
    python.arg(&file);
    run("ends.py", python);
    for file in saved() {
        assert_eq!(fs::read_to_string(&file).unwrap_or_default(), "saved", "{}", file.display());
    }
}

#[test]
fn the_guide_shows_code_of_the_extension() {
    let page = include_str!("../../runtime/docs/guide/python.md");
    pages::assert_code_is_of(page, "rust,ignore", &[include_str!("../src/lib.rs")]);
}
