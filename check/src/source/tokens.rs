//! Reads the arguments of a macro: as expressions or statements if they can be parsed, else as
//! tokens.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Block, Expr, Stmt, Token};

/// A piece of a macro's argument.
pub(super) enum Piece {
    Statement(Box<Stmt>),
    /// A name that is called, among tokens that can't be parsed.
    Call(Ident),
    /// The contents of an async block.
    Async(Vec<Self>),
}

pub(super) fn pieces(tokens: &TokenStream) -> Vec<Piece> {
    if let Ok(expressions) = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens.clone())
    {
        expressions.into_iter().map(|expression| statement(Stmt::Expr(expression, None))).collect()
    } else if let Ok(statements) = Block::parse_within.parse2(tokens.clone()) {
        statements.into_iter().map(statement).collect()
    } else {
        walk(tokens)
    }
}

fn statement(statement: Stmt) -> Piece {
    Piece::Statement(Box::new(statement))
}

/// Reads tokens that can't be parsed, such as the arms of `select!`. The contents of braces or
/// parentheses may still be parsed.
fn walk(tokens: &TokenStream) -> Vec<Piece> {
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    let mut found = Vec::new();
    for (position, token) in tokens.iter().enumerate() {
        let (before, behind) = (&tokens[..position], &tokens[position + 1..]);
        match token {
            TokenTree::Ident(name) if is_called(behind) => found.push(Piece::Call(name.clone())),
            TokenTree::Group(group)
                if group.delimiter() == Delimiter::Brace && is_async(before) =>
            {
                found.push(Piece::Async(pieces(&group.stream())));
            }
            TokenTree::Group(group) => found.extend(pieces(&group.stream())),
            _ => {}
        }
    }
    found
}

fn is_called(next: &[TokenTree]) -> bool {
    match next {
        [TokenTree::Group(group), ..] => group.delimiter() == Delimiter::Parenthesis,
        [TokenTree::Punct(mark), TokenTree::Group(_), ..] => mark.as_char() == '!',
        _ => false,
    }
}

fn is_async(before: &[TokenTree]) -> bool {
    let is =
        |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(name) if name == word);
    match before {
        [.., first, second] if is(second, "move") => is(first, "async"),
        [.., last] => is(last, "async"),
        [] => false,
    }
}
