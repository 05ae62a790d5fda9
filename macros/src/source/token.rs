//! The tokens of a source.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delimiter {
    Parenthesis,
    Brace,
    Bracket,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A keyword, a name or `_`. A raw one includes its `r#`.
    Ident(&'a str),
    /// A lifetime or a label. Procedural macros get it as a `'` and an identifier instead.
    Lifetime,
    Literal,
    Punct {
        char: char,
        /// Whether another mark follows directly, as in `||`.
        joint: bool,
    },
    Open(Delimiter),
    Close(Delimiter),
}
