//! A source file, in which positions are looked up.

use crate::source::invocations::Invocations;
use crate::source::lexer::Lexer;
use crate::source::scopes::Scopes;
use crate::source::scopes::scope::{Scope, ScopeId, ScopeTable};
use crate::source::steps::count;

/// A source file, and the scope of each place in it.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// The text as rustc has it; see `normalized`.
    text: String,
    /// The offset of each line.
    lines: Vec<usize>,
    /// Some offsets, each with the number of characters before it. They shorten the search for a
    /// column: a line of generated code can be as long as a file.
    marks: Vec<(usize, usize)>,
    /// Each scope is that of the offsets behind its own, up to and including the next region's
    /// offset.
    regions: Vec<(usize, ScopeId)>,
    table: ScopeTable,
    invocations: Invocations,
}

impl SourceFile {
    pub(crate) fn new(text: &str) -> Self {
        let text = normalized(text);
        let lines =
            std::iter::once(0).chain(text.match_indices('\n').map(|(end, _)| end + 1)).collect();
        let mut scopes = Scopes::new();
        let mut last = scopes.current_id();
        let mut regions = vec![(0, last)];
        let mut invocations = Invocations::default();
        for (span, token) in Lexer::new(&text) {
            invocations.push(&span, token);
            scopes.push(token);
            let current = scopes.current_id();
            if current != last {
                regions.push((span.start, current));
                last = current;
            }
        }
        let marks = marks(&text);
        Self { text, lines, marks, regions, table: scopes.into_table(), invocations }
    }

    /// The text as rustc has it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The offset of a line and a column. Both count from 1, and columns count characters, as in
    /// `proc_macro::Span`.
    pub(crate) fn offset(&self, line: usize, column: usize) -> Option<usize> {
        let start = *self.lines.get(line.checked_sub(1)?)?;
        let end = self.lines.get(line).map_or(self.text.len(), |next| next - 1);
        let (mark, before) = self.last_mark(|(offset, _)| offset <= start);
        let wanted =
            (before + chars(&self.text[mark..start])).checked_add(column.checked_sub(1)?)?;
        let (mark, before) = self.last_mark(|(_, before)| before <= wanted);
        let behind = self.text[mark..].char_indices().map(|(at, _)| mark + at);
        count(wanted - before);
        behind.chain([self.text.len()]).nth(wanted - before).filter(|offset| *offset <= end)
    }

    fn last_mark(&self, is_before: impl Fn((usize, usize)) -> bool) -> (usize, usize) {
        let after = self.marks.partition_point(|mark| is_before(*mark));
        self.marks[after.saturating_sub(1)]
    }

    /// Whether the source has this text at an offset.
    pub(crate) fn has(&self, offset: usize, text: &str) -> bool {
        self.text.get(offset..).is_some_and(|rest| rest.starts_with(text))
    }

    pub(crate) fn invocations(&self) -> &Invocations {
        &self.invocations
    }

    /// The innermost scope at an offset.
    pub(crate) fn scope(&self, offset: usize) -> &Scope {
        let after = self.regions.partition_point(|(start, _)| *start < offset);
        let (_, scope) = self.regions[after.saturating_sub(1)];
        self.table.get(scope)
    }
}

/// A mark at the start, and one about every `DISTANCE` bytes.
fn marks(text: &str) -> Vec<(usize, usize)> {
    const DISTANCE: usize = 256;
    let mut marks = vec![(0, 0)];
    let (mut mark, mut before) = (0, 0);
    while text.len() - mark > DISTANCE {
        let next = (mark + DISTANCE..=text.len())
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(text.len());
        before += chars(&text[mark..next]);
        mark = next;
        marks.push((mark, before));
    }
    marks
}

fn chars(text: &str) -> usize {
    count(text.len());
    text.chars().count()
}

/// The text without a byte order mark, and with `\n` at the end of lines.
fn normalized(text: &str) -> String {
    text.strip_prefix('\u{FEFF}').unwrap_or(text).replace("\r\n", "\n")
}
