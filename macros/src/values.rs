//! What may stand behind an option's `=`. Any expression may; what is a literal is checked here, before the program runs.

use std::time::Duration;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, ExprLit, ExprPath, ExprUnary, Lit, LitInt, LitStr, Path, UnOp};

use crate::duration;
use crate::errors::nearest;

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
}

pub(crate) enum Value {
    /// Emitted as it was given.
    Expr(TokenStream),
    Flavor(Flavor),
    Duration(Duration),
    Path(Path),
}

/// The flavors that have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavor {
    MultiThread,
    CurrentThread,
    Local,
}

const FLAVORS: [Flavor; 3] = [Flavor::MultiThread, Flavor::CurrentThread, Flavor::Local];

/// What others call them.
const FOREIGN_FLAVORS: [(&str, &str); 9] = [
    ("threaded_scheduler", "multi_thread"),
    ("multi", "multi_thread"),
    ("threaded", "multi_thread"),
    ("basic_scheduler", "current_thread"),
    ("current", "current_thread"),
    ("single", "current_thread"),
    ("single_thread", "current_thread"),
    ("single_threaded", "current_thread"),
    ("local_set", "local"),
];

impl Flavor {
    pub(crate) fn named(name: &str) -> Option<Self> {
        FLAVORS.into_iter().find(|flavor| flavor.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::MultiThread => "multi_thread",
            Self::CurrentThread => "current_thread",
            Self::Local => "local",
        }
    }

    /// As the variant of the runtime's enum is called.
    pub(crate) fn variant(self) -> TokenStream {
        match self {
            Self::MultiThread => quote!(MultiThread),
            Self::CurrentThread => quote!(CurrentThread),
            Self::Local => quote!(Local),
        }
    }
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
            Self::Bool => "true",
            Self::Path => "path::to::bridgehead",
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Flavor => "expected `\"multi_thread\"`, `\"current_thread\"` or `\"local\"`",
            Self::Count | Self::Ticks => "expected a number",
            Self::Text => "expected a string",
            Self::Duration => "expected a duration with its unit, such as `\"5s\"`",
            Self::Bool => "expected `true` or `false`",
            Self::Path => "expected a path, such as `path::to::bridgehead`",
        }
    }

    /// Reads the value, or says what is wrong with it.
    pub(crate) fn check(self, given: TokenStream) -> Result<Value, Error> {
        if self == Self::Path {
            return path(&given);
        }
        let (expr, rest) = one_expr.parse2(given.clone()).map_err(|_| self.unexpected(&given))?;
        if !rest.is_empty() {
            // Only the first token: what follows may be options that lack nothing but the comma.
            let next = rest.into_iter().next();
            let found = next.as_ref().map(ToString::to_string).unwrap_or_default();
            return Err(Error::new_spanned(next, format!("expected `,` before `{found}`")));
        }
        match ungroup(&expr) {
            Expr::Lit(ExprLit { lit, .. }) => self.literal(lit, given),
            Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) if matches!(**expr, Expr::Lit(_)) => {
                Err(self.negative(&given))
            }
            Expr::Path(path) if self == Self::Flavor => bare_flavor(path, given),
            _ => Ok(Value::Expr(given)),
        }
    }

    fn literal(self, literal: &Lit, given: TokenStream) -> Result<Value, Error> {
        match (self, literal) {
            (Self::Flavor, Lit::Str(text)) => flavor(text).map(Value::Flavor),
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
            (Self::Text, Lit::Str(_)) | (Self::Bool, Lit::Bool(_)) => Ok(Value::Expr(given)),
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
        let found = given.to_string().replace(' ', "");
        match self {
            Self::Count | Self::Ticks => {
                Error::new_spanned(given, format!("expected at least 1, found `{found}`"))
            }
            _ => Error::new_spanned(given, format!("{}, found `{found}`", self.expected())),
        }
    }

    fn unexpected(self, given: &TokenStream) -> Error {
        Error::new_spanned(given, format!("{}, found `{given}`", self.expected()))
    }
}

/// An expression, and what follows it.
pub(crate) fn one_expr(input: ParseStream<'_>) -> syn::Result<(Expr, TokenStream)> {
    Ok((input.parse()?, input.parse()?))
}

/// A `macro_rules!` fragment arrives in invisible delimiters.
pub(crate) fn ungroup(mut expr: &Expr) -> &Expr {
    while let Expr::Group(group) = expr {
        expr = &group.expr;
    }
    expr
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

fn flavor(text: &LitStr) -> Result<Flavor, Error> {
    let name = text.value();
    Flavor::named(&name).ok_or_else(|| {
        let message = match meant_flavor(&name) {
            Some(meant) => format!("unknown flavor `{name}`; did you mean `\"{meant}\"`?"),
            None => format!("unknown flavor `{name}`; {}", Kind::Flavor.expected()),
        };
        Error::new_spanned(text, message)
    })
}

fn meant_flavor(name: &str) -> Option<&'static str> {
    let foreign = FOREIGN_FLAVORS.iter().find(|(foreign, _)| *foreign == name).map(|(_, meant)| *meant);
    foreign.or_else(|| nearest(name, FLAVORS.map(Flavor::name)))
}

/// `flavor = local`: the name of a flavor without its quotes, rather than a constant of that name.
fn bare_flavor(path: &ExprPath, given: TokenStream) -> Result<Value, Error> {
    match path.path.get_ident().map(Ident::to_string) {
        Some(name) if Flavor::named(&name).is_some() => {
            Err(Error::new_spanned(path, format!("expected `\"{name}\"`, found `{name}`; add the quotes")))
        }
        _ => Ok(Value::Expr(given)),
    }
}

fn path(given: &TokenStream) -> Result<Value, Error> {
    let parsed = match syn::parse2::<LitStr>(given.clone()) {
        Ok(text) => text.parse_with(Path::parse_mod_style),
        Err(_) => Path::parse_mod_style.parse2(given.clone()),
    };
    parsed.map(Value::Path).map_err(|_| Kind::Path.unexpected(given))
}
