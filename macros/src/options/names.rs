//! What names functions, types and modules: the options of `#[blocking]`.

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::{Error, Ident, LitBool, LitStr, Path, Type, Visibility};

use crate::options::duration;
use crate::options::value::{Kind, Value};

/// A value that is no expression.
pub(super) fn read(kind: Kind, given: &TokenStream) -> Option<Result<Value, Error>> {
    let unexpected = || match kind {
        Kind::Name => not_a_part(given),
        Kind::Switch => not_a_switch(given),
        _ => kind.unexpected(given),
    };
    let value = match kind {
        Kind::Path | Kind::TypeName | Kind::Module => path(given).map(Value::Path),
        Kind::Name => part(given).map(Value::Name),
        Kind::Type => syn::parse2::<Type>(given.clone()).ok().map(|_| Value::Expr(given.clone())),
        Kind::Visibility => {
            let is_one =
                matches!(syn::parse2(given.clone()), Ok(Visibility::Public(_) | Visibility::Restricted(_)));
            is_one.then(|| Value::Expr(given.clone()))
        }
        Kind::Switch if given.is_empty() => Some(Value::Switch(true)),
        Kind::Switch => {
            let literal = syn::parse2::<LitBool>(given.clone()).ok();
            literal.map(|literal| Value::Switch(literal.value))
        }
        Kind::Flag | Kind::Pairs => Some(Value::Expr(given.clone())),
        _ => return None,
    };
    Some(value.ok_or_else(unexpected))
}

fn path(given: &TokenStream) -> Option<Path> {
    let parsed = match syn::parse2::<LitStr>(given.clone()) {
        Ok(text) => text.parse_with(Path::parse_mod_style),
        Err(_) => Path::parse_mod_style.parse2(given.clone()),
    };
    parsed.ok()
}

/// What can be a part of a name; nothing as well.
fn part(given: &TokenStream) -> Option<String> {
    let name = syn::parse2::<LitStr>(given.clone()).ok()?.value();
    name.chars().all(|c| c == '_' || c.is_alphanumeric()).then_some(name)
}

fn not_a_part(given: &TokenStream) -> Error {
    let message = if syn::parse2::<Ident>(given.clone()).is_ok() {
        format!("expected `\"{given}\"`, found `{given}`; add the quotes")
    } else if syn::parse2::<LitStr>(given.clone()).is_ok() {
        format!("expected letters, digits and `_`, found `{given}`")
    } else {
        format!("{}, found `{given}`", Kind::Name.expected())
    };
    Error::new_spanned(given, message)
}

/// Those who know `try_sync_call!` may have meant a duration.
fn not_a_switch(given: &TokenStream) -> Error {
    let text = syn::parse2::<LitStr>(given.clone()).ok();
    let is_duration = text.is_some_and(|text| duration::parse(&text.value()).is_ok());
    let remedy = if is_duration { "; the duration is an argument of the twin's" } else { "" };
    Error::new_spanned(given, format!("expected `true` or `false`, found `{given}`{remedy}"))
}
