//! What may stand behind an option's `=`. Any expression may; what is a literal is checked here, before the program runs.

mod names;
mod signals;

use std::time::Duration;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, ExprClosure, ExprLit, ExprUnary, Lit, LitBool, LitInt, Path, UnOp};

use crate::duration;
use crate::errors::as_written;
use crate::words::{self, Word, Words};

/// The type of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A `Flavor`, or its name.
    Flavor,
    /// A `usize` of at least 1.
    Count,
    /// A `u32` of at least 1.
    Ticks,
    /// A string without NUL.
    Text,
    /// A `Duration`, or its text.
    Duration,
    Bool,
    /// A path, or its text. Not an expression.
    Path,
    /// An `Unhandled`, or its name.
    Unhandled,
    /// A function that is called with each failure.
    Handler,
    /// A `bool`, a list of `Signal`s or their names, or whatever else is `Into<Signals>`.
    Signals,
    /// A name only.
    Leaks,
    /// Nothing: the option's name says it all.
    Flag,
    /// Nothing, or whether.
    Switch,
    /// A part of a function's name, in quotes.
    Name,
    /// A type's path, without generics.
    TypeName,
    Module,
    Type,
    Visibility,
    /// In parentheses, and read later.
    Pairs,
    /// An `OnStall`, or its name.
    OnStall,
    /// A `SignalStatus`, or its name.
    SignalStatus,
}

pub(crate) enum Value {
    /// Emitted as it was given.
    Expr(TokenStream),
    Word(Word),
    Duration(Duration),
    Signals(Vec<Value>),
    Path(Path),
    Switch(bool),
    /// Or a part of one.
    Name(String),
}

