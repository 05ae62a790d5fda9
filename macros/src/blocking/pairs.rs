//! Which async types have a twin type: `twins(Transaction = BlockingTransaction)`, and the impl's own.

use std::cell::Cell;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Path, Token, Type, TypePath};

use super::output::ungroup;
use crate::errors::{Errors, as_written};
use crate::options::{Setting, Settings};
use crate::values::Value;

#[derive(Default)]
pub(crate) struct Pairs {
    all: Vec<Pair>,
    /// What `Self` becomes, in an impl of a twin type.
    own: Option<TokenStream>,
}

struct Pair {
    /// As it was written, for messages. Not there for the impl's own.
    written: Option<Path>,
    async_name: Vec<Ident>,
    twin: TokenStream,
    /// Otherwise the twin has those of the async type.
    has_arguments: bool,
    is_used: Cell<bool>,
}

impl Pairs {
    pub(crate) fn parse(settings: &Settings, errors: &mut Errors) -> Self {
        let Some(Setting { name, value: Value::Expr(tokens) }) = settings.get("twins") else {
            return Self::default();
        };
        match Punctuated::<Pair, Token![,]>::parse_terminated.parse2(tokens.clone()) {
            Ok(pairs) if pairs.is_empty() => {
                errors.at(name, "expected a pair of types; write `twins(Transaction = BlockingTransaction)`");
                Self::default()
            }
            Ok(pairs) => Self { all: pairs.into_iter().collect(), own: None },
            Err(error) => {
                let message = format!("{error}; write `twins(Transaction = BlockingTransaction)`");
                errors.add(syn::Error::new(error.span(), message));
                Self::default()
            }
        }
    }

    /// Makes a pair of the impl's own type, as `Self` and by its name.
    pub(crate) fn add_own(&mut self, async_type: Option<&Path>, twin: &Path, own: TokenStream) {
        self.own = Some(own);
        if let Some(path) = async_type {
            let (async_name, twin) = (idents(path), twin.to_token_stream());
            let is_used = Cell::new(true);
            self.all.push(Pair { written: None, async_name, twin, has_arguments: false, is_used });
        }
    }

    /// The twin of a type, if it is one that has a twin.
    pub(crate) fn twin_of(&self, ty: &Type) -> Option<TokenStream> {
        let Type::Path(TypePath { qself: None, path, .. }) = ungroup(ty) else { return None };
        if path.is_ident("Self") { self.own.clone() } else { self.twin_of_path(path) }
    }

    pub(crate) fn twin_of_path(&self, path: &Path) -> Option<TokenStream> {
        let name = idents(path);
        let is_same = |pair: &&Pair| name.ends_with(&pair.async_name) || pair.async_name.ends_with(&name);
        let pair = self.all.iter().find(is_same)?;
        pair.is_used.set(true);
        let twin = &pair.twin;
        let arguments = path.segments.last().map(|last| &last.arguments).filter(|_| !pair.has_arguments);
        Some(quote!(#twin #arguments))
    }

    /// A name that is nowhere is probably misspelt.
    pub(crate) fn check_used(&self, errors: &mut Errors) {
        for written in
            self.all.iter().filter(|pair| !pair.is_used.get()).filter_map(|pair| pair.written.as_ref())
        {
            let name = as_written(&written.to_token_stream());
            errors.at(written, format!("no twin here takes or returns a `{name}`; remove it"));
        }
    }
}

impl Parse for Pair {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let written: Path = input.call(Path::parse_mod_style)?;
        if input.is_empty() {
            return Err(syn::Error::new_spanned(&written, "expected its twin"));
        }
        input.parse::<Token![=]>()?;
        let twin: Path = input.parse()?;
        Ok(Self {
            async_name: idents(&written),
            written: Some(written),
            has_arguments: twin.segments.iter().any(|segment| !segment.arguments.is_none()),
            twin: twin.into_token_stream(),
            is_used: Cell::new(false),
        })
    }
}

fn idents(path: &Path) -> Vec<Ident> {
    path.segments.iter().map(|segment| segment.ident.clone()).collect()
}
