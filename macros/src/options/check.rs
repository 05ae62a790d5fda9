//! Reads the value behind an option's `=`, which may be any expression. A literal is checked here,
//! at compile time.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, ExprClosure, ExprLit, ExprUnary, Lit, LitBool, LitInt, UnOp};

use crate::options::value::{Value, ValueKind, ungroup};
use crate::options::{duration, names, signals};

impl ValueKind {
    /// Reads the value, or returns the error about it.
    pub(crate) fn check(self, tokens: TokenStream) -> Result<Value, Error> {
        if let Some(value) = names::read(self, &tokens) {
            return value;
        }
        let (expr, rest) = one_expr.parse2(tokens.clone()).map_err(|_| self.unexpected(&tokens))?;
        if let Some(next) = rest.into_iter().next() {
            // The error is only about the first token: behind it there may be options that lack
            // nothing but the comma.
            return Err(match &next {
                TokenTree::Punct(comma) if self == Self::Signals && comma.as_char() == ',' => {
                    signals::without_brackets(&tokens)
                }
                TokenTree::Punct(_) => {
                    Error::new_spanned(&next, format!("expected `,`, found `{next}`"))
                }
                _ => Error::new_spanned(&next, format!("expected `,` before `{next}`")),
            });
        }
        match ungroup(&expr) {
            Expr::Lit(ExprLit { lit, .. }) => self.literal(lit, tokens),
            Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. })
                if matches!(**expr, Expr::Lit(_)) =>
            {
                Err(self.negative(&tokens))
            }
            // `background` without quotes may be a variable.
            Expr::Path(_) if self == Self::On => self.computed(tokens),
            Expr::Path(path) => match self.keywords().and_then(|keywords| keywords.bare(path)) {
                Some((_, error)) => Err(error),
                None if self == Self::Signals => signals::path(path, tokens),
                None => self.computed(tokens),
            },
            Expr::Closure(ExprClosure { asyncness: Some(asyncness), .. })
                if matches!(self, Self::Handler | Self::Question) =>
            {
                Err(Error::new_spanned(
                    asyncness,
                    "expected a function that isn't async; remove `async`",
                ))
            }
            expr if self == Self::Signals => signals::expression(expr, tokens),
            _ => self.computed(tokens),
        }
    }

    /// A value that is known only when the program runs.
    fn computed(self, tokens: TokenStream) -> Result<Value, Error> {
        if self == Self::Leaks { Err(self.unexpected(&tokens)) } else { Ok(Value::Expr(tokens)) }
    }

    fn literal(self, literal: &Lit, tokens: TokenStream) -> Result<Value, Error> {
        if let (Some(keywords), Lit::Str(text)) = (self.keywords(), literal) {
            return keywords.read(text, self.expected()).map(Value::Keyword);
        }
        match (self, literal) {
            (Self::Duration, Lit::Str(text)) => {
                let duration = duration::parse(&text.value());
                duration.map(Value::Duration).map_err(|message| Error::new_spanned(text, message))
            }
            (Self::Text, Lit::Str(text)) if text.value().contains('\0') => {
                Err(Error::new_spanned(text, "a thread's name can't contain NUL; remove `\\0`"))
            }
            (Self::Count, Lit::Int(number)) => {
                in_range(number, "usize", u64::MAX.into()).map(|()| Value::Expr(tokens))
            }
            (Self::Ticks, Lit::Int(number)) => {
                in_range(number, "u32", u32::MAX.into()).map(|()| Value::Expr(tokens))
            }
            (Self::Text, Lit::Str(_)) | (Self::Bool | Self::Signals, Lit::Bool(_)) => {
                Ok(Value::Expr(tokens))
            }
            (Self::Bool | Self::Signals, Lit::Str(text)) if text.parse::<LitBool>().is_ok() => {
                let value = text.value();
                Err(Error::new_spanned(
                    &tokens,
                    format!("expected `{value}`, found a string; remove the quotes"),
                ))
            }
            (Self::Signals, Lit::Str(text)) => Err(signals::text(text, &tokens)),
            (Self::Duration, Lit::Int(_))
                if duration::parse(&literal.to_token_stream().to_string()).is_ok() =>
            {
                Err(Error::new_spanned(
                    &tokens,
                    format!("expected `\"{tokens}\"`, found `{tokens}`; add the quotes"),
                ))
            }
            (Self::Count | Self::Ticks, Lit::Float(_)) => Err(Error::new_spanned(
                &tokens,
                format!("expected a whole number, found `{tokens}`"),
            )),
            (Self::Count | Self::Ticks, Lit::Str(text)) if text.value().parse::<u64>().is_ok() => {
                Err(Error::new_spanned(
                    &tokens,
                    "expected a number, found a string; remove the quotes",
                ))
            }
            _ => Err(self.unexpected(&tokens)),
        }
    }
}

/// An expression, and what follows it.
fn one_expr(input: ParseStream<'_>) -> syn::Result<(Expr, TokenStream)> {
    Ok((input.parse()?, input.parse()?))
}

fn in_range(number: &LitInt, ty: &str, max: u128) -> Result<(), Error> {
    if !number.suffix().is_empty() && number.suffix() != ty {
        let digits = number.base10_digits();
        let message = format!("expected `{ty}`, found `{number}`; write `{digits}`");
        return Err(Error::new_spanned(number, message));
    }
    let fault = match number.base10_parse::<u128>() {
        Ok(0) => "at least 1".to_owned(),
        Ok(value) if value <= max => return Ok(()),
        _ => format!("at most {max}"),
    };
    Err(Error::new_spanned(number, format!("expected {fault}, found `{number}`")))
}
