//! What all twins of one item have in common.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Error, Path, PathArguments, Receiver, ReceiverKind, Signature, Type, TypePath};

use crate::blocking::converter::{Converted, Converter, Direction};
use crate::blocking::item::Method;
use crate::blocking::itself::Itself;
use crate::blocking::types::{SelfTypes, TypeMap, ungroup};
use crate::diagnostics::Errors;
use crate::manifest;
use crate::options::settings::Settings;
use crate::source::tokens::mentions;

/// The place of the twins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnerKind {
    /// Outside of any impl.
    Free,
    /// In an impl of the async functions' own type.
    Inherent,
    /// In a trait of their own.
    Trait,
    TwinType,
}

/// The type or trait that has the async functions, and the paths to these and to their twins.
pub(crate) struct Owner {
    pub(crate) kind: OwnerKind,
    /// The path before `::name` in a call. `None` where `self.name` is enough.
    pub(crate) path: Option<TokenStream>,
    /// The path in a rustdoc link. `None` where rustdoc can't link it.
    pub(crate) link: Option<String>,
    /// The type or trait of the twins in a rustdoc link, if it is another one.
    pub(crate) twin_link: Option<String>,
    pub(crate) self_types: SelfTypes,
    /// The visibility of the twins if the async functions have none.
    pub(crate) vis: Option<TokenStream>,
}

impl Owner {
    /// The owner of a single function. The attribute doesn't get the tokens around it.
    pub(crate) fn of_function(sig: &Signature) -> Self {
        let is_method = sig.receiver().is_some() || mentions(sig.to_token_stream(), "Self");
        if is_method { Self::inherent() } else { Self::free() }
    }

    fn free() -> Self {
        let self_types = SelfTypes::default();
        Self {
            kind: OwnerKind::Free,
            path: None,
            link: None,
            twin_link: None,
            self_types,
            vis: None,
        }
    }

    pub(crate) fn inherent() -> Self {
        Self { kind: OwnerKind::Inherent, link: Some("Self".to_owned()), ..Self::free() }
    }
}

pub(crate) struct Context<'a> {
    pub(crate) settings: &'a Settings,
    /// The attribute is on a single function, so `settings` are that function's options.
    pub(crate) is_single: bool,
    pub(crate) krate: TokenStream,
    pub(crate) owner: Owner,
    pub(crate) type_map: TypeMap,
}

impl<'a> Context<'a> {
    pub(crate) fn new(settings: &'a Settings, owner: Owner, errors: &mut Errors) -> Self {
        let krate = settings.crate_path(|| manifest::crate_path(Span::call_site()));
        Self {
            settings,
            is_single: false,
            krate,
            owner,
            type_map: TypeMap::parse(settings, errors),
        }
    }

    /// The path of the runtime crate, with the span at which the compiler is to report errors.
    pub(crate) fn krate_at(&self, span: Span) -> TokenStream {
        match self.settings.get("crate") {
            Some(_) => self.krate.clone(),
            None => respanned(self.krate.clone(), span),
        }
    }

    /// The options of one function.
    pub(crate) fn own<'m>(&'m self, method: &'m Method) -> &'m Settings {
        if self.is_single { self.settings } else { &method.own }
    }

    pub(crate) fn is_twin_type(&self) -> bool {
        self.owner.kind == OwnerKind::TwinType
    }

    /// The type as the twin has it, with the twin's own `Self`.
    pub(crate) fn convert(&self, ty: &Type, direction: Direction) -> Result<Converted, Error> {
        self.converted(ty, direction, None)
    }

    /// The type that the twin returns for that of the function.
    pub(crate) fn convert_returned(&self, ty: &Type, sig: &Signature) -> Result<Converted, Error> {
        self.converted(ty, Direction::Out, self.itself(sig).as_ref())
    }

    /// The `self` of a twin type's function that takes it by reference.
    fn itself(&self, sig: &Signature) -> Option<Itself> {
        let Receiver { kind, .. } = sig.receiver().filter(|_| self.is_twin_type())?;
        let is_mut = match kind {
            ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
            ReceiverKind::Typed(_, ty) => match ungroup(ty) {
                Type::Reference(reference) if self.is_own(&reference.elem) => {
                    reference.mutability.is_some()
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(Itself { async_type: self.owner.self_types.ty()?, is_mut })
    }

    fn converted(
        &self,
        ty: &Type,
        direction: Direction,
        itself: Option<&Itself>,
    ) -> Result<Converted, Error> {
        let converter =
            Converter { type_map: &self.type_map, krate: &self.krate, direction, itself };
        let Converted { ty, conversion } = converter.convert(ty)?;
        Ok(Converted { ty: self.owner.self_types.substituted(ty), conversion })
    }

    /// Whether the type is that of the async functions.
    pub(crate) fn is_own(&self, ty: &Type) -> bool {
        match ungroup(ty) {
            Type::Path(TypePath { qself: None, path, .. }) if path.is_ident("Self") => true,
            ty => self.owner.self_types.is(ty),
        }
    }

    pub(crate) fn substituted(&self, tokens: impl ToTokens) -> TokenStream {
        self.owner.self_types.substituted(tokens.into_token_stream())
    }
}

fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    let tokens = tokens.into_iter().map(|mut token| {
        token.set_span(span);
        token
    });
    tokens.collect()
}

/// A type as it is written before `::name`.
pub(crate) fn qualifier(ty: &Type) -> TokenStream {
    match simple_path(ty) {
        Some(path) if path.segments.iter().all(|segment| segment.arguments.is_none()) => {
            path.to_token_stream()
        }
        _ => quote!(<#ty>),
    }
}

/// A path as it is in a rustdoc link: without generic arguments.
pub(crate) fn link(path: &Path) -> String {
    let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let names = names.join("::");
    if path.leading_colon.is_some() { format!("::{names}") } else { names }
}

pub(crate) fn simple_path(ty: &Type) -> Option<&Path> {
    match ungroup(ty) {
        Type::Path(TypePath { qself: None, path, .. }) => Some(path),
        _ => None,
    }
}

/// The arguments of a type, as in `<'a, T>`.
pub(crate) fn arguments(ty: &Type) -> Option<&PathArguments> {
    simple_path(ty)?.segments.last().map(|last| &last.arguments)
}
