//! `#[blocking]` keeps the item that it is on, adds a line to its docs, and adds the item's
//! blocking twins behind it.

mod arguments;
mod attributes;
mod body;
mod check;
mod context;
mod conversion;
mod converter;
mod impls;
mod item;
mod itself;
mod links;
mod lone_type;
mod names;
mod own_attributes;
mod served;
#[cfg(test)]
mod tests;
mod traits;
mod twin;
mod twin_type;
mod types;

use proc_macro2::{Span, TokenStream};
use quote::quote;

use crate::blocking::context::{Context, Owner};
use crate::blocking::item::Item;
use crate::blocking::links::Links;
use crate::diagnostics::Errors;
use crate::item::kind::ItemKind;
use crate::options::settings::Settings;

/// A fault leaves out only the twin that it is about, since the program may call the others.
pub(crate) fn expand(options: TokenStream, tokens: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let item = match Item::parse(tokens, &mut errors) {
        Ok(item) => item,
        // The compiler has reported the fault already.
        Err(_) if matches!(ItemKind::of(tokens), ItemKind::FaultyFunction) => {
            return tokens.clone();
        }
        Err(error) => {
            errors.add(error);
            return errors.beside(tokens);
        }
    };
    let settings = Settings::parse(options, item.schema(), &mut errors);
    let user = tokens.clone().into_iter().last().map_or_else(Span::call_site, |token| token.span());
    if !settings.check_crate(user, &mut errors) {
        return errors.beside(&item.untouched(tokens));
    }
    let mut links = Links::default();
    let twins = match &item {
        Item::Function(method) => {
            let owner = Owner::of_function(&method.function.sig);
            let context =
                Context { is_single: true, ..Context::new(&settings, owner, &mut errors) };
            let twins = context.twins_of(std::slice::from_ref(&**method), &mut errors);
            links.item = context.links(&twins).into_values().next();
            let twins = twins.iter().map(twin::Twin::definition);
            quote!(#(#twins)*)
        }
        Item::Impl { head, members } => {
            impls::expand(&settings, head, members, &mut links, &mut errors)
        }
        Item::Trait { head, members } => {
            traits::expand(&settings, head, members, &mut links, &mut errors)
        }
        Item::Type(item) => twin_type::expand(&settings, item, &mut links, &mut errors),
    };
    let untouched = links.add_to(item.untouched(tokens));
    let errors = errors.into_tokens();
    quote!(#errors #untouched #twins)
}
