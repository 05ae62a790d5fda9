//! The fork that users meet most: Python's `multiprocessing`, with a library that makes calls in
//! the parent and in its children.
#![cfg(unix)]

use std::env;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use bridgehead_tests::child;

fn has_python() -> bool {
    let is_there = Command::new("python3").arg("--version").output().is_ok();
    if !is_there {
        eprintln!("skipped: there is no python3 here");
    }
    is_there
}

/// The library of `examples/python`. `cargo test` has built it, unless it was run for a single
/// test.
fn library() -> PathBuf {
    let executable = env::current_exe().expect("the test executable");
    let folder = executable.ancestors().nth(2).expect("the folder of the profile");
    let name = format!("{}python{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    let library = folder.join("examples").join(name);
    if !library.exists() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([
            "build",
            "--quiet",
            "--locked",
            "--package",
            "bridgehead-tests",
            "--example",
            "python",
        ]);
        assert!(cargo.status().expect("cargo").success(), "the library can't be built");
    }
    library
}

/// The standard error of a script, whose process must end by SIGSEGV.
fn faults(python_has_a_handler: &str, fault: &str) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/python/faults.py");
    let mut python = Command::new("python3");
    python.arg(script).arg(library()).args([python_has_a_handler, fault]);
    let name = format!("{python_has_a_handler}, {fault}");
    let output = child::finish(&name, python);
    let (said, reported) = (String::from_utf8_lossy(&output.stdout), child::stderr(&output));
    assert_eq!(said, "ready\n", "{name}: {reported}");
    assert_eq!(
        output.status.signal(),
        Some(libc::SIGSEGV),
        "{name}: {}, {reported}",
        output.status
    );
    reported
}

/// The library's handler for the stacks of fibers must neither swallow a fault of other code nor
/// miss one of a fiber.
#[test]
#[cfg_attr(panic = "abort", ignore = "the library is built otherwise")]
fn pythons_faulthandler_reports_faults_beside_the_handler_for_fibers() {
    const PYTHONS: &str = "Fatal Python error: Segmentation fault";
    const OURS: &str = "has overflowed its stack of 65536 bytes";
    if !has_python() {
        return;
    }
    // Whether Python reports the fault, and whether the library does.
    let cases = [
        ("never", "null", false, false),
        ("before", "null", true, false),
        ("after", "null", true, false),
        ("before", "null in a thread", true, false),
        ("never", "sent", false, false),
        ("before", "sent", true, false),
        ("after", "sent", true, false),
        ("never", "unloaded", false, false),
        ("before", "unloaded", true, false),
        ("never", "overflow", false, true),
        ("never", "overflow in a thread", false, true),
        ("before", "overflow", true, true),
        ("before", "overflow in a thread", true, true),
        // Python's handler is called first, and ends the process.
        ("after", "overflow", true, false),
    ];
    for (handler, fault, pythons, ours) in cases {
        let reported = faults(handler, fault);
        assert_eq!(reported.contains(PYTHONS), pythons, "{handler}, {fault}: {reported}");
        assert_eq!(reported.contains(OURS), ours, "{handler}, {fault}: {reported}");
    }
}

#[test]
#[cfg_attr(panic = "abort", ignore = "the library is built otherwise")]
fn pythons_multiprocessing_calls_in_the_parent_and_in_its_children() {
    if !has_python() {
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/python/pools.py");
    let mut python = Command::new("python3");
    python.arg("-Wignore").arg(script).arg(library());
    let output = child::finish("multiprocessing", python);
    child::assert_success("multiprocessing", &output);
    assert!(String::from_utf8_lossy(&output.stdout).contains("parent and children are done"));
}

/// With `parking_lot` about one forked child in four crashes in its table of parked threads, and
/// these tests would fail.
#[test]
fn tokio_is_built_without_parking_lot() {
    let lock = include_str!("../../../Cargo.lock");
    let tokio = lock.split("[[package]]").find(|package| package.contains("\nname = \"tokio\"\n"));
    assert!(!tokio.expect("tokio").contains("parking_lot"));
}
