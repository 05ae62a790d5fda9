//! The arguments of a macro: as expressions or statements where they are some, else as tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::{Block, Expr, Token};

use crate::source::visitor::Visitor;
use crate::source::{Body, Place, calls};

pub(super) fn visit(visitor: &mut Visitor<'_>, tokens: TokenStream) {
    if let Ok(expressions) = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens.clone()) {
        for expression in &expressions {
            visitor.visit_expr(expression);
        }
    } else if let Ok(statements) = Block::parse_within.parse2(tokens.clone()) {
        for statement in &statements {
            visitor.visit_stmt(statement);
        }
    } else {
        walk(visitor, tokens);
    }
}

/// Such as the arms of `select!`. What is in braces or parentheses may be code that parses.
fn walk(visitor: &mut Visitor<'_>, tokens: TokenStream) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    for (position, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(name) if is_called(&tokens[position + 1..]) => {
                visitor.call(calls::start(name), name.span().byte_range());
            }
            TokenTree::Group(group)
                if group.delimiter() == Delimiter::Brace && is_async(&tokens[..position]) =>
            {
                visitor.within(Place::Async(Body::Block), |inside| visit(inside, group.stream()));
            }
            TokenTree::Group(group) => visit(visitor, group.stream()),
            _ => {}
        }
    }
}

fn is_called(next: &[TokenTree]) -> bool {
    match next {
        [TokenTree::Group(group), ..] => group.delimiter() == Delimiter::Parenthesis,
        [TokenTree::Punct(mark), TokenTree::Group(_), ..] => mark.as_char() == '!',
        _ => false,
    }
}

fn is_async(before: &[TokenTree]) -> bool {
    let is = |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(name) if name == word);
    match before {
        [.., first, second] if is(second, "move") => is(first, "async"),
        [.., last] => is(last, "async"),
        [] => false,
    }
}
