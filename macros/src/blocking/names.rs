//! The names of the twins.

use std::collections::HashSet;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ext::IdentExt;

use crate::blocking::attributes::is_conditional;
use crate::blocking::item::Method;
use crate::diagnostics::Errors;
use crate::options::settings::{Setting, Settings};
use crate::options::value::Value;

/// The name of a function's twin: tokio's `recv` has `blocking_recv`. Functions of a twin type keep
/// their names.
pub(crate) fn of_function(
    ident: &Ident,
    own: &Settings,
    common: &Settings,
    is_kept: bool,
) -> Ident {
    if let Some(name) = text(own, "name") {
        return identifier(name, ident);
    }
    let (prefix, suffix) = parts(common, is_kept);
    identifier(&format!("{prefix}{}{suffix}", ident.unraw()), ident)
}

/// The name of a trait's twin: `Store` has `BlockingStore`.
pub(crate) fn of_trait(ident: &Ident, common: &Settings) -> Ident {
    if let Some(name) = text(common, "name") {
        return identifier(name, ident);
    }
    let (prefix, suffix) = parts(common, false);
    identifier(&format!("{}{}{}", camel_case(prefix), ident.unraw(), camel_case(suffix)), ident)
}

pub(crate) fn with_timeout(twin: &Ident) -> Ident {
    identifier(&format!("{}_timeout", twin.unraw()), twin)
}

/// The names that are taken in one impl.
pub(crate) struct Names {
    taken: HashSet<String>,
}

impl Names {
    pub(crate) fn new(methods: &[Method], is_other_type: bool) -> Self {
        let own = methods.iter().filter(|method| !is_conditional(&method.function.attrs));
        let taken = own.map(|method| method.function.sig.ident.to_string());
        Self { taken: if is_other_type { HashSet::new() } else { taken.collect() } }
    }

    /// Takes a name. Returns whether it was free; if not, that is reported.
    pub(crate) fn take(&mut self, name: &Ident, method: &Method, errors: &mut Errors) -> bool {
        let function = &method.function;
        // Only the compiler knows which of the conditional functions exist.
        if is_conditional(&function.attrs) || self.taken.insert(name.to_string()) {
            return true;
        }
        let remedy = "name its twin with `#[blocking(name = \"…\")]`, or add `#[blocking(skip)]`";
        let ident = function.sig.ident.to_token_stream();
        errors.at(&ident, format!("there is a `{name}` here already; {remedy}"));
        false
    }
}

fn parts(common: &Settings, is_kept: bool) -> (&str, &str) {
    let (prefix, suffix) = (text(common, "prefix"), text(common, "suffix"));
    let default = if is_kept || suffix.is_some() { "" } else { "blocking_" };
    (prefix.unwrap_or(default), suffix.unwrap_or_default())
}

pub(crate) fn text<'a>(settings: &'a Settings, name: &str) -> Option<&'a str> {
    match settings.get(name) {
        Some(Setting { value: Value::Name(text), .. }) => Some(text),
        _ => None,
    }
}

/// An identifier with the span of the async function's name, so that a clash is reported there.
fn identifier(name: &str, place: &Ident) -> Ident {
    let parsed = syn::parse_str(name).map(|mut ident: Ident| {
        ident.set_span(place.span());
        ident
    });
    parsed.unwrap_or_else(|_| Ident::new_raw(name, place.span()))
}

fn camel_case(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;
    use quote::quote;

    use super::*;
    use crate::options::schema::BLOCKING_TRAIT as TRAIT;

    fn names(options: proc_macro2::TokenStream, function: &str) -> [String; 3] {
        let mut errors = Errors::default();
        let settings = Settings::parse(options, &TRAIT, &mut errors);
        assert_eq!(errors.messages(), [""; 0]);
        let function: Ident = syn::parse_str(function).unwrap();
        let twin = of_function(&function, &Settings::default(), &settings, false);
        let of_trait = of_trait(&Ident::new("Store", Span::call_site()), &settings);
        [twin.to_string(), with_timeout(&twin).to_string(), of_trait.to_string()]
    }

    #[test]
    fn parts_are_put_around() {
        assert_eq!(
            names(quote!(), "recv"),
            ["blocking_recv", "blocking_recv_timeout", "BlockingStore"]
        );
        assert_eq!(names(quote!(), "r#type")[0], "blocking_type");
        assert_eq!(names(quote!(prefix = "sync_io_"), "recv")[0], "sync_io_recv");
        assert_eq!(names(quote!(prefix = "sync_io_"), "recv")[2], "SyncIoStore");
        assert_eq!(names(quote!(suffix = "_blocking"), "recv")[0], "recv_blocking");
        assert_eq!(names(quote!(suffix = "_blocking"), "recv")[2], "StoreBlocking");
        assert_eq!(names(quote!(prefix = "a_", suffix = "_b"), "recv")[0], "a_recv_b");
        assert_eq!(names(quote!(prefix = "", name = "Shop"), "r#type")[0], "r#type");
        assert_eq!(names(quote!(name = "Shop"), "recv")[2], "Shop");
    }
}
