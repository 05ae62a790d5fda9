//! The command reports what it can't do in one clear error.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

/// Creates a package with this name, with this text at the end of its manifest, and with this
/// `src/lib.rs`.
fn package(name: &str, manifest: &str, source: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src")).unwrap();
    let start = format!("[workspace]\n[package]\nname = \"{name}\"\nedition = \"2024\"\n");
    fs::write(folder.join("Cargo.toml"), start + manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), source).unwrap();
    folder
}

/// The status, and the lines on standard error.
fn check(folder: &Path, arguments: &[&str], env: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-bridgehead"));
    command.arg("check").args(arguments).current_dir(folder).envs(env.iter().copied());
    command.env_remove("CARGO_TARGET_DIR").env("CARGO_NET_OFFLINE", "true").stdin(Stdio::null());
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

#[test]
fn no_workspace() {
    let folder = env::temp_dir();
    let (status, text) = check(&folder, &[], &[]);
    assert_eq!(status, Some(2));
    assert!(text.starts_with("error: could not find `Cargo.toml` in"), "{text}");
}

#[test]
fn no_such_package() {
    let folder = package("no_such_package", "", "");
    let (status, text) = check(&folder, &["-p", "other"], &[]);
    assert_eq!((status, text.as_str()), (Some(2), "error: the workspace has no package `other`"));
}

#[test]
fn no_such_feature() {
    let folder = package("no_such_feature", "", "");
    let (status, text) = check(&folder, &["--features", "other"], &[]);
    assert_eq!(status, Some(2));
    assert_eq!(text, "error: the package 'no_such_feature' does not contain this feature: other");
}

#[test]
fn code_that_does_not_compile() {
    let folder = package("code_that_does_not_compile", "", "fn f() -> u8 { \"\" }");
    let (status, text) = check(&folder, &[], &[]);
    assert_eq!(status, Some(2));
    assert!(text.contains("error[E0308]: mismatched types"), "{text}");
    let end = "error: the code does not compile, so that its calls can't be followed\n  = help: mend what `cargo check` reports above";
    assert!(text.ends_with(end), "{text}");
}

/// The error is reported even if the index exists: the index covers all targets, of which the first
/// run compiles fewer.
#[test]
fn a_test_that_does_not_compile() {
    let folder = package("a_test_that_does_not_compile", "", "");
    fs::create_dir_all(folder.join("tests")).unwrap();
    fs::write(folder.join("tests/slow.rs"), "fn f() -> u8 { \"\" }").unwrap();
    assert_eq!(check(&folder, &[], &[]).0, Some(0));
    let (status, text) = check(&folder, &["--all-targets"], &[]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("error[E0308]: mismatched types"), "{text}");
}

#[test]
fn no_such_baseline() {
    let folder = package("no_such_baseline", "", "");
    let (status, text) = check(&folder, &["--baseline", "none.json"], &[]);
    assert_eq!(status, Some(2));
    assert!(text.contains("error: can't read the baseline none.json: "), "{text}");
    assert!(text.ends_with("help: `--write-baseline` makes a new one"), "{text}");
}

#[test]
fn unknown_configuration() {
    let folder =
        package("unknown_configuration", "[package.metadata.bridgehead]\nallows = []\n", "");
    let (status, text) = check(&folder, &[], &[]);
    assert_eq!(status, Some(2));
    let expected = "unknown field `allows`, expected one of `blocks`, `allow`, `offloads`";
    assert!(
        text.starts_with("error: in `metadata.bridgehead` of") && text.ends_with(expected),
        "{text}"
    );
}

#[test]
fn no_rust_analyzer() {
    let folder = package("no_rust_analyzer", "", "");
    let cargo = Path::new(env!("CARGO"));
    let rustc = cargo.with_file_name("rustc");
    let env = [
        ("PATH", "/nowhere"),
        ("CARGO", cargo.to_str().unwrap()),
        ("RUSTC", rustc.to_str().unwrap()),
    ];
    let (status, text) = check(&folder, &[], &env);
    assert_eq!(status, Some(2));
    let expected =
        "error: rust-analyzer is not installed\n  = help: run `rustup component add rust-analyzer`";
    assert_eq!(text, expected);
}
