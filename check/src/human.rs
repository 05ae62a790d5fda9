//! Writes reports as rustc does.

use std::fmt::Write;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::program::Program;
use crate::report::Report;

pub(crate) fn render(report: &Report, program: &Program, has_colors: bool) -> String {
    let file = &program.files[report.file];
    let level = if report.is_error { Level::ERROR } else { Level::NOTE };
    let mark = AnnotationKind::Primary.span(report.span.clone()).label(report.label.as_str());
    let snippet = Snippet::source(file.text.as_str()).path(file.path.as_str()).annotation(mark);
    let helps = report.helps.iter().map(|help| Level::HELP.message(help.as_str()));
    let group = level.primary_title(report.title.as_str()).element(snippet).elements(helps);
    let renderer = if has_colors { Renderer::styled() } else { Renderer::plain() };
    let mut text = renderer.render(&[group]);
    let _ = writeln!(text);
    text
}

pub(crate) fn places(count: usize) -> String {
    if count == 1 { "1 place".to_owned() } else { format!("{count} places") }
}

/// The last line.
pub(crate) fn summary(errors: usize, notes: usize) -> String {
    match (errors, notes) {
        (0, 0) => "no async code blocks its thread".to_owned(),
        (0, _) => format!("{} may block for a short time", places(notes)),
        (_, 0) => format!("error: {} where async code blocks its thread", places(errors)),
        (_, _) => format!(
            "error: {} where async code blocks its thread, and {} where it may for a short time",
            places(errors),
            places(notes)
        ),
    }
}
