//! `cargo bridgehead check` finds calls that block their thread and are reached from async code,
//! through any number of functions.
//!
//! rust-analyzer's index resolves each name to a function, and a walk through the sources finds the
//! async code. From there a search follows the calls to the functions that a table lists as
//! blocking.

mod analyzer;
mod arguments;
mod baseline;
mod config;
mod error;
mod human;
mod index;
mod json;
mod program;
mod progress;
mod report;
mod sarif;
mod search;
mod source;
mod symbol;
mod table;
mod test_code;
mod workspace;

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use crate::arguments::{Arguments, Asks, Format, HELP};
use crate::baseline::Known;
use crate::error::Result;
use crate::program::Program;
use crate::report::Report;
use crate::workspace::Workspace;

fn main() -> ExitCode {
    let done = Arguments::read().and_then(|arguments| match arguments.asks {
        Asks::Help => print(HELP),
        Asks::Version => print(&format!("cargo-bridgehead {}\n", env!("CARGO_PKG_VERSION"))),
        Asks::Check => check(&arguments),
    });
    done.unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::from(2)
    })
}

/// Prints the text. A reader that closes the pipe early causes no error.
#[allow(clippy::unnecessary_wraps, reason = "as the other things to do")]
fn print(text: &str) -> Result<ExitCode> {
    let _ = io::stdout().write_all(text.as_bytes());
    Ok(ExitCode::SUCCESS)
}

fn check(arguments: &Arguments) -> Result<ExitCode> {
    let mut workspace = Workspace::find(arguments)?;
    let index = analyzer::index(&workspace, arguments)?;
    let program = read(&index, &mut workspace, arguments)?;
    let findings = search::findings(&program);
    let is_chosen = |file: usize| workspace.is_chosen(&program.files[file].path);
    let mut reports: Vec<_> =
        findings.iter().map(|finding| Report::new(&program, finding)).collect();
    let found: BTreeSet<_> = reports.iter().map(|report| report.known.clone()).collect();
    reports.retain(|report| is_chosen(report.file));
    if !arguments.all_targets {
        let is_of_test = |file: usize| test_code::is_of_test(&workspace, &program.files[file].path);
        reports.retain(|report| !report.is_test && !is_of_test(report.file));
    }
    reports.sort_by_key(|report| (program.files[report.file].path.clone(), report.span.start));
    if let Some(path) = &arguments.write_baseline {
        baseline::write(path, &reports.iter().map(|report| report.known.clone()).collect())?;
        eprintln!("wrote {} to {}", human::places(reports.len()), path.display());
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(path) = &arguments.baseline {
        leave_out_known(&mut reports, &found, path)?;
    }
    Ok(show(&reports, &program, &workspace, arguments))
}

/// Removes the reports of findings that are in the baseline, and mentions findings of the baseline
/// that no longer exist.
fn leave_out_known(
    reports: &mut Vec<Report>,
    found: &BTreeSet<Known>,
    path: &std::path::Path,
) -> Result<()> {
    let known = baseline::read(path)?;
    let all = reports.len();
    reports.retain(|report| !known.contains(&report.known));
    eprintln!(
        "note: not reported since {} has them: {}",
        path.display(),
        human::places(all - reports.len())
    );
    for gone in known.difference(found) {
        eprintln!("note: only in {}: {gone}; `--write-baseline` removes it", path.display());
    }
    Ok(())
}

/// Reads the files in the index, with what each defines and calls.
fn read(
    index: &std::path::Path,
    workspace: &mut Workspace,
    arguments: &Arguments,
) -> Result<Program> {
    let mut offloads = table::offloads();
    offloads.append(&mut workspace.config.offloads);
    let files = source::read::read(index::read(index, &workspace.root)?, offloads)?;
    Ok(Program::new(files, std::mem::take(&mut workspace.config), arguments.may_block))
}

fn show(
    reports: &[Report],
    program: &Program,
    workspace: &Workspace,
    arguments: &Arguments,
) -> ExitCode {
    let errors = reports.iter().filter(|report| report.is_error).count();
    let has_colors = arguments.color.unwrap_or_else(|| io::stderr().is_terminal());
    match arguments.format {
        Format::Human => {
            for report in reports {
                eprintln!("{}", human::render(report, program, has_colors));
            }
        }
        Format::Json => {
            for report in reports {
                println!("{}", json::render(report, program, workspace));
            }
            println!("{}", json::finished(errors == 0));
        }
        Format::Sarif => println!("{:#}", sarif::render(reports, program)),
    }
    eprintln!("{}", human::summary(errors, reports.len() - errors));
    if errors == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
}
