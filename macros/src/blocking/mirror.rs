//! The associated types of a trait, as far as its twin needs them. These are the twin's own, and the same.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::TraitItemType;

use super::attributes;
use super::members::Members;

pub(crate) struct Mirror<'a> {
    types: Vec<&'a TraitItemType>,
}

impl<'a> Mirror<'a> {
    /// Of those that are named in the tokens, and in the bounds of one that is.
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
        Self { types: members.types.iter().filter(|item| named.contains(&item.ident.to_string())).collect() }
    }

    pub(crate) fn declarations(&self, link: &str) -> TokenStream {
        let types = self.types.iter().map(|item| {
            let TraitItemType { attrs, type_token, ident, generics, colon_token, bounds, .. } = item;
            let where_clause = &generics.where_clause;
            let (conditions, doc) = (attributes::conditions(attrs), format!(" As [`{link}::{ident}`]."));
            quote! {
                #[doc = #doc]
                #conditions
                #type_token #ident #generics #colon_token #bounds #where_clause;
            }
        });
        types.collect()
    }

    /// In the twin's impl for all that have the trait; `source` is what stands in front of `::Name`.
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
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
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
