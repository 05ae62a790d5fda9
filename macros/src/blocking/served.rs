//! The runtime of a twin, if the option `on = …` sets it.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{Receiver, ReceiverKind};

use crate::blocking::arguments::Argument;
use crate::blocking::context::Context;
use crate::blocking::item::Method;
use crate::blocking::types::TWIN_SELF;
use crate::diagnostics::Errors;
use crate::options::settings;
use crate::source::tokens::begins_with;

impl Context<'_> {
    /// The runtime of a function's twins, as the argument of `enter_on`. The function's own option
    /// takes precedence over that of the whole item.
    pub(crate) fn served(
        &self,
        method: &Method,
        arguments: &[Argument],
        errors: &mut Errors,
    ) -> Option<TokenStream> {
        let sig = &method.function.sig;
        let own = self.own(method);
        let settings = if own.tries("on") { own } else { self.settings };
        let on = settings.on(&self.krate)?;
        let has_self = names_value(on.clone());
        if has_self && sig.receiver().is_none() {
            let ident = &sig.ident;
            let remedy = "add `#[blocking(on = …)]` or `#[blocking(skip)]` to the function";
            errors.at(ident, format!("`{ident}` has no `self`, which `on` names; {remedy}"));
            return None;
        }
        let names_argument = arguments.iter().any(|argument| argument.is_named_in(&on));
        let is_moved = names_argument || has_self && !sig.receiver().is_some_and(is_shared);
        let on = self.substituted(if self.is_twin_type() { self.with_async_self(on) } else { on });
        let on = if is_moved { cloned(on) } else { on };
        Some(settings::served_by(&self.krate, on))
    }

    /// Replaces `self` by the async value, which it is in the function itself.
    fn with_async_self(&self, on: TokenStream) -> TokenStream {
        let Some(async_type) = self.owner.self_types.ty() else { return on };
        let tokens: Vec<TokenTree> = on.into_iter().collect();
        let tokens = tokens.iter().enumerate().map(|(i, token)| match token {
            TokenTree::Ident(word) if is_value(word, &tokens[i + 1..]) => {
                let own = Ident::new(TWIN_SELF, word.span());
                quote_spanned!(word.span()=> <#own as ::core::convert::AsRef<#async_type>>::as_ref(&#word))
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), self.with_async_self(group.stream()));
                inner.set_span(group.span());
                inner.into_token_stream()
            }
            token => token.to_token_stream(),
        });
        tokens.collect()
    }
}

/// A clone of the runtime, since the call moves or mutably borrows what `on` borrows.
fn cloned(on: TokenStream) -> TokenStream {
    let span = on.span();
    let on = settings::reference(on);
    quote_spanned!(span=> ::core::clone::Clone::clone(#on))
}

/// Whether the tokens contain `self` as a value, and not only as the beginning of a path.
fn names_value(tokens: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.iter().enumerate().any(|(i, token)| match token {
        TokenTree::Ident(word) => is_value(word, &tokens[i + 1..]),
        TokenTree::Group(group) => names_value(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn is_value(word: &Ident, behind: &[TokenTree]) -> bool {
    let is_path = begins_with(behind, ':') && begins_with(&behind[1..], ':');
    word == "self" && !is_path
}

fn is_shared(receiver: &Receiver) -> bool {
    matches!(&receiver.kind, ReceiverKind::Reference(_, _, None))
}
