//! `Self`, written for a place where it is another type.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Path, Type};

/// What stands for `Self` where that is the twin's type, or none that has the trait's associated types.
#[derive(Default)]
pub(crate) struct Selves {
    /// The type alone.
    ty: Option<TokenStream>,
    /// In front of `::Name`.
    path: Option<TokenStream>,
    /// In front of one of the trait's own names.
    associated: Option<(Vec<Ident>, TokenStream)>,
}

impl Selves {
    pub(crate) fn of_type(ty: &Type) -> Self {
        Self { ty: Some(ty.to_token_stream()), path: Some(quote!(<#ty>)), associated: None }
    }

    /// Says where the trait's names are found.
    pub(crate) fn with_trait(mut self, path: &Path, names: Vec<Ident>) -> Self {
        let ty = self.ty.clone().unwrap_or_else(|| quote!(Self));
        self.associated = Some((names, quote!(<#ty as #path>)));
        self
    }

    /// Whether the type is written like the one that stands for `Self`.
    pub(crate) fn is(&self, ty: &Type) -> bool {
        self.ty.as_ref().is_some_and(|own| own.to_string() == ty.to_token_stream().to_string())
    }

    pub(crate) fn respelt(&self, tokens: TokenStream) -> TokenStream {
        if self.ty.is_none() && self.associated.is_none() {
            return tokens;
        }
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let respelt = tokens.iter().enumerate().map(|(i, token)| match token {
            TokenTree::Ident(word) if word == "Self" => {
                self.instead(&tokens[i + 1..]).unwrap_or_else(|| token.to_token_stream())
            }
            TokenTree::Group(group) => {
                let mut respelt = Group::new(group.delimiter(), self.respelt(group.stream()));
                respelt.set_span(group.span());
                respelt.into_token_stream()
            }
            token => token.to_token_stream(),
        });
        respelt.collect()
    }

    fn instead(&self, behind: &[TokenTree]) -> Option<TokenStream> {
        let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
        match behind {
            [first, second, TokenTree::Ident(name), ..] if is_colon(first) && is_colon(second) => {
                match &self.associated {
                    Some((names, path)) if names.contains(name) => Some(path.clone()),
                    _ => self.path.clone(),
                }
            }
            _ => self.ty.clone(),
        }
    }
}
