//! Reads the value of `signals`, and reports values that should be a list.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    BinOp, Error, Expr, ExprArray, ExprBinary, ExprLit, ExprMacro, ExprPath, ExprReference, Lit,
    LitStr,
};

use crate::diagnostics::Errors;
use crate::options::keywords;
use crate::options::value::{Value, ungroup};

const ONE: &str = "expected `\"SIGINT\"`, `\"SIGTERM\"` or `\"SIGHUP\"`";

/// Reads an expression that is neither a literal nor a path.
pub(super) fn expression(expr: &Expr, tokens: TokenStream) -> Result<Value, Error> {
    match expr {
        Expr::Array(list) => list_of(list).map(Value::Signals),
        Expr::Reference(ExprReference { and_token, expr, .. })
            if matches!(**expr, Expr::Array(_)) =>
        {
            Err(Error::new_spanned(and_token, "expected a list, found a reference; remove the `&`"))
        }
        Expr::Macro(ExprMacro { mac, .. }) if mac.path.is_ident("vec") => {
            let name = [mac.path.to_token_stream(), mac.bang_token.to_token_stream()];
            Err(Error::new_spanned(
                TokenStream::from_iter(name),
                "expected a list, found `vec!`; remove `vec!`",
            ))
        }
        Expr::Tuple(_) | Expr::Binary(ExprBinary { op: BinOp::BitOr(_), .. }) => {
            Err(without_brackets(&tokens))
        }
        _ => Ok(Value::Expr(tokens)),
    }
}

/// The error about a string that isn't in a list.
pub(super) fn text(text: &LitStr, tokens: &TokenStream) -> Error {
    keywords::SIGNAL.read(text, ONE).err().unwrap_or_else(|| without_brackets(tokens))
}

/// Reads a path. It names a constant, unless it is a keyword without quotes.
pub(super) fn path(path: &ExprPath, tokens: TokenStream) -> Result<Value, Error> {
    match keywords::SIGNAL.bare(path) {
        Some((meant, _)) => Err(in_brackets(&tokens, &format!("\"{meant}\""))),
        None => Ok(Value::Expr(tokens)),
    }
}

/// The error about keywords that are not in brackets, whatever else is between them and around
/// them.
pub(super) fn without_brackets(tokens: &TokenStream) -> Error {
    let words: Vec<String> = literals(tokens.clone()).collect();
    in_brackets(tokens, &words.join(", "))
}

fn literals(tokens: TokenStream) -> Box<dyn Iterator<Item = String>> {
    Box::new(tokens.into_iter().flat_map(|token| match token {
        TokenTree::Literal(literal) => Box::new(std::iter::once(literal.to_string())),
        TokenTree::Group(group) => literals(group.stream()),
        TokenTree::Ident(_) | TokenTree::Punct(_) => Box::new(std::iter::empty()),
    }))
}

fn in_brackets(tokens: &TokenStream, words: &str) -> Error {
    Error::new_spanned(tokens, format!("expected a list of signals; write `[{words}]`"))
}

fn list_of(list: &ExprArray) -> Result<Vec<Value>, Error> {
    if list.elems.is_empty() {
        return Err(Error::new_spanned(
            list,
            "expected at least one signal; for none write `false`",
        ));
    }
    let mut errors = Errors::default();
    let mut signals: Vec<Value> = Vec::new();
    for element in &list.elems {
        match one(element) {
            Ok(Value::Keyword(word))
                if signals.iter().any(
                    |other| matches!(other, Value::Keyword(other) if other.variant == word.variant),
                ) =>
            {
                errors.at(element, format!("`\"{}\"` is listed twice; remove one", word.name));
            }
            Ok(signal) => signals.push(signal),
            Err(error) => errors.add(error),
        }
    }
    errors.into_result(signals)
}

fn one(element: &Expr) -> Result<Value, Error> {
    match ungroup(element) {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            keywords::SIGNAL.read(text, ONE).map(Value::Keyword)
        }
        Expr::Lit(ExprLit { lit, .. }) => {
            Err(Error::new_spanned(lit, format!("{ONE}, found `{}`", lit.to_token_stream())))
        }
        Expr::Path(path) => match keywords::SIGNAL.bare(path) {
            Some((_, error)) => Err(error),
            None => Ok(Value::Expr(path.to_token_stream())),
        },
        other => Ok(Value::Expr(other.to_token_stream())),
    }
}
