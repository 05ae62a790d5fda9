//! The arguments of a twin, by simple names, and how they are passed on.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, FnArg, Meta, Pat, PatType, Receiver, ReceiverKind, Signature, Token};

use super::convert::{Converted, Way};
use super::plan::{Place, Plan};
use super::receiver;

/// One argument, `self` included.
pub(crate) struct Argument {
    /// As the twin declares it.
    pub(crate) declared: TokenStream,
    pub(crate) passed: TokenStream,
    pub(crate) is_receiver: bool,
    /// On which conditions it is there, as in `cfg(…)`.
    pub(crate) conditions: Vec<TokenStream>,
}

pub(crate) fn of(sig: &Signature, plan: &Plan<'_>) -> syn::Result<Vec<Argument>> {
    // There the call is by its name alone.
    let taken = (plan.owner.place == Place::Free).then_some(&sig.ident);
    let names = names(&sig.inputs, taken);
    let arguments = sig.inputs.iter().zip(names).map(|(input, name)| match input {
        FnArg::Receiver(receiver) if plan.is_twin_type() => {
            let (declared, passed) = receiver::of_twin_type(receiver, plan)?;
            Ok(Argument { declared, passed, is_receiver: true, conditions: Vec::new() })
        }
        FnArg::Receiver(receiver) => Ok(self::receiver(receiver)),
        FnArg::Typed(PatType { attrs, pat: _, colon_token, ty }) => {
            let Converted { ty, change } = plan.convert(ty, Way::In)?;
            let conditions: Vec<_> = attrs.iter().filter_map(condition).collect();
            let passed = name.to_token_stream();
            Ok(Argument {
                declared: quote!(#(#[cfg(#conditions)])* #name #colon_token #ty),
                passed: change.map_or_else(|| passed.clone(), |change| change.apply(passed.clone())),
                is_receiver: false,
                conditions,
            })
        }
    });
    arguments.collect()
}

/// Without `mut`, which is for the async function's own body.
fn receiver(receiver: &Receiver) -> Argument {
    let Receiver { attrs: _, mutability: _, self_token, kind } = receiver;
    let declared = match kind {
        ReceiverKind::Reference(and, lifetime, mutability) => quote!(#and #lifetime #mutability #self_token),
        ReceiverKind::Typed(colon, ty) => quote!(#self_token #colon #ty),
        _ => self_token.to_token_stream(),
    };
    Argument { declared, passed: self_token.to_token_stream(), is_receiver: true, conditions: Vec::new() }
}

/// The names as they are, but `_name` without its underscore, since the twin does use it. A pattern has none, and what is taken means
/// something else.
fn names(inputs: &Punctuated<FnArg, Token![,]>, taken: Option<&Ident>) -> Vec<Ident> {
    let mut names: Vec<Ident> = Vec::new();
    for (i, input) in inputs.iter().enumerate() {
        let written = match input {
            FnArg::Typed(PatType { pat, .. }) => written(pat),
            FnArg::Receiver(_) => None,
        };
        let name = written.filter(|name| !names.contains(name) && Some(name) != taken);
        names.push(name.unwrap_or_else(|| format_ident!("argument_{i}", span = Span::mixed_site())));
    }
    names
}

fn written(pat: &Pat) -> Option<Ident> {
    let Pat::Ident(pat) = pat else { return None };
    let name = pat.ident.to_string();
    if !name.starts_with('_') {
        return Some(pat.ident.clone());
    }
    // `_1`, `_type` and `_` are none. Nor is `_gen` since the edition of 2024, which the parser doesn't know.
    let name = Some(name.trim_start_matches('_')).filter(|name| *name != "gen")?;
    let mut name: Ident = syn::parse_str(name).ok()?;
    name.set_span(pat.ident.span());
    Some(name)
}

fn condition(attr: &Attribute) -> Option<TokenStream> {
    match &attr.meta {
        Meta::List(list) if list.path.is_ident("cfg") => Some(list.tokens.clone()),
        _ => None,
    }
}
