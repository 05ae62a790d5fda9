//! The output of a `macro_rules!` definition, changed so that a parser accepts it.

use std::ops::Range;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The output of each rule, at its original place, without the syntax of macros: `$name` becomes
/// `_name`, and of `$(…),*` the inner part remains.
pub(crate) fn outputs(text: &str, rules: TokenStream) -> Vec<String> {
    let mut trees = rules.into_iter();
    let mut outputs = Vec::new();
    while let (Some(_input), Some(_), Some(_), Some(TokenTree::Group(output))) =
        (trees.next(), trees.next(), trees.next(), trees.next())
    {
        let mut plain = text.as_bytes().to_vec();
        blank(output.stream(), &mut plain);
        let Range { start, end } = output.span().byte_range();
        if let Ok(inner) = String::from_utf8(plain[start + 1..end - 1].to_vec()) {
            let before = text[..=start].chars().map(|c| if c == '\n' { c } else { ' ' });
            outputs.push(before.chain(inner.chars()).collect());
        }
        // Skips the semicolon.
        trees.next();
    }
    outputs
}

fn blank(tokens: TokenStream, text: &mut [u8]) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match (&token, tokens.peek()) {
            (TokenTree::Punct(dollar), Some(TokenTree::Ident(_))) if dollar.as_char() == '$' => {
                text[dollar.span().byte_range().start] = b'_';
            }
            (TokenTree::Punct(dollar), Some(TokenTree::Group(group)))
                if is_repeated(dollar.as_char(), group) =>
            {
                text[dollar.span().byte_range().start] = b' ';
                let delimiters = group.span().byte_range();
                text[delimiters.start] = b' ';
                text[delimiters.end - 1] = b' ';
                blank(group.stream(), text);
                tokens.next();
                // At most a separator, and the repetition operator.
                for token in tokens.by_ref().take(2) {
                    text[token.span().byte_range()].fill(b' ');
                    if matches!(token.to_string().as_str(), "*" | "+" | "?") {
                        break;
                    }
                }
            }
            (TokenTree::Group(group), _) => blank(group.stream(), text),
            _ => {}
        }
    }
}

fn is_repeated(dollar: char, group: &Group) -> bool {
    dollar == '$' && group.delimiter() == Delimiter::Parenthesis
}
