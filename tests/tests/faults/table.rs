//! The table in the crate's documentation.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::{BRIDGES, FAULTS, Outcome};

/// Whether to write the outcomes into the page, instead of comparing them.
pub(crate) fn is_to_be_written() -> bool {
    env::var("FAULTS").is_ok_and(|what| what == "overwrite")
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/docs/faults.md")
}

pub(crate) fn write(outcomes: &[[Outcome; 3]]) {
    fs::write(path(), text(outcomes)).expect("the page");
}

fn text(outcomes: &[[Outcome; 3]]) -> String {
    let [ours, in_place, or_thread] = BRIDGES;
    let mut text =
        format!("| | fault | `{ours}` | {in_place} | {or_thread} |\n|---|---|---|---|---|\n");
    for (fault, row) in FAULTS.iter().zip(outcomes) {
        let [ours, in_place, or_thread] = row;
        let (number, what) = (fault.number, fault.what);
        let _ = writeln!(text, "| {number} | {what} | {ours} | {in_place} | {or_thread} |");
    }
    text
}

/// The outcomes in the page, whose rows must be those of `FAULTS`.
pub(crate) fn read() -> Vec<[Outcome; 3]> {
    let page = fs::read_to_string(path()).expect("the page");
    let row = |line: &str| {
        let cells: Vec<_> = line.trim_end_matches(" |").split(" | ").collect();
        [cells.len() - 3, cells.len() - 2, cells.len() - 1].map(|place| outcome(cells[place]))
    };
    let outcomes: Vec<_> = page.lines().skip(2).map(row).collect();
    assert_eq!(
        text(&outcomes),
        page,
        "the table is of other faults; write it anew with FAULTS=overwrite"
    );
    outcomes
}

fn outcome(cell: &str) -> Outcome {
    let all = [Outcome::Completed, Outcome::Reported, Outcome::Hung, Outcome::Crashed];
    all.into_iter().find(|outcome| outcome.to_string() == cell).unwrap_or_else(|| panic!("{cell}"))
}
