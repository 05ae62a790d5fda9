//! What a source is made of.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delimiter {
    Parenthesis,
    Brace,
    Bracket,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A keyword, a name or `_`. Raw ones are with their `r#`.
    Ident(&'a str),
    /// Also a label. May also come as `'` and an identifier, as proc-macros get it.
    Lifetime,
    Literal,
    Punct {
        char: char,
        /// Whether another one follows at once, as in `||`.
        joint: bool,
    },
    Open(Delimiter),
    Close(Delimiter),
}
