//! Converts the tokens of `proc_macro2` to those of `source`.

use std::ops::Range;

use proc_macro2::{Spacing, TokenStream, TokenTree};

use crate::source::token::{Delimiter, Token};

/// Each token, with its offset.
pub(crate) type Lexed<'a> = Vec<(usize, Token<'a>)>;

pub(crate) fn flatten(text: &str, stream: TokenStream) -> Lexed<'_> {
    let mut tokens = Lexed::new();
    add(text, stream, &mut tokens);
    tokens
}

fn add<'a>(text: &'a str, stream: TokenStream, tokens: &mut Lexed<'a>) {
    let mut trees = stream.into_iter();
    while let Some(tree) = trees.next() {
        let Range { start, end } = tree.span().byte_range();
        // The tokens of an attribute that `proc_macro2` made of a doc comment.
        let is_comment = text[start..].starts_with('/');
        match tree {
            TokenTree::Group(_) if is_comment => {}
            TokenTree::Group(group) => {
                let delimiter = match group.delimiter() {
                    proc_macro2::Delimiter::Parenthesis => Delimiter::Parenthesis,
                    proc_macro2::Delimiter::Brace => Delimiter::Brace,
                    proc_macro2::Delimiter::Bracket => Delimiter::Bracket,
                    proc_macro2::Delimiter::None => panic!("text has no groups without delimiters"),
                };
                tokens.push((start, Token::Open(delimiter)));
                add(text, group.stream(), tokens);
                tokens.push((end - 1, Token::Close(delimiter)));
            }
            TokenTree::Punct(punct) if is_comment && punct.as_char() != '/' => {}
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                trees.next();
                tokens.push((start, Token::Lifetime));
            }
            TokenTree::Punct(punct) => {
                let joint = punct.spacing() == Spacing::Joint;
                tokens.push((start, Token::Punct { char: punct.as_char(), joint }));
            }
            TokenTree::Ident(_) => tokens.push((start, Token::Ident(&text[start..end]))),
            TokenTree::Literal(_) => tokens.push((start, Token::Literal)),
        }
    }
}
