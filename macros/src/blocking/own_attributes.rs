//! The attributes `#[blocking(…)]` of the functions in an impl or a trait, also in a `cfg_attr`.

use proc_macro2::{Delimiter, Group, Ident, Punct, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Path, Token, parse_quote};

use crate::diagnostics::Errors;
use crate::options::schema;
use crate::options::settings::Settings;
use crate::source::tokens::{is_group, mentions};

pub(super) fn last_of(path: &Path) -> Option<&Ident> {
    path.segments.last().map(|last| &last.ident)
}

fn is_own(name: Option<&Ident>) -> bool {
    name.is_some_and(|name| name == "blocking")
}

/// The options of a function, and the condition on which they apply if they are in a `cfg_attr`.
pub(super) fn own_settings(
    attrs: &[Attribute],
    errors: &mut Errors,
) -> (Settings, Option<TokenStream>) {
    for attr in attrs.iter().filter(|attr| is_hidden(attr)) {
        let remedy = "write it in one `cfg_attr`";
        errors.at(attr, format!("`#[blocking]` can't know the condition; {remedy}"));
    }
    let mut own = attrs.iter().filter_map(|attr| own_meta(&attr.meta).map(|found| (attr, found)));
    let Some((first, (meta, condition))) = own.next() else { return (Settings::default(), None) };
    for (attr, _) in own {
        errors.at(attr, "`#[blocking(…)]` is given twice; remove one");
    }
    let settings = match &meta {
        Meta::List(list) if !list.tokens.is_empty() => {
            Settings::parse(list.tokens.clone(), &schema::BLOCKING_MEMBER, errors)
        }
        Meta::List(_) | Meta::Path(_) => {
            let message =
                "`#[blocking]` is on the whole item already; remove it here, or add an option";
            errors.at(first, message);
            Settings::default()
        }
        Meta::NameValue(_) => {
            errors.at(first, "expected options in parentheses, such as `#[blocking(skip)]`");
            Settings::default()
        }
    };
    (settings, condition)
}

/// This macro's attribute, and the condition of the `cfg_attr` that it is in.
fn own_meta(meta: &Meta) -> Option<(Meta, Option<TokenStream>)> {
    if is_own(last_of(meta.path())) {
        return Some((parse_quote!(#meta), None));
    }
    let (condition, all) = conditional(meta)?;
    let own = all.into_iter().find(|meta| is_own(last_of(meta.path())))?;
    Some((own, Some(condition.into_token_stream())))
}

/// The condition and the attributes in a `cfg_attr`.
fn conditional(meta: &Meta) -> Option<(Meta, Vec<Meta>)> {
    let Meta::List(list) = meta else { return None };
    if !list.path.is_ident("cfg_attr") {
        return None;
    }
    let all = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
    let mut all = all.into_iter();
    Some((all.next()?, all.collect()))
}

/// Whether this macro's attribute is in a nested `cfg_attr`, so that its condition isn't known.
fn is_hidden(attr: &Attribute) -> bool {
    let is_deep = |(_, all): (Meta, Vec<Meta>)| {
        all.iter().any(|meta| {
            meta.path().is_ident("cfg_attr") && mentions(meta.to_token_stream(), "blocking")
        })
    };
    conditional(&attr.meta).is_some_and(is_deep)
}

/// The tokens without this macro's own attributes.
pub(super) fn without_own_attributes(body: TokenStream) -> TokenStream {
    let mut kept = TokenStream::new();
    let mut tokens = body.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => match tokens.next_if(is_attribute)
            {
                Some(attribute) => kept.extend(without_own(&punct, attribute)),
                None => kept.extend([TokenTree::from(punct)]),
            },
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                let mut inner = Group::new(Delimiter::None, without_own_attributes(group.stream()));
                inner.set_span(group.span());
                kept.extend([TokenTree::from(inner)]);
            }
            token => kept.extend([token]),
        }
    }
    kept
}

fn is_attribute(token: &TokenTree) -> bool {
    is_group(token, Delimiter::Bracket)
}

/// The attribute, unless it is this macro's own: `#[blocking(…)]`, or `#[bridgehead::blocking(…)]`.
/// The other attributes in a `cfg_attr` stay.
fn without_own(hash: &Punct, attribute: TokenTree) -> TokenStream {
    let written = quote!(#hash #attribute);
    let TokenTree::Group(group) = attribute else { return written };
    let Ok(meta) = syn::parse2::<Meta>(group.stream()) else { return written };
    match (own_meta(&meta), conditional(&meta)) {
        (None, _) => written,
        (Some(_), Some((condition, mut others))) if others.len() > 1 => {
            others.retain(|meta| !is_own(last_of(meta.path())));
            quote!(#hash [cfg_attr(#condition, #(#others),*)])
        }
        (Some(_), _) => TokenStream::new(),
    }
}
