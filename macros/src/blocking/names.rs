//! What the twins are called.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use crate::options::{Setting, Settings};
use crate::values::Value;

/// The name of a function's twin: tokio's `recv` has `blocking_recv`. Functions of a twin type keep their names.
pub(crate) fn of_function(ident: &Ident, own: &Settings, common: &Settings, is_kept: bool) -> Ident {
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

/// At the place of the async function's name, so that a clash is reported there.
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
    use crate::blocking::tables::TRAIT;
    use crate::errors::Errors;

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
        assert_eq!(names(quote!(), "recv"), ["blocking_recv", "blocking_recv_timeout", "BlockingStore"]);
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
