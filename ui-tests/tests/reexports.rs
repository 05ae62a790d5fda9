//! Crates that get the macros from another crate, and crates that rename this one: builds the
//! workspace in `reexports/`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use bridgehead_ui_tests::copy_crate;

fn cargo(arguments: &[&str]) -> Output {
    static WORKSPACE: OnceLock<PathBuf> = OnceLock::new();
    let folder = WORKSPACE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reexports");
        copy_crate("reexports", &folder);
        folder
    });
    Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--quiet", "--offline", "--target-dir"])
        .arg(folder.with_file_name("reexports-target"))
        .current_dir(folder)
        .output()
        .unwrap()
}

fn succeeds(arguments: &[&str]) {
    let output = cargo(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_crate_without_the_dependency() {
    succeeds(&["run", "--package=app"]);
}

#[test]
fn a_renamed_dependency() {
    succeeds(&["run", "--package=renamed"]);
    succeeds(&["test", "--package=renamed"]);
    succeeds(&["test", "--package=facade", "--doc"]);
}

/// Without the feature the crate contains nothing of this one. With it the options of the functions
/// take effect.
#[test]
fn a_feature_for_the_twins() {
    succeeds(&["check", "--package=optional"]);
    succeeds(&["test", "--package=optional", "--features=blocking"]);
    succeeds(&[
        "doc",
        "--package=optional",
        "--features=blocking",
        "--no-deps",
        "--document-private-items",
    ]);
    succeeds(&["doc", "--package=optional", "--features=blocking", "--no-deps"]);
}

/// The attributes can't find this crate, and report that once each. The check for calls in async
/// code works without it.
#[test]
fn a_missing_dependency_is_reported_once_an_attribute() {
    let output = cargo(&["check", "--package=undeclared", "--tests"]);
    let printed = String::from_utf8(output.stderr).unwrap();
    let errors: Vec<_> = printed.lines().filter(|line| line.starts_with("error")).collect();
    let missing = "error: this package doesn't depend on `bridgehead`; add it with `cargo add bridgehead`, or specify \
                   its path in another crate: `crate = path::to::bridgehead`";
    let in_async =
        "error: `sync_call!` inside `async fn in_async` would block its thread: use `.await` here";
    assert_eq!(errors[..4], [missing, missing, missing, in_async], "{printed}");
    assert!(errors[4].starts_with("error: could not compile"), "{printed}");
    assert!(!printed.contains("originates in"), "{printed}");
}
