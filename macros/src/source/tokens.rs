//! Looks for words and marks in the tokens that a macro gets.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Whether the tokens contain a word, at any depth.
pub(crate) fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => mentions(group.stream(), word),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

pub(crate) fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}

pub(crate) fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

pub(crate) fn begins_with(tokens: &[TokenTree], c: char) -> bool {
    tokens.first().is_some_and(|token| is_punct(token, c))
}

pub(crate) fn ends_with(tokens: &[TokenTree], c: char) -> bool {
    tokens.last().is_some_and(|token| is_punct(token, c))
}
