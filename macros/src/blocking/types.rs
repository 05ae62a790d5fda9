//! The types in a signature: their twin types, the meaning of `Self`, and the outputs of futures.

use std::cell::Cell;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{
    AssocType, GenericArgument, Path, PathArguments, Token, Type, TypeImplTrait, TypeParamBound,
    TypePath, TypeTraitObject,
};

use crate::diagnostics::Errors;
use crate::options::settings::{Setting, Settings};
use crate::options::value::Value;
use crate::source::call_site::as_written;

/// Which async types have a twin type: `twins(Transaction = BlockingTransaction)`, and the impl's
/// own.
#[derive(Default)]
pub(crate) struct TypeMap {
    all: Vec<TypePair>,
    /// What `Self` becomes, in an impl of a twin type.
    own: Option<TokenStream>,
}

struct TypePair {
    /// The async type as it was written, for messages. `None` for the impl's own.
    written: Option<Path>,
    async_name: Vec<Ident>,
    twin: TokenStream,
    /// The twin is written with generic arguments. Otherwise it has those of the async type.
    has_arguments: bool,
    is_used: Cell<bool>,
}

impl TypeMap {
    pub(crate) fn parse(settings: &Settings, errors: &mut Errors) -> Self {
        let Some(Setting { name, value: Value::Expr(tokens) }) = settings.get("twins") else {
            return Self::default();
        };
        match Punctuated::<TypePair, Token![,]>::parse_terminated.parse2(tokens.clone()) {
            Ok(pairs) if pairs.is_empty() => {
                errors.at(
                    name,
                    "expected a pair of types; write `twins(Transaction = BlockingTransaction)`",
                );
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

    /// Adds a pair for the impl's own type, which is found as `Self` and by its name.
    pub(crate) fn add_own(&mut self, async_type: Option<&Path>, twin: &Path, own: TokenStream) {
        self.own = Some(own);
        if let Some(path) = async_type {
            let (async_name, twin) = (idents(path), twin.to_token_stream());
            let is_used = Cell::new(true);
            self.all.push(TypePair {
                written: None,
                async_name,
                twin,
                has_arguments: false,
                is_used,
            });
        }
    }

    /// The twin of a type, if it has one.
    pub(crate) fn twin_of(&self, ty: &Type) -> Option<TokenStream> {
        let Type::Path(TypePath { qself: None, path, .. }) = ungroup(ty) else { return None };
        if path.is_ident("Self") { self.own.clone() } else { self.twin_of_path(path) }
    }

    pub(crate) fn twin_of_path(&self, path: &Path) -> Option<TokenStream> {
        let name = idents(path);
        let is_same =
            |pair: &&TypePair| name.ends_with(&pair.async_name) || pair.async_name.ends_with(&name);
        let pair = self.all.iter().find(is_same)?;
        pair.is_used.set(true);
        let twin = &pair.twin;
        let arguments =
            path.segments.last().map(|last| &last.arguments).filter(|_| !pair.has_arguments);
        Some(quote!(#twin #arguments))
    }

    /// Reports a type that no twin takes or returns, whose name is probably misspelt.
    pub(crate) fn check_used(&self, errors: &mut Errors) {
        for written in self
            .all
            .iter()
            .filter(|pair| !pair.is_used.get())
            .filter_map(|pair| pair.written.as_ref())
        {
            let name = as_written(&written.to_token_stream());
            errors.at(written, format!("no twin here takes or returns a `{name}`; remove it"));
        }
    }
}

impl Parse for TypePair {
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

/// A placeholder for the twin's own `Self`, until the `Self` of the async type is substituted.
pub(crate) const TWIN_SELF: &str = "__TwinSelf";

/// What replaces `Self` where that is the twin's type, or a type without the trait's associated
/// types.
#[derive(Default)]
pub(crate) struct SelfTypes {
    /// Replaces `Self` alone.
    ty: Option<TokenStream>,
    /// Replaces `Self` before `::Name`.
    path: Option<TokenStream>,
    /// Replaces `Self` before one of the trait's own names, which are listed.
    associated: Option<(Vec<Ident>, TokenStream)>,
}

impl SelfTypes {
    pub(crate) fn of_type(ty: &Type) -> Self {
        Self { ty: Some(ty.to_token_stream()), path: Some(quote!(<#ty>)), associated: None }
    }

    pub(crate) fn ty(&self) -> Option<TokenStream> {
        self.ty.clone()
    }

    /// Sets the path before the trait's own names.
    pub(crate) fn with_trait(mut self, path: &Path, names: Vec<Ident>) -> Self {
        let ty = self.ty.clone().unwrap_or_else(|| quote!(Self));
        self.associated = Some((names, quote!(<#ty as #path>)));
        self
    }

    /// Whether the type is written like the one that replaces `Self`.
    pub(crate) fn is(&self, ty: &Type) -> bool {
        self.ty.as_ref().is_some_and(|own| own.to_string() == ty.to_token_stream().to_string())
    }

    pub(crate) fn substituted(&self, tokens: TokenStream) -> TokenStream {
        if self.ty.is_none() && self.associated.is_none() {
            return tokens;
        }
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let substituted = tokens.iter().enumerate().map(|(i, token)| match token {
            TokenTree::Ident(word) if word == TWIN_SELF => {
                Ident::new("Self", word.span()).into_token_stream()
            }
            TokenTree::Ident(word) if word == "Self" => {
                self.instead(&tokens[i + 1..]).unwrap_or_else(|| token.to_token_stream())
            }
            TokenTree::Group(group) => {
                let mut substituted =
                    Group::new(group.delimiter(), self.substituted(group.stream()));
                substituted.set_span(group.span());
                substituted.into_token_stream()
            }
            token => token.to_token_stream(),
        });
        substituted.collect()
    }

    fn instead(&self, behind: &[TokenTree]) -> Option<TokenStream> {
        let is_colon =
            |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
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

/// The `T` of `impl Future<Output = T>`, of `Pin<Box<dyn Future<Output = T>>>`, and of
/// `BoxFuture<'_, T>`.
pub(crate) fn of_future(ty: &Type) -> Option<&Type> {
    match ungroup(ty) {
        Type::ImplTrait(TypeImplTrait { bounds, .. })
        | Type::TraitObject(TypeTraitObject { bounds, .. }) => {
            bounds.iter().find_map(|bound| associated(bound, &["Future", "IntoFuture"], "Output"))
        }
        Type::Path(TypePath { qself: None, path, .. }) => {
            let last = path.segments.last()?;
            match last.ident.to_string().as_str() {
                "Pin" | "Box" => of_future(types(&last.arguments).pop()?),
                "BoxFuture" | "LocalBoxFuture" => types(&last.arguments).pop(),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether it is `impl Stream<…>`, `Pin<Box<dyn Stream<…>>>` or `BoxStream<…>`.
pub(crate) fn is_stream(ty: &Type) -> bool {
    match ungroup(ty) {
        Type::ImplTrait(TypeImplTrait { bounds, .. })
        | Type::TraitObject(TypeTraitObject { bounds, .. }) => {
            bounds.iter().any(|bound| is_bound_by(bound, &["Stream", "FusedStream"]).is_some())
        }
        Type::Path(TypePath { qself: None, path, .. }) => {
            path.segments.last().is_some_and(|last| match last.ident.to_string().as_str() {
                "Pin" | "Box" => types(&last.arguments).pop().is_some_and(is_stream),
                "BoxStream" | "LocalBoxStream" => true,
                _ => false,
            })
        }
        _ => false,
    }
}

/// The arguments of the bound's trait, if that is one of the traits.
fn is_bound_by<'a>(bound: &'a TypeParamBound, traits: &[&str]) -> Option<&'a PathArguments> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let last = bound.path.segments.last()?;
    traits.iter().any(|known| last.ident == known).then_some(&last.arguments)
}

/// The type of `name` in `Trait<name = Type>`, if it is one of the traits.
fn associated<'a>(bound: &'a TypeParamBound, traits: &[&str], name: &str) -> Option<&'a Type> {
    let PathArguments::AngleBracketed(arguments) = is_bound_by(bound, traits)? else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(AssocType { ident, ty, .. }) if ident == name => Some(ty),
        _ => None,
    })
}

/// The types among the arguments.
pub(crate) fn types(arguments: &PathArguments) -> Vec<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else { return Vec::new() };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

/// The type without parentheses, and without the invisible delimiters in which a `macro_rules!`
/// fragment arrives.
pub(crate) fn ungroup(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            ty => return ty,
        }
    }
}
