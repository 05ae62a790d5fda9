//! The outcomes as tables, in HTML for the colours. Each cell has its outcome as text too, for
//! print.

use std::fmt::Write;

use bridgehead_tests::contexts::CASES;

use crate::bridges::BRIDGES;
use crate::outcome::Outcome;

pub fn write(matrices: &[Vec<Vec<Outcome>>]) -> String {
    let mut page = String::from("<!-- Written by scripts/compare. -->\n\n");
    let [independent, dependent] = matrices else { unreachable!("two kinds of futures") };
    page += "# In how many contexts a bridge works\n\n";
    page += "| | bridge | independent | dependent | any future |\n|---|---|---|---|---|\n";
    for (at, bridge) in BRIDGES.iter().enumerate() {
        let any = if bridge.takes_any_future { "yes" } else { "no" };
        let (first, second) = (count(independent, at), count(dependent, at));
        writeln!(page, "| {} | {} | {first} | {second} | {any} |", at + 1, bridge.name)
            .expect("a string");
    }
    table(&mut page, "Independent futures, in each context", independent);
    table(&mut page, "Dependent futures, in each context", dependent);
    page
}

/// As `completes 12, hangs 3`.
fn count(matrix: &[Vec<Outcome>], bridge: usize) -> String {
    let of = |outcome| matrix.iter().filter(|row| row[bridge] == outcome).count();
    let counted = Outcome::ALL.into_iter().filter(|outcome| *outcome != Outcome::Impossible);
    let parts = counted.map(|outcome| (outcome, of(outcome))).filter(|(_, count)| *count > 0);
    parts.map(|(outcome, count)| format!("{outcome} {count}")).collect::<Vec<_>>().join(", ")
}

fn table(page: &mut String, title: &str, matrix: &[Vec<Outcome>]) {
    write!(page, "\n# {title}\n\n<table>\n<tr><th>context</th>").expect("a string");
    // The name of the bridge is shown where the mouse is over its number.
    for (at, bridge) in BRIDGES.iter().enumerate() {
        let (number, name) = (at + 1, bridge.name.replace('`', ""));
        write!(page, "<th title=\"{name}\">{number}</th>").expect("a string");
    }
    page.push_str("</tr>\n");
    for (case, row) in CASES.iter().zip(matrix) {
        // Where nothing can be compared, there is no row.
        if row.iter().all(|outcome| *outcome == Outcome::Impossible) {
            continue;
        }
        write!(page, "<tr><td>{}</td>", case.name).expect("a string");
        for outcome in row {
            let colour = colour(*outcome);
            write!(page, "\n<td style=\"background:{colour}\">{outcome}</td>").expect("a string");
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</table>\n");
}

/// Translucent, and so readable on a light page and on a dark one.
fn colour(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Completes => "#2a9d3a55",
        Outcome::Reports => "#e0b02055",
        Outcome::Panics => "#e0702055",
        Outcome::Crashes | Outcome::Hangs => "#d0303055",
        Outcome::Impossible => "transparent",
    }
}
