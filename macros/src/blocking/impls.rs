//! The twins of an impl's functions, in a second impl of the same type or of its twin type.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{GenericParam, ItemImpl, Path, Type};

use crate::blocking::attributes;
use crate::blocking::check::{is_anything_async, nothing_async};
use crate::blocking::context::{
    Context, Owner, OwnerKind, arguments, link, qualifier, simple_path,
};
use crate::blocking::item::Members;
use crate::blocking::links::Links;
use crate::blocking::lone_type::is_lone;
use crate::blocking::twin::Twin;
use crate::blocking::twin_type::twin_path;
use crate::blocking::types::SelfTypes;
use crate::diagnostics::Errors;
use crate::options::settings::Settings;
use crate::source::call_site::as_written;
use crate::source::tokens::mentions;

// Input:
//     #[blocking]
//     impl Client {
//         pub async fn get(&self, key: &str) -> Option<String> { BODY }
//     }
//
// Output, in addition to the input:
//     #[allow(…)]
//     impl Client {
//         #[doc = " The blocking twin of [`get`](Self::get)."]
//         #[track_caller]
//         pub fn blocking_get(&self, key: &str) -> Option<String> {
//             ::bridgehead::__private::wait(::bridgehead::__private::enter(), self.get(key))
//         }
//     }
//
// With `type = BlockingClient`:
//     #[allow(…)]
//     impl BlockingClient {
//         #[doc = " The blocking twin of [`Client::get`]."]
//         #[track_caller]
//         pub fn get(&self, key: &str) -> Option<String> {
//             ::bridgehead::__private::wait(
//                 ::bridgehead::__private::enter(),
//                 Client::get(::core::convert::AsRef::as_ref(self), key),
//             )
//         }
//     }
pub(crate) fn expand(
    settings: &Settings,
    item: &ItemImpl,
    members: &Members,
    links: &mut Links,
    errors: &mut Errors,
) -> TokenStream {
    let ItemImpl { impl_token, generics, self_ty, trait_, .. } = item;
    let twin = twin_path(settings, self_ty, errors);
    if let Some(name) = twin.as_ref().and_then(Path::get_ident)
        && let Some(last) = simple_path(self_ty).and_then(|path| path.segments.last())
        && is_lone(name, &last.ident)
    {
        let ident = &last.ident;
        let message =
            format!("there is no `{name}`; put `#[blocking(type = {name})]` on `{ident}` as well");
        errors.at(name, message);
        return TokenStream::new();
    }
    let trait_path = trait_.as_ref().map(|(path, _)| path);
    let mut context =
        Context::new(settings, owner(self_ty, trait_path, twin.as_ref(), members), errors);
    let twin_type = twin.map_or_else(
        || self_ty.to_token_stream(),
        |twin| {
            let arguments = arguments(self_ty);
            let twin_type = quote!(#twin #arguments);
            context.type_map.add_own(simple_path(self_ty), &twin, twin_type.clone());
            twin_type
        },
    );
    let is_possible = trait_path.is_none_or(|_| check_trait_impl(item, &context, errors));
    let twins = context.twins_of(&members.methods, errors);
    if !is_anything_async(&members.methods, &context) {
        nothing_async(impl_token.span, errors);
    }
    if twins.is_empty() || !is_possible {
        return TokenStream::new();
    }
    links.functions = context.links(&twins);
    let carried = attributes::conditions(&item.attrs);
    let twins = twins.iter().map(Twin::definition);
    let where_clause = context.substituted(&generics.where_clause);
    // `dead_code` is allowed, since a program that uses one twin needn't use the others.
    let head = quote!(#impl_token #generics #twin_type #where_clause);
    let mut body = Group::new(Delimiter::Brace, twins.collect());
    if trait_path.is_some() {
        // The compiler may reject this impl, for instance of another crate's type. It underlines
        // this span.
        body.set_span(head.span());
    }
    // The twin type may lack the async type's `is_empty`, and takes a box only to convert its
    // contents.
    let allowed =
        context.is_twin_type().then(|| quote!(, clippy::boxed_local, clippy::len_without_is_empty));
    quote!(#carried #[allow(dead_code #allowed)] #head #body)
}

fn owner(
    self_ty: &Type,
    trait_path: Option<&Path>,
    twin: Option<&Path>,
    members: &Members,
) -> Owner {
    let (has_twin_type, twin_link) = (twin.is_some(), twin.map(link));
    let kind = if has_twin_type { OwnerKind::TwinType } else { OwnerKind::Inherent };
    let self_types = if has_twin_type { SelfTypes::of_type(self_ty) } else { SelfTypes::default() };
    match trait_path {
        Some(path) => Owner {
            kind,
            path: Some(if has_twin_type {
                quote!(<#self_ty as #path>)
            } else {
                quote!(<Self as #path>)
            }),
            link: Some(link(path)),
            twin_link,
            self_types: self_types.with_trait(path, members.assigned.clone()),
            // The trait's functions are public too.
            vis: Some(quote!(pub)),
        },
        None if has_twin_type => Owner {
            kind,
            path: Some(qualifier(self_ty)),
            link: simple_path(self_ty).map(link),
            twin_link,
            self_types,
            vis: None,
        },
        None => Owner::inherent(),
    }
}

/// Reports a type that can't have inherent functions, which the twins of a trait's functions are
/// here.
fn check_trait_impl(head: &ItemImpl, context: &Context<'_>, errors: &mut Errors) -> bool {
    let ItemImpl { generics, self_ty, .. } = head;
    let remedy = "put `#[blocking]` on the trait instead";
    let params = || generics.params.iter();
    let is_param = |ty: &Type| {
        let text = ty.to_token_stream().to_string();
        params().any(|param| matches!(param, GenericParam::Type(param) if param.ident == text))
    };
    if !context.is_twin_type() && (simple_path(self_ty).is_none() || is_param(self_ty)) {
        let ty = as_written(&self_ty.to_token_stream());
        errors.at(self_ty, format!("`{ty}` can't have functions of its own; {remedy}"));
        return false;
    }
    let unused = params().find_map(|param| {
        let name = match param {
            GenericParam::Lifetime(param) => &param.lifetime.ident,
            GenericParam::Type(param) => &param.ident,
            GenericParam::Const(param) => &param.ident,
        };
        (!mentions(self_ty.to_token_stream(), &name.to_string())).then_some((name, param.span()))
    });
    if let Some((name, span)) = unused {
        let message = format!("`{name}` is of the trait, not of the type; {remedy}");
        errors.add(syn::Error::new(span, message));
        return false;
    }
    true
}
