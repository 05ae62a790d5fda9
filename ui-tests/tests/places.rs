//! Whether a call is directly in async code, in every kind of place in a source. Compiles the crate
//! in `places/`, whose comments contain the expected errors.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use bridgehead_ui_tests::copy_crate;
use serde_json::Value;

/// File, line and message.
type Told = (String, u64, String);

/// The errors that are expected on lines with `//~ text`.
fn expected(folder: &Path, within: &Path, found: &mut Vec<Told>) {
    for entry in fs::read_dir(within).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            expected(folder, &path, found);
            continue;
        }
        let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
        for (line, text) in (1..).zip(fs::read_to_string(&path).unwrap().lines()) {
            let texts = text.split("//~").skip(1).filter(|_| !text.trim_start().starts_with("//!"));
            found.extend(texts.map(|text| (name.clone(), line, text.trim().to_owned())));
        }
    }
}

/// The errors of the compiler, with the location that the user sees.
fn told(folder: &Path, flags: &str) -> Vec<Told> {
    let output = Command::new(env!("CARGO"))
        .args(["check", "--tests", "--quiet", "--offline", "--message-format=json"])
        .args(["--target-dir", concat!(env!("CARGO_TARGET_TMPDIR"), "/places-target")])
        .env("RUSTFLAGS", flags)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let messages: Vec<Value> =
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = messages.iter().filter_map(error).collect();
    assert!(!told.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    told
}

/// `None` for a message that is no error, and for the summary at the end.
fn error(message: &Value) -> Option<Told> {
    let message = &message["message"];
    if message["level"] != "error" {
        return None;
    }
    let spans = message["spans"].as_array()?;
    let span = spans.iter().find(|span| span["is_primary"] == true)?;
    let file = span["file_name"].as_str()?.replace('\\', "/");
    let text = message["message"].as_str()?;
    Some((file, span["line_start"].as_u64()?, text.to_owned()))
}

/// Compares the errors, for files whose paths begin with `prefix` for the compiler.
fn compare(name: &str, flags: &str, prefix: &str) {
    // A copy, since the crate changes its own files while it is compiled.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    copy_crate("places", &folder);
    let mut expected_here = Vec::new();
    expected(&folder, &folder.join("src"), &mut expected_here);
    assert!(expected_here.len() > 50);
    let mut told: BTreeMap<_, Vec<_>> =
        told(&folder, flags).into_iter().fold(BTreeMap::new(), |mut all, (file, line, message)| {
            let messages: &mut Vec<String> = all.entry((file, line)).or_default();
            messages.push(message);
            all
        });
    let mut missing = Vec::new();
    for (file, line, text) in expected_here {
        let file = file.replacen("src", prefix, 1);
        let messages = told.entry((file.clone(), line)).or_default();
        match messages.iter().position(|message| message.contains(&text)) {
            Some(at) => drop(messages.remove(at)),
            None => missing.push((file, line, text)),
        }
    }
    told.retain(|_, messages| !messages.is_empty());
    assert!(missing.is_empty() && told.is_empty(), "missing: {missing:#?}\nunexpected: {told:#?}");
}

#[test]
fn every_place_is_classified_rightly() {
    compare("places", "", "src");
}

/// The compiler knows the files by other names than those on the disk.
#[test]
fn with_remapped_paths() {
    compare("places-remapped", "--remap-path-prefix=src=remapped", "remapped");
}
