//! Runs the command on a crate of small cases, whose comments list the expected reports.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs, mem};

use cargo_metadata::Message;
use cargo_metadata::diagnostic::DiagnosticLevel;

/// The blockers that are reported, by file and line.
type Reports = BTreeMap<(String, usize), Vec<String>>;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");

/// The folders of sources in the crate.
const PACKAGES: &[&str] = &["src", "src/only_tests", "legacy/src"];

/// Copies the crate, with the lock file of the workspace, so that it uses the versions that are on
/// this machine.
fn copy() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus");
    for package in PACKAGES {
        let sources = folder.join(package);
        let _ = fs::remove_dir_all(&sources);
        fs::create_dir_all(&sources).unwrap();
        for file in fs::read_dir(Path::new(SOURCES).join(package)).unwrap() {
            let file = file.unwrap();
            if file.path().is_dir() {
                continue;
            }
            fs::copy(file.path(), sources.join(file.file_name())).unwrap();
        }
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let manifest = fs::read_to_string(Path::new(SOURCES).join("Cargo.toml")).unwrap();
    let manifest = manifest.replace("../../..", workspace.to_str().unwrap());
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(Path::new(SOURCES).join("legacy/Cargo.toml"), folder.join("legacy/Cargo.toml"))
        .unwrap();
    fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    folder
}

/// Whether rust-analyzer is installed. If not, the test does nothing, and a message mentions it.
fn has_analyzer(test: &str) -> bool {
    let version = Command::new("rust-analyzer").arg("--version").stdin(Stdio::null()).output();
    let is_there = version.is_ok_and(|output| output.status.success());
    if !is_there {
        let message = format!(
            "skipped: {test}: rust-analyzer is missing; run `rustup component add rust-analyzer`\n"
        );
        // The test harness shows the output of `eprintln!` only if the test fails.
        io::stderr().write_all(message.as_bytes()).unwrap();
    }
    is_there
}

fn check(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-bridgehead"));
    command.args(["bridgehead", "check"]).args(arguments).current_dir(folder);
    command.env("CARGO_TARGET_DIR", folder.join("target")).env("CARGO_NET_OFFLINE", "true");
    // The warnings of `cargo check` look like reports.
    command.env("RUSTFLAGS", "-Awarnings");
    command.stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The reports that the comments list. `//~` is for an error, `//?` for a call that may block for a
/// short time, and `//+` for an error with the feature `slow`.
fn expected(folder: &Path, packages: &[&str], marks: &[&str]) -> Reports {
    let mut expected = Reports::new();
    for package in packages {
        for entry in fs::read_dir(folder.join(package)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let name = format!("{package}/{}", path.file_name().unwrap().to_str().unwrap());
            for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
                let found = marks.iter().find_map(|mark| line.split_once(mark));
                // The docs of the crate explain the marks, and contain none.
                if let Some((_, blocker)) = found.filter(|_| !line.starts_with("//!")) {
                    expected
                        .entry((name.clone(), number + 1))
                        .or_default()
                        .push(blocker.trim().to_owned());
                }
            }
        }
    }
    expected
}

/// The reports of a run. The place is behind `-->`, and the blocker is the last name in backticks
/// of the label.
fn reported(output: &str) -> Reports {
    let mut reported = Reports::new();
    for report in output.split("\n\n").filter(|report| report.contains("--> ")) {
        let place = report.split("--> ").nth(1).unwrap().lines().next().unwrap();
        let (file, rest) = place.split_once(':').unwrap();
        let line = rest.split(':').next().unwrap().parse().unwrap();
        let label = report.lines().find(|line| line.contains("^ ")).expect("a label");
        let names: Vec<_> = label.split('`').skip(1).step_by(2).collect();
        let blocker = names.last().unwrap().rsplit("::").next().unwrap();
        reported.entry((file.to_owned(), line)).or_default().push(blocker.to_owned());
    }
    reported
}

fn assert_same(output: &Output, expected: &Reports) {
    let text = text(&output.stderr);
    let reported = reported(&text);
    let missing: Vec<_> =
        expected.iter().filter(|(place, names)| reported.get(place) != Some(names)).collect();
    let wrong: Vec<_> =
        reported.iter().filter(|(place, names)| expected.get(place) != Some(names)).collect();
    assert!(
        missing.is_empty() && wrong.is_empty(),
        "{text}\nnot reported: {missing:#?}\nwrong: {wrong:#?}"
    );
}

