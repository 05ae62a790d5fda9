//! Reads the values that name functions, types and modules, for the options of `#[blocking]`.

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::{Error, Ident, LitBool, LitStr, Path, Type, Visibility};

use crate::options::duration;
use crate::options::value::{Value, ValueKind};

/// Reads a value that isn't an expression. `None` if the kind takes expressions.
pub(super) fn read(kind: ValueKind, tokens: &TokenStream) -> Option<Result<Value, Error>> {
    let unexpected = || match kind {
        ValueKind::Name => not_a_part(tokens),
        ValueKind::Switch => not_a_switch(tokens),
        _ => kind.unexpected(tokens),
    };
    let value = match kind {
        ValueKind::Path | ValueKind::TypeName | ValueKind::Module => path(tokens).map(Value::Path),
        ValueKind::Name => part(tokens).map(Value::Name),
        ValueKind::Type => {
            syn::parse2::<Type>(tokens.clone()).ok().map(|_| Value::Expr(tokens.clone()))
        }
        ValueKind::Visibility => {
            let is_one = matches!(
                syn::parse2(tokens.clone()),
                Ok(Visibility::Public(_) | Visibility::Restricted(_))
            );
            is_one.then(|| Value::Expr(tokens.clone()))
        }
        ValueKind::Switch if tokens.is_empty() => Some(Value::Switch(true)),
        ValueKind::Switch => {
            let literal = syn::parse2::<LitBool>(tokens.clone()).ok();
            literal.map(|literal| Value::Switch(literal.value))
        }
        ValueKind::Flag | ValueKind::TypePairs => Some(Value::Expr(tokens.clone())),
        _ => return None,
    };
    Some(value.ok_or_else(unexpected))
}

fn path(tokens: &TokenStream) -> Option<Path> {
    let parsed = match syn::parse2::<LitStr>(tokens.clone()) {
        Ok(text) => text.parse_with(Path::parse_mod_style),
        Err(_) => Path::parse_mod_style.parse2(tokens.clone()),
    };
    parsed.ok()
}

/// Text that can be a part of a name. It may be empty.
fn part(tokens: &TokenStream) -> Option<String> {
    let name = syn::parse2::<LitStr>(tokens.clone()).ok()?.value();
    name.chars().all(|c| c == '_' || c.is_alphanumeric()).then_some(name)
}

fn not_a_part(tokens: &TokenStream) -> Error {
    let message = if syn::parse2::<Ident>(tokens.clone()).is_ok() {
        format!("expected `\"{tokens}\"`, found `{tokens}`; add the quotes")
    } else if syn::parse2::<LitStr>(tokens.clone()).is_ok() {
        format!("expected letters, digits and `_`, found `{tokens}`")
    } else {
        format!("{}, found `{tokens}`", ValueKind::Name.expected())
    };
    Error::new_spanned(tokens, message)
}

/// A user who knows the option of `try_sync_call!` may have written a duration.
fn not_a_switch(tokens: &TokenStream) -> Error {
    let text = syn::parse2::<LitStr>(tokens.clone()).ok();
    let is_duration = text.is_some_and(|text| duration::parse(&text.value()).is_ok());
    let remedy = if is_duration { "; the duration is an argument of the twin's" } else { "" };
    Error::new_spanned(tokens, format!("expected `true` or `false`, found `{tokens}`{remedy}"))
}
