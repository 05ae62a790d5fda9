//! What holds for the messages of all cases: one fault, one error, and nothing that follows from it.

use std::fs;
use std::path::{Path, PathBuf};

const FOLDERS: [&str; 4] = ["entry", "sync_call", "test", "try_sync_call"];

/// Every case, and what the compiler says of it.
fn cases() -> impl Iterator<Item = (PathBuf, String, String)> {
    let files = FOLDERS.iter().flat_map(|folder| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path())
    });
    files.filter(|file| file.extension().is_some_and(|extension| extension == "rs")).map(|file| {
        let said = fs::read_to_string(file.with_extension("stderr")).unwrap_or_default();
        let case = fs::read_to_string(&file).unwrap();
        (file, case, said)
    })
}

/// The number in the case's first line, if that is `// errors: 2 because …`.
fn allowed(case: &str) -> usize {
    let first = case.lines().next().and_then(|line| line.strip_prefix("// errors: "));
    let number = first.and_then(|rest| rest.split_once(" because "));
    number.map_or(1, |(number, _)| number.parse().unwrap())
}

fn none_that(is_wrong: impl Fn(&str, &str) -> bool) {
    let wrong: Vec<_> =
        cases().filter(|(_, case, said)| is_wrong(case, said)).map(|(file, ..)| file).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn there_are_cases() {
    assert!(cases().count() > 100);
}

#[test]
fn every_fault_is_one_error() {
    none_that(|case, said| said.lines().filter(|line| line.starts_with("error")).count() != allowed(case));
}

#[test]
fn no_warning_follows() {
    none_that(|_, said| said.lines().any(|line| line.starts_with("warning")));
}

#[test]
fn a_main_function_is_found() {
    none_that(|_, said| said.contains("`main` function not found"));
}

/// A case may say `// originates in the macro because …`.
#[test]
fn errors_are_where_the_user_wrote_them() {
    none_that(|case, said| {
        said.contains("originates in the") && !case.contains("// originates in the macro because ")
    });
}
