//! Reports as the messages that `cargo check --message-format json` writes, which editors and CI read.

use serde_json::{Value, json};

use crate::human;
use crate::program::Program;
use crate::report::Report;
use crate::workspace::Workspace;

pub(crate) fn render(report: &Report, program: &Program, workspace: &Workspace) -> Value {
    let file = &program.files[report.file];
    let package = workspace.package(&file.path);
    // Which targets a file belongs to isn't known. Most have only one.
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

fn message(report: &Report, program: &Program) -> Value {
    let (level, code) = if report.is_error { ("error", "blocks") } else { ("note", "may_block") };
    let helps = report.helps.iter().map(|help| {
        json!({ "level": "help", "message": help, "code": null, "spans": [], "children": [], "rendered": null })
    });
    json!({
        "$message_type": "diagnostic",
        "level": level,
        "message": report.title,
        "code": { "code": format!("bridgehead::{code}"), "explanation": null },
        "spans": [span(report, program)],
        "children": helps.collect::<Vec<_>>(),
        "rendered": human::render(report, program, false),
    })
}

/// Lines and columns are counted from 1, and columns in characters.
fn span(report: &Report, program: &Program) -> Value {
    let file = &program.files[report.file];
    let line_start = file.text[..report.span.start].rfind('\n').map_or(0, |at| at + 1);
    let column = 1 + file.text[line_start..report.span.start].chars().count();
    let end = column + file.text[report.span.clone()].chars().count();
    let line = file.line(report.span.start);
    let text = file.text[line_start..].lines().next();
    json!({
        "file_name": file.path,
        "byte_start": report.span.start,
        "byte_end": report.span.end,
        "line_start": line,
        "line_end": line,
        "column_start": column,
        "column_end": end,
        "is_primary": true,
        "text": [{ "text": text, "highlight_start": column, "highlight_end": end }],
        "label": report.label,
        "suggested_replacement": null,
        "suggestion_applicability": null,
        "expansion": null,
    })
}
