//! Writes reports as the messages of `cargo check --message-format json`, which editors and CI
//! read.

use serde_json::{Value, json};

use crate::human;
use crate::index::Region;
use crate::program::Program;
use crate::report::Report;
use crate::sarif;
use crate::workspace::Workspace;

pub(crate) fn render(report: &Report, program: &Program, workspace: &Workspace) -> Value {
    let file = &program.files[report.file];
    let package = workspace.package(&file.path);
    // The index doesn't contain the target of a file. If the file isn't the root of a target, the
    // package's first target is used, which is mostly the only one.
    let targets = package.map(|package| &package.targets[..]).unwrap_or_default();
    let path = workspace.root.join(&file.path);
    let target = targets.iter().find(|target| target.src_path == path).or(targets.first());
    json!({
        "reason": "compiler-message",
        "package_id": package.map(|package| &package.id),
        "manifest_path": package.map(|package| &package.manifest_path),
        "target": target,
        "message": message(report, program),
    })
}

/// The last line, as cargo writes it.
pub(crate) fn finished(success: bool) -> Value {
    json!({ "reason": "build-finished", "success": success })
}

fn message(report: &Report, program: &Program) -> Value {
    let level = if report.is_error { "error" } else { "note" };
    let helps = report.helps.iter().map(|help| {
        json!({ "level": "help", "message": help, "code": null, "spans": [], "children": [], "rendered": null })
    });
    json!({
        "$message_type": "diagnostic",
        "level": level,
        "message": report.title,
        "code": { "code": sarif::id(report.is_error), "explanation": null },
        "spans": [span(report, program)],
        "children": helps.collect::<Vec<_>>(),
        "rendered": human::render(report, program, false),
    })
}

fn span(report: &Report, program: &Program) -> Value {
    let file = &program.files[report.file];
    let Region { line, column, end_column, start } = file.region(&report.span);
    let text = file.text[start..].lines().next();
    json!({
        "file_name": file.path,
        "byte_start": report.span.start,
        "byte_end": report.span.end,
        "line_start": line,
        "line_end": line,
        "column_start": column,
        "column_end": end_column,
        "is_primary": true,
        "text": [{ "text": text, "highlight_start": column, "highlight_end": end_column }],
        "label": report.label,
        "suggested_replacement": null,
        "suggestion_applicability": null,
        "expansion": null,
    })
}
