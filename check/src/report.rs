//! The text of a finding.

use std::fmt::Write;

use crate::baseline::Known;
use crate::program::Program;
use crate::search::Finding;
use crate::source::parts::Body;

/// The place of a finding, and the text about it.
#[derive(Debug)]
pub(crate) struct Report {
    /// The file, as an index of the program's files.
    pub(crate) file: usize,
    pub(crate) is_error: bool,
    /// Whether only tests contain the async code.
    pub(crate) is_test: bool,
    pub(crate) known: Known,
    /// The name of the function that is called in async code.
    pub(crate) span: std::ops::Range<usize>,
    pub(crate) title: String,
    pub(crate) label: String,
    pub(crate) helps: Vec<String>,
}

impl Report {
    pub(crate) fn new(program: &Program, finding: &Finding<'_>) -> Self {
        let first = finding.steps[0];
        let text = &program.files[first.file].text;
        let end =
            text[first.call.at..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(0);
        let is_error = finding.blocker.is_error;
        Self {
            file: first.file,
            is_error,
            is_test: program.functions[finding.function].is_test,
            known: Known::new(program, finding),
            span: first.call.at..first.call.at + end,
            title: title(program, finding),
            label: label(program, finding),
            helps: helps(program, finding),
        }
    }
}

fn title(program: &Program, finding: &Finding<'_>) -> String {
    let name = program.functions[finding.function].path.short();
    let code = match finding.body {
        Body::Function => format!("async fn `{name}`"),
        Body::Block => format!("an async block in `{name}`"),
        Body::Poll => format!("`{name}`, which a task polls,"),
        Body::Closure => format!("an async closure in `{name}`"),
    };
    let blocks = if finding.blocker.is_error { "blocks" } else { "may block" };
    format!("{code} {blocks} its thread")
}

/// `load` calls `Store::get` (src/store.rs:12), which calls `sync_call!` (src/legacy.rs:9)
fn label(program: &Program, finding: &Finding<'_>) -> String {
    let blocker = &finding.blocker;
    let closure = if finding.steps[0].call.in_closure { " (in a closure)" } else { "" };
    let [first, rest @ ..] = &finding.steps[..] else { return String::new() };
    if rest.is_empty() {
        let blocks = if blocker.is_error { "blocks" } else { "may block for a short time" };
        return format!("`{}` {blocks}{closure}", blocker.name);
    }
    let mut text = format!("`{}`{closure}", first.call.symbol.path.short());
    if first.choices > 1 {
        let _ = write!(text, " (one of {} implementations)", first.choices);
    }
    for (position, step) in rest.iter().enumerate() {
        let is_last = position + 1 == rest.len();
        let name = if is_last { blocker.name.clone() } else { step.call.symbol.path.short() };
        let file = &program.files[step.file];
        text += if position == 0 { " calls " } else { ", which calls " };
        let _ = write!(text, "`{name}` ({}:{}", file.path, file.line(step.call.at));
        if step.choices > 1 {
            let _ = write!(text, ", one of {} implementations", step.choices);
        }
        if step.call.in_closure {
            text += ", in a closure";
        }
        text += ")";
    }
    text
}

/// The remedies: one for the call that leaves async code, and one for the call that blocks.
fn helps(program: &Program, finding: &Finding<'_>) -> Vec<String> {
    let [first, rest @ ..] = &finding.steps[..] else { return Vec::new() };
    let remedy = finding.blocker.remedy.clone();
    if rest.is_empty() {
        return vec![remedy];
    }
    let name = first.call.symbol.path.short();
    let text = &program.files[first.file].text;
    let call = text
        .get(first.call.expression.clone())
        .filter(|call| call.len() <= 60 && !call.contains('\n'));
    let call =
        call.filter(|call| call.ends_with(')')).map_or_else(|| format!("{name}(…)"), str::to_owned);
    let move_it = format!(
        "make `{name}` async, or move the call: `tokio::task::spawn_blocking(move || {call}).await`"
    );
    vec![move_it, format!("to make it async: {remedy}")]
}
