//! Which attributes of an async function its twin has as well.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

const LINTS: &[&str] = &["allow", "deny", "expect", "forbid", "warn"];
const OF_CALLERS: &[&str] = &["cold", "deprecated", "inline", "must_use"];

/// All that tell users or the compiler of the function, but its docs. What others read, such as `#[instrument]`, is for the async
/// function.
pub(crate) fn carried(attrs: &[Attribute]) -> TokenStream {
    carried_but(attrs, "")
}

pub(crate) fn carried_but(attrs: &[Attribute], left_out: &str) -> TokenStream {
    picked(attrs, &|name| {
        name != left_out
            && (name == "cfg" || name == "doc" || LINTS.contains(&name) || OF_CALLERS.contains(&name))
    })
}

/// Those that an impl of a trait's function has: whether it is there, and what the compiler says of its body.
pub(crate) fn conditions(attrs: &[Attribute]) -> TokenStream {
    picked(attrs, &|name| name == "cfg" || LINTS.contains(&name))
}

/// Whether it is there at all on some condition only.
pub(crate) fn is_conditional(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("cfg"))
}

fn picked(attrs: &[Attribute], is_picked: &dyn Fn(&str) -> bool) -> TokenStream {
    // Docs are put together elsewhere, but for those on a condition.
    let others = attrs.iter().filter(|attr| !attr.path().is_ident("doc"));
    let metas = others.filter_map(|attr| self::meta(&attr.meta, is_picked));
    let picked: TokenStream = metas.map(|meta| quote!(#[#meta])).collect();
    // The twin does call the other one.
    let is_deprecated = attrs.iter().any(|attr| attr.to_token_stream().to_string().contains("deprecated"));
    let allow = is_deprecated.then(|| quote!(#[allow(deprecated)]));
    quote!(#picked #allow)
}

fn meta(meta: &Meta, is_picked: &dyn Fn(&str) -> bool) -> Option<TokenStream> {
    let name = meta.path().get_ident()?.to_string();
    match (name.as_str(), meta) {
        ("cfg_attr", Meta::List(list)) => {
            let all = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
            let mut all = all.iter();
            let condition = all.next()?;
            let picked: Vec<_> = all.filter_map(|attr| self::meta(attr, is_picked)).collect();
            (!picked.is_empty()).then(|| quote!(cfg_attr(#condition, #(#picked),*)))
        }
        (name, _) if !is_picked(name) => None,
        // It may not be fulfilled by so little.
        ("expect", Meta::List(list)) => {
            let lints = &list.tokens;
            Some(quote!(allow(#lints)))
        }
        (_, meta) => Some(meta.to_token_stream()),
    }
}
