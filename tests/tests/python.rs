//! The fork that people meet: Python's `multiprocessing`, with a library that makes calls in the parent and in its children.
#![cfg(unix)]

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use bridgehead_tests::child;

/// The library of `examples/python`, which `cargo test` has built unless it was asked for one test only.
fn library() -> PathBuf {
    let executable = env::current_exe().expect("the test executable");
    let folder = executable.ancestors().nth(2).expect("the folder of the profile");
    let name = format!("{}python{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    let library = folder.join("examples").join(name);
    if !library.exists() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--locked", "--package", "bridgehead-tests", "--example", "python"]);
        assert!(cargo.status().expect("cargo").success(), "the library can't be built");
    }
    library
}

#[test]
#[cfg_attr(panic = "abort", ignore = "the library is built otherwise")]
fn pythons_multiprocessing_calls_in_the_parent_and_in_its_children() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: there is no python3 here");
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/python/pools.py");
    let mut python = Command::new("python3");
    python.arg("-Wignore").arg(script).arg(library());
    let output = child::finish("multiprocessing", python);
    child::assert_success("multiprocessing", &output);
    assert!(String::from_utf8_lossy(&output.stdout).contains("parent and children are done"));
}

/// With it about one forked child in four crashes, in its table of parked threads: what is tested here would not hold.
#[test]
fn tokio_is_built_without_parking_lot() {
    let lock = include_str!("../../Cargo.lock");
    let tokio = lock.split("[[package]]").find(|package| package.contains("\nname = \"tokio\"\n"));
    assert!(!tokio.expect("tokio").contains("parking_lot"));
}