impl Kind {
    /// For messages.
    pub(crate) fn example(self) -> &'static str {
        match self {
            Self::Flavor => "\"current_thread\"",
            Self::Count => "4",
            Self::Ticks => "61",
            Self::Text => "\"worker\"",
            Self::Duration => "\"5s\"",
            Self::Bool | Self::Switch => "true",
            Self::Path => "path::to::bridgehead",
            Self::Unhandled | Self::Leaks => "\"fail\"",
            Self::OnStall => "\"ignore\"",
            Self::SignalStatus => "\"main\"",
            Self::Handler => "|failure| eprintln!(\"{failure}\")",
            Self::Signals => "[\"SIGINT\", \"SIGTERM\"]",
            Self::Flag => "",
            Self::Name => "\"blocking_\"",
            Self::TypeName => "BlockingClient",
            Self::Module => "blocking",
            Self::Type => "Type",
            Self::Visibility => "pub(crate)",
            Self::Pairs => "(Transaction = BlockingTransaction)",
        }
    }

    fn words(self) -> Option<&'static Words> {
        match self {
            Self::Flavor => Some(&words::FLAVOR),
            Self::Unhandled => Some(&words::UNHANDLED),
            Self::Leaks => Some(&words::LEAKS),
            Self::OnStall => Some(&words::ON_STALL),
            Self::SignalStatus => Some(&words::SIGNAL_STATUS),
            _ => None,
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Flavor => "expected `\"multi_thread\"`, `\"current_thread\"` or `\"local\"`",
            Self::Count | Self::Ticks => "expected a number",
            Self::Text => "expected a string",
            Self::Duration => "expected a duration with its unit, such as `\"5s\"`",
            Self::Bool | Self::Switch => "expected `true` or `false`",
            Self::Path => "expected a path, such as `path::to::bridgehead`",
            Self::Unhandled => "expected `\"report\"` or `\"fail\"`",
            Self::Leaks => "expected `\"fail\"` or `\"ignore\"`",
            Self::OnStall => "expected `\"report\"`, `\"panic\"` or `\"ignore\"`",
            Self::SignalStatus => "expected `\"signal\"` or `\"main\"`",
            Self::Handler => {
                "expected a function of a `&Failure`, such as `|failure| eprintln!(\"{failure}\")`"
            }
            Self::Signals => "expected `true`, `false` or a list such as `[\"SIGINT\", \"SIGTERM\"]`",
            Self::Flag => "expected no value",
            Self::Name => "expected a name, or a part of one, in quotes",
            Self::TypeName => "expected a type's name without generics, such as `BlockingClient`",
            Self::Module => "expected a module's name, such as `blocking`",
            Self::Type => "expected a type",
            Self::Visibility => "expected a visibility, such as `pub` or `pub(crate)`",
            Self::Pairs => "expected pairs of types, such as `(Transaction = BlockingTransaction)`",
        }
    }

    /// Reads the value, or says what is wrong with it.
    pub(crate) fn check(self, given: TokenStream) -> Result<Value, Error> {
        if let Some(value) = self.name(&given) {
            return value;
        }
        let (expr, rest) = one_expr.parse2(given.clone()).map_err(|_| self.unexpected(&given))?;
        if let Some(next) = rest.into_iter().next() {
            // Only the first token: what follows may be options that lack nothing but the comma.
            return Err(match &next {
                TokenTree::Punct(comma) if self == Self::Signals && comma.as_char() == ',' => {
                    signals::without_brackets(&given)
                }
                TokenTree::Punct(_) => Error::new_spanned(&next, format!("expected `,`, found `{next}`")),
                _ => Error::new_spanned(&next, format!("expected `,` before `{next}`")),
            });
        }
        match ungroup(&expr) {
            Expr::Lit(ExprLit { lit, .. }) => self.literal(lit, given),
            Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) if matches!(**expr, Expr::Lit(_)) => {
                Err(self.negative(&given))
            }
            Expr::Path(path) => match self.words().and_then(|words| words.bare(path)) {
                Some((_, error)) => Err(error),
                None if self == Self::Signals => signals::path(path, given),
                None => self.computed(given),
            },
            Expr::Closure(ExprClosure { asyncness: Some(asyncness), .. }) if self == Self::Handler => {
                Err(Error::new_spanned(asyncness, "expected a function that isn't async; remove `async`"))
            }
            expr if self == Self::Signals => signals::expression(expr, given),
            _ => self.computed(given),
        }
    }

    /// A value that is known only when the program runs.
    fn computed(self, given: TokenStream) -> Result<Value, Error> {
        if self == Self::Leaks { Err(self.unexpected(&given)) } else { Ok(Value::Expr(given)) }
    }

    fn literal(self, literal: &Lit, given: TokenStream) -> Result<Value, Error> {
        if let (Some(words), Lit::Str(text)) = (self.words(), literal) {
            return words.read(text, self.expected()).map(Value::Word);
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
                in_range(number, "usize", u64::MAX.into()).map(|()| Value::Expr(given))
            }
            (Self::Ticks, Lit::Int(number)) => {
                in_range(number, "u32", u32::MAX.into()).map(|()| Value::Expr(given))
            }
            (Self::Text, Lit::Str(_)) | (Self::Bool | Self::Signals, Lit::Bool(_)) => Ok(Value::Expr(given)),
            (Self::Bool | Self::Signals, Lit::Str(text)) if text.parse::<LitBool>().is_ok() => {
                let value = text.value();
                Err(Error::new_spanned(
                    &given,
                    format!("expected `{value}`, found a string; remove the quotes"),
                ))
            }
            (Self::Signals, Lit::Str(text)) => Err(signals::text(text, &given)),
            (Self::Duration, Lit::Int(_))
                if duration::parse(&literal.to_token_stream().to_string()).is_ok() =>
            {
                Err(Error::new_spanned(
                    &given,
                    format!("expected `\"{given}\"`, found `{given}`; add the quotes"),
                ))
            }
            (Self::Count | Self::Ticks, Lit::Float(_)) => {
                Err(Error::new_spanned(&given, format!("expected a whole number, found `{given}`")))
            }
            (Self::Count | Self::Ticks, Lit::Str(text)) if text.value().parse::<u64>().is_ok() => {
                Err(Error::new_spanned(&given, "expected a number, found a string; remove the quotes"))
            }
            _ => Err(self.unexpected(&given)),
        }
    }

    fn negative(self, given: &TokenStream) -> Error {
        let found = as_written(given);
        match self {
            Self::Count | Self::Ticks => {
                Error::new_spanned(given, format!("expected at least 1, found `{found}`"))
            }
            _ => Error::new_spanned(given, format!("{}, found `{found}`", self.expected())),
        }
    }

    fn unexpected(self, given: &TokenStream) -> Error {
        Error::new_spanned(given, format!("{}, found `{}`", self.expected(), as_written(given)))
    }
}

/// An expression, and what follows it.
fn one_expr(input: ParseStream<'_>) -> syn::Result<(Expr, TokenStream)> {
    Ok((input.parse()?, input.parse()?))
}

/// Without parentheses: those of the user, and the invisible ones in which a `macro_rules!` fragment arrives.
pub(crate) fn ungroup(mut expr: &Expr) -> &Expr {
    loop {
        expr = match expr {
            Expr::Group(group) => &group.expr,
            Expr::Paren(paren) => &paren.expr,
            _ => return expr,
        };
    }
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