/// This is one test, since all cases share one index.
#[test]
fn each_case_is_as_its_comment_states() {
    if !has_analyzer("each_case_is_as_its_comment_states") {
        return;
    }
    let folder = copy();
    let output = check(&folder, &[]);
    assert_same(&output, &expected(&folder, PACKAGES, &["//~"]));
    assert_eq!(output.status.code(), Some(1));

    // This run uses the index of the first one.
    let output = check(&folder, &["--may-block"]);
    assert!(!text(&output.stderr).contains("Indexing"));
    assert_same(&output, &expected(&folder, PACKAGES, &["//~", "//?"]));

    let output = check(&folder, &["--all-targets"]);
    assert_same(&output, &expected(&folder, PACKAGES, &["//~", "//t"]));

    baseline(&folder);
    sarif(&check(&folder, &["-p", "corpus", "--message-format", "sarif"]), &folder);
    messages_of_cargo(&check(&folder, &["-p", "corpus", "--message-format", "json"]), &folder);

    // Other features need another index.
    let output = check(&folder, &["-p", "legacy", "--features", "legacy/slow"]);
    assert!(text(&output.stderr).contains("Indexing"));
    assert_same(&output, &expected(&folder, &["legacy/src"], &["//~", "//+"]));
}

/// Known findings are not reported. A known finding that no longer exists is mentioned.
fn baseline(folder: &Path) {
    let all = check(folder, &["--write-baseline", "baseline.json"]);
    assert_eq!(all.status.code(), Some(0), "{}", text(&all.stderr));
    let output = check(folder, &["--baseline", "baseline.json"]);
    let errors = text(&output.stderr);
    assert!(errors.contains("note: not reported since baseline.json has them: "), "{errors}");
    assert!(errors.trim_end().ends_with(" places\nno async code blocks its thread"), "{errors}");
    assert_eq!(output.status.code(), Some(0));

    let file = folder.join("baseline.json");
    let known = fs::read_to_string(&file).unwrap();
    let edited = known.replace("\"corpus::only_tests::waits\"", "\"corpus::only_tests::gone\"");
    assert_ne!(known, edited);
    fs::write(&file, edited).unwrap();
    let output = check(folder, &["--baseline", "baseline.json"]);
    let errors = text(&output.stderr);
    assert!(
        errors.contains(
            "note: only in baseline.json: `corpus::only_tests::gone` blocks by `std::thread::sleep`"
        ),
        "{errors}"
    );
    let reported: Vec<_> = reported(&errors).into_keys().map(|(file, _)| file).collect();
    assert_eq!(reported, ["src/only_tests.rs"], "{errors}");
    assert_eq!(output.status.code(), Some(1));
}

/// The places are the same as in the other formats.
fn sarif(output: &Output, folder: &Path) {
    let log: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let mut places = BTreeMap::<_, usize>::new();
    for result in log["runs"][0]["results"].as_array().unwrap() {
        assert_eq!(
            (&result["ruleId"], &result["level"]),
            (&"bridgehead::blocks".into(), &"error".into())
        );
        let place = &result["locations"][0]["physicalLocation"];
        let file = place["artifactLocation"]["uri"].as_str().unwrap().to_owned();
        let line = usize::try_from(place["region"]["startLine"].as_u64().unwrap()).unwrap();
        *places.entry((file, line)).or_default() += 1;
    }
    let expected = expected(folder, &PACKAGES[..2], &["//~"]);
    assert_eq!(places, expected.into_iter().map(|(place, names)| (place, names.len())).collect());
}

/// The messages are parsed as cargo's own, and have the same places and blockers.
fn messages_of_cargo(output: &Output, folder: &Path) {
    let mut reports = Reports::new();
    let mut is_open = true;
    for message in Message::parse_stream(&output.stdout[..]) {
        let message = match message.unwrap() {
            Message::CompilerMessage(message) => message,
            Message::BuildFinished(finished) => {
                assert!(!finished.success && mem::take(&mut is_open), "the last line");
                continue;
            }
            // A message of `cargo check`.
            _ => continue,
        };
        assert!(is_open, "after the last line");
        let diagnostic = message.message;
        let span = &diagnostic.spans[0];
        let label = span.label.as_ref().unwrap();
        let blocker = label.rsplit('`').nth(1).unwrap().rsplit("::").next().unwrap();
        let line = &span.text[0];
        assert!(
            line.text[line.highlight_start - 1..line.highlight_end - 1]
                .chars()
                .all(|c| c.is_alphanumeric() || c == '_')
        );
        assert_eq!(message.target.name, "corpus");
        assert_eq!(diagnostic.level, DiagnosticLevel::Error);
        reports
            .entry((span.file_name.clone(), span.line_start))
            .or_default()
            .push(blocker.to_owned());
    }
    assert_eq!(reports, expected(folder, &["src"], &["//~"]));
}
