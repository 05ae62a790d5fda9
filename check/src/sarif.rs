//! Writes reports as SARIF 2.1.0, which code hosts show next to the code.

use serde_json::{Value, json};

use crate::program::Program;
use crate::report::Report;

pub(crate) fn render(reports: &[Report], program: &Program) -> Value {
    let results = reports.iter().map(|report| result(report, program));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo-bridgehead",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": [
                    rule(true, "Async code blocks its thread", "error"),
                    rule(false, "Async code may block its thread for a short time", "note"),
                ],
            } },
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn rule(is_error: bool, description: &str, level: &str) -> Value {
    json!({
        "id": id(is_error),
        "shortDescription": { "text": description },
        "defaultConfiguration": { "level": level },
    })
}

/// The name of a report's rule, which never changes.
pub(crate) fn id(is_error: bool) -> &'static str {
    if is_error { "bridgehead::blocks" } else { "bridgehead::may_block" }
}

fn result(report: &Report, program: &Program) -> Value {
    let file = &program.files[report.file];
    let region = file.region(&report.span);
    let text = [format!("{}: {}", report.title, report.label)]
        .into_iter()
        .chain(report.helps.iter().cloned());
    json!({
        "ruleId": id(report.is_error),
        "level": if report.is_error { "error" } else { "note" },
        "message": { "text": text.collect::<Vec<_>>().join("\n") },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": file.path.replace('\\', "/"), "uriBaseId": "%SRCROOT%" },
            "region": {
                "startLine": region.line,
                "startColumn": region.column,
                "endLine": region.line,
                "endColumn": region.end_column,
            },
        } }],
        "partialFingerprints": { "finding/v1": report.known.fingerprint() },
    })
}
