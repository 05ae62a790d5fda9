//! The twin of a trait: a trait that every type implements which implements the async one.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{ConstParam, GenericParam, ItemTrait, TraitItemType, TypeParam, TypeParamBound};

use crate::blocking::check::{is_anything_async, nothing_async};
use crate::blocking::context::{Context, Owner, OwnerKind};
use crate::blocking::item::Members;
use crate::blocking::links::Links;
use crate::blocking::twin::Twin;
use crate::blocking::types::SelfTypes;
use crate::blocking::{attributes, names};
use crate::diagnostics::Errors;
use crate::options::settings::Settings;
use crate::source::tokens::mentions;

// Input:
//     #[blocking]
//     pub trait Store {
//         type Error;
//         async fn get(&self, key: &str) -> Result<String, Self::Error>;
//     }
//
// Output, in addition to the input:
//     #[doc = " The blocking twin of [`Store`]."]
//     pub trait BlockingStore {
//         #[doc = " As [`Store::Error`]."]
//         type Error;
//         #[doc = " The blocking twin of [`Store::get`]."]
//         #[track_caller]
//         fn blocking_get(&self, key: &str) -> Result<String, Self::Error>;
//     }
//
//     impl<T: Store + ?Sized> BlockingStore for T {
//         type Error = <T as Store>::Error;
//         fn blocking_get(&self, key: &str) -> Result<String, Self::Error> {
//             ::bridgehead::__private::wait(
//                 ::bridgehead::__private::enter(),
//                 <Self as Store>::get(self, key),
//             )
//         }
//     }
//
// `Store` isn't a supertrait, since `BlockingStore` then wouldn't be dyn compatible. So the twin
// declares the associated types itself.
pub(crate) fn expand(
    settings: &Settings,
    head: &ItemTrait,
    members: &Members,
    links: &mut Links,
    errors: &mut Errors,
) -> TokenStream {
    let ItemTrait { attrs, vis, trait_token, ident, generics, colon_token, supertraits, .. } = head;
    let (_, arguments, where_clause) = generics.split_for_impl();
    let link = ident.to_string();
    let owner = Owner {
        kind: OwnerKind::Trait,
        path: Some(quote!(<Self as #ident #arguments>)),
        link: Some(link.clone()),
        twin_link: Some(names::of_trait(ident, settings).to_string()),
        self_types: SelfTypes::default(),
        vis: None,
    };
    let context = Context::new(settings, owner, errors);
    let supertraits = supertraits.iter().map(|bound| supertrait(bound, &context));
    let supertraits = quote!(#(#supertraits)+*);
    let twins = context.twins_of(&members.methods, errors);
    if !is_anything_async(&members.methods, &context) {
        nothing_async(head.trait_token.span, errors);
    }
    if twins.is_empty() {
        return TokenStream::new();
    }
    let name = names::of_trait(ident, settings);
    *links = Links { item: Some(format!("[`{name}`]")), functions: context.links(&twins) };
    let signatures = twins.iter().map(|twin| &twin.signature);
    let emitted = quote!(#supertraits #generics #where_clause #(#signatures)*);
    let assoc_types = AssocTypes::of(members, &emitted);
    let this = type_parameter(&quote!(#ident #emitted));
    let docs = attributes::docs(attrs, &format!("The blocking twin of [`{ident}`]."));
    let (carried, conditions) = (attributes::carried(attrs), attributes::conditions(attrs));
    let declared = assoc_types.declarations(&link);
    let assigned = assoc_types.assignments(&quote!(<#this as #ident #arguments>));
    let declarations = twins.iter().map(Twin::declaration);
    let implementations = twins.iter().map(|twin| twin.implementation(&this));
    let params = generics.params.iter().map(without_default);
    quote! {
        #docs
        #carried
        #[allow(dead_code)]
        #vis #trait_token #name #generics #colon_token #supertraits #where_clause {
            #declared
            #(#declarations)*
        }

        #conditions
        impl<#(#params,)* #this: #ident #arguments + ?::core::marker::Sized> #name #arguments for #this #where_clause {
            #assigned
            #(#implementations)*
        }
    }
}

/// A supertrait of the twin. It is the twin of a trait that has one:
/// `twins(Named = BlockingNamed)`.
fn supertrait(bound: &TypeParamBound, context: &Context<'_>) -> TokenStream {
    let twin = match bound {
        TypeParamBound::Trait(bound) => context.type_map.twin_of_path(&bound.path),
        _ => None,
    };
    twin.unwrap_or_else(|| bound.to_token_stream())
}

/// A name that doesn't occur in the emitted tokens.
fn type_parameter(emitted: &TokenStream) -> Ident {
    let names = ["T", "S", "This"].into_iter().map(|name| Ident::new(name, Span::call_site()));
    let numbered = (0..).map(|i| format_ident!("T{i}"));
    let mut names = names.chain(numbered);
    names
        .find(|name| !mentions(emitted.clone(), &name.to_string()))
        .unwrap_or_else(|| format_ident!("T"))
}

fn without_default(param: &GenericParam) -> TokenStream {
    match param {
        GenericParam::Lifetime(param) => param.to_token_stream(),
        GenericParam::Type(TypeParam { attrs, ident, colon_token, bounds, .. }) => {
            quote!(#(#attrs)* #ident #colon_token #bounds)
        }
        GenericParam::Const(ConstParam { attrs, const_token, ident, colon_token, ty, .. }) => {
            quote!(#(#attrs)* #const_token #ident #colon_token #ty)
        }
    }
}

/// The associated types of a trait that its twin needs. The twin declares them again, and its impl
/// sets them to the same types.
pub(crate) struct AssocTypes<'a> {
    types: Vec<&'a TraitItemType>,
}

impl<'a> AssocTypes<'a> {
    /// The associated types that are named in the tokens, or in the bounds of another one that is
    /// needed.
    pub(crate) fn of(members: &'a Members, tokens: &TokenStream) -> Self {
        let mut named = HashSet::new();
        names_of_self(tokens.clone(), &mut named);
        loop {
            let count = named.len();
            for item in &members.types {
                if named.contains(&item.ident.to_string()) {
                    names_of_self(item.to_token_stream(), &mut named);
                }
            }
            if named.len() == count {
                break;
            }
        }
        Self {
            types: members
                .types
                .iter()
                .filter(|item| named.contains(&item.ident.to_string()))
                .collect(),
        }
    }

    pub(crate) fn declarations(&self, link: &str) -> TokenStream {
        let types = self.types.iter().map(|item| {
            let TraitItemType { attrs, type_token, ident, generics, colon_token, bounds, .. } =
                item;
            let where_clause = &generics.where_clause;
            let (conditions, doc) =
                (attributes::conditions(attrs), format!(" As [`{link}::{ident}`]."));
            quote! {
                #[doc = #doc]
                #conditions
                #type_token #ident #generics #colon_token #bounds #where_clause;
            }
        });
        types.collect()
    }

    /// The associated types in the twin's blanket impl. `source` is the path before `::Name`.
    pub(crate) fn assignments(&self, source: &TokenStream) -> TokenStream {
        let types = self.types.iter().map(|item| {
            let TraitItemType { attrs, type_token, ident, generics, .. } = item;
            let (params, arguments, where_clause) = generics.split_for_impl();
            let conditions = attributes::conditions(attrs);
            quote!(#conditions #type_token #ident #params = #source::#ident #arguments #where_clause;)
        });
        types.collect()
    }
}

/// The `Name` of each `Self::Name`.
fn names_of_self(tokens: TokenStream, names: &mut HashSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_colon =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
    for (i, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            names_of_self(group.stream(), names);
        }
        match &tokens[i..] {
            [TokenTree::Ident(word), first, second, TokenTree::Ident(name), ..]
                if word == "Self" && is_colon(first) && is_colon(second) =>
            {
                names.insert(name.to_string());
            }
            _ => {}
        }
    }
}
