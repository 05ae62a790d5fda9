//! Finds the macro calls and `macro_rules!` definitions in a source: a macro gets only the tokens
//! between its delimiters.

use std::ops::Range;

use crate::source::token::Token;

/// A macro that is called, or a `macro_rules!` definition.
#[derive(Debug)]
pub(crate) struct Invocation {
    /// The macro's path in front of the `!`.
    pub(crate) path: Range<usize>,
    /// The name that `macro_rules!` defines.
    pub(crate) defined: Option<Range<usize>>,
    /// What is between the delimiters.
    pub(crate) input: Range<usize>,
}

/// All invocations of a source, in the order in which they begin.
#[derive(Debug, Default)]
pub(crate) struct Invocations {
    all: Vec<Invocation>,
    /// For each open group, the invocation whose input it is.
    open: Vec<Option<usize>>,
    before: Before,
}

/// What the preceding tokens are.
#[derive(Debug, Default)]
enum Before {
    #[default]
    Other,
    Path(Range<usize>),
    PathAndColons(Range<usize>),
    Bang(Range<usize>),
    Definition(Range<usize>, Range<usize>),
}

impl Invocations {
    pub(crate) fn push(&mut self, span: &Range<usize>, token: Token<'_>) {
        self.before = match (std::mem::take(&mut self.before), token) {
            (Before::PathAndColons(path), Token::Ident(_)) => Before::Path(path.start..span.end),
            (Before::Bang(path), Token::Ident(_)) => Before::Definition(path, span.clone()),
            (_, Token::Ident(_)) => Before::Path(span.clone()),
            (Before::Path(path) | Before::PathAndColons(path), Token::Punct { char: ':', .. }) => {
                Before::PathAndColons(path)
            }
            (Before::Path(path), Token::Punct { char: '!', .. }) => Before::Bang(path),
            (before, Token::Open(_)) => {
                let invocation = match before {
                    Before::Bang(path) => Some((path, None)),
                    Before::Definition(path, name) => Some((path, Some(name))),
                    _ => None,
                };
                self.open.push(invocation.is_some().then_some(self.all.len()));
                let input = span.end..usize::MAX;
                self.all.extend(invocation.map(|(path, defined)| Invocation {
                    path,
                    defined,
                    input: input.clone(),
                }));
                Before::Other
            }
            (_, Token::Close(_)) => {
                if let Some(invocation) = self.open.pop().flatten() {
                    self.all[invocation].input.end = span.start;
                }
                Before::Other
            }
            _ => Before::Other,
        };
    }

    /// The innermost invocation whose input contains the offset.
    pub(crate) fn around(&self, offset: usize) -> Option<&Invocation> {
        let after = self.all.partition_point(|invocation| invocation.input.start <= offset);
        self.all[..after].iter().rev().find(|invocation| offset < invocation.input.end)
    }

    /// The invocations that begin in a range.
    pub(crate) fn within(&self, range: &Range<usize>) -> &[Invocation] {
        let first = self.all.partition_point(|invocation| invocation.path.start < range.start);
        let end = self.all.partition_point(|invocation| invocation.path.start < range.end);
        &self.all[first..end]
    }

    /// The definitions, each with the range of its name.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = (&Invocation, &Range<usize>)> {
        self.all.iter().filter_map(|invocation| Some((invocation, invocation.defined.as_ref()?)))
    }
}
