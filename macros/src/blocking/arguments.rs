//! The arguments of a twin, by single names, and how they are passed to the async function.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Error, FnArg, Meta, Pat, PatType, Receiver, ReceiverKind, Signature, Token, Type,
    TypeReference,
};

use crate::blocking::context::{self, Context, OwnerKind, simple_path};
use crate::blocking::converter::{Converted, Direction, without_arguments};
use crate::blocking::types::types;
use crate::source::tokens::mentions;

/// One argument, `self` included.
pub(crate) struct Argument {
    /// `None` for `self`.
    name: Option<Ident>,
    /// As the twin declares it.
    pub(crate) declared: TokenStream,
    pub(crate) passed: TokenStream,
    pub(crate) is_receiver: bool,
    /// The conditions in its `cfg(…)` attributes.
    pub(crate) conditions: Vec<TokenStream>,
}

impl Argument {
    pub(crate) fn is_named_in(&self, tokens: &TokenStream) -> bool {
        self.name.as_ref().is_some_and(|name| mentions(tokens.clone(), &name.to_string()))
    }

    fn of_self(declared: TokenStream, passed: TokenStream) -> Self {
        Self { name: None, declared, passed, is_receiver: true, conditions: Vec::new() }
    }
}

pub(crate) fn of(sig: &Signature, context: &Context<'_>) -> syn::Result<Vec<Argument>> {
    // A free function is called by its name alone, which must not be an argument's.
    let taken = (context.owner.kind == OwnerKind::Free).then_some(&sig.ident);
    let names = names(&sig.inputs, taken);
    let arguments = sig.inputs.iter().zip(names).map(|(input, name)| match input {
        FnArg::Receiver(receiver) if context.is_twin_type() => {
            let (declared, passed) = receiver_of_twin_type(receiver, context)?;
            Ok(Argument::of_self(declared, passed))
        }
        FnArg::Receiver(receiver) => Ok(self::receiver(receiver)),
        FnArg::Typed(PatType { attrs, pat: _, colon_token, ty }) => {
            let Converted { ty, conversion } = context.convert(ty, Direction::In)?;
            let conditions: Vec<_> = attrs.iter().filter_map(condition).collect();
            let passed = name.to_token_stream();
            Ok(Argument {
                declared: quote!(#(#[cfg(#conditions)])* #name #colon_token #ty),
                passed: conversion
                    .map_or_else(|| passed.clone(), |conversion| conversion.apply(passed.clone())),
                is_receiver: false,
                conditions,
                name: Some(name),
            })
        }
    });
    arguments.collect()
}

/// The `self` of a twin without a twin type. It has no `mut`, which is for the async function's own
/// body.
fn receiver(receiver: &Receiver) -> Argument {
    let Receiver { attrs: _, mutability: _, self_token, kind } = receiver;
    let declared = match kind {
        ReceiverKind::Reference(and, lifetime, mutability) => {
            quote!(#and #lifetime #mutability #self_token)
        }
        ReceiverKind::Typed(colon, ty) => quote!(#self_token #colon #ty),
        _ => self_token.to_token_stream(),
    };
    Argument::of_self(declared, self_token.to_token_stream())
}

/// The names of the arguments. `_name` loses its underscore, since the twin does use it. A pattern
/// and a name that is taken are replaced by another name.
fn names(inputs: &Punctuated<FnArg, Token![,]>, taken: Option<&Ident>) -> Vec<Ident> {
    let mut names: Vec<Ident> = Vec::new();
    for (i, input) in inputs.iter().enumerate() {
        let written = match input {
            FnArg::Typed(PatType { pat, .. }) => written(pat),
            FnArg::Receiver(_) => None,
        };
        let name = written.filter(|name| !names.contains(name) && Some(name) != taken);
        names
            .push(name.unwrap_or_else(|| format_ident!("argument_{i}", span = Span::mixed_site())));
    }
    names
}

fn written(pat: &Pat) -> Option<Ident> {
    let Pat::Ident(pat) = pat else { return None };
    let name = pat.ident.to_string();
    if !name.starts_with('_') {
        return Some(pat.ident.clone());
    }
    // The rest of `_1`, `_type` and `_` isn't an identifier. Since the edition of 2024 that of
    // `_gen` isn't either, which the parser doesn't know.
    let name = Some(name.trim_start_matches('_')).filter(|name| *name != "gen")?;
    let mut name: Ident = syn::parse_str(name).ok()?;
    name.set_span(pat.ident.span());
    Some(name)
}

fn condition(attr: &Attribute) -> Option<TokenStream> {
    match &attr.meta {
        Meta::List(list) if list.path.is_ident("cfg") => Some(list.tokens.clone()),
        _ => None,
    }
}

/// The twin's `self`, and the expression for that of the async method. A twin type gets the async
/// value through its `AsRef`, `AsMut` and `From`.
fn receiver_of_twin_type(
    receiver: &Receiver,
    context: &Context<'_>,
) -> Result<(TokenStream, TokenStream), Error> {
    let Receiver { self_token, kind, .. } = receiver;
    let value = || (quote!(#self_token), quote!(::core::convert::From::from(#self_token)));
    match kind {
        ReceiverKind::Reference(and, lifetime, mutability) => {
            let reference = quote!(#and #lifetime #mutability);
            Ok(by_reference(receiver, &reference, mutability.is_some()))
        }
        ReceiverKind::Typed(_, ty) => match &**ty {
            Type::Reference(reference) if context.is_own(&reference.elem) => {
                Ok(by_typed(receiver, reference))
            }
            ty if context.is_own(ty) => Ok(value()),
            ty => receiver_inside(receiver, ty, context).ok_or_else(|| unsupported(receiver)),
        },
        ReceiverKind::Value => Ok(value()),
        _ => Err(unsupported(receiver)),
    }
}

fn by_reference(
    receiver: &Receiver,
    reference: &TokenStream,
    is_mut: bool,
) -> (TokenStream, TokenStream) {
    let self_token = &receiver.self_token;
    let passed = if is_mut {
        quote!(::core::convert::AsMut::as_mut(#self_token))
    } else {
        quote!(::core::convert::AsRef::as_ref(#self_token))
    };
    (quote!(#reference #self_token), passed)
}

fn by_typed(receiver: &Receiver, reference: &TypeReference) -> (TokenStream, TokenStream) {
    let TypeReference { and_token, lifetime, mutability, .. } = reference;
    by_reference(receiver, &quote!(#and_token #lifetime #mutability), mutability.is_some())
}

/// `Pin<&mut Self>` and `Box<Self>`. The twin takes the former as `&mut self`, since a blocking
/// caller needs no pin.
fn receiver_inside(
    receiver: &Receiver,
    ty: &Type,
    context: &Context<'_>,
) -> Option<(TokenStream, TokenStream)> {
    let path = simple_path(ty)?;
    let name = &path.segments.last()?.ident;
    let inner = types(context::arguments(ty)?).pop()?;
    match inner {
        Type::Reference(reference) if name == "Pin" && context.is_own(&reference.elem) => {
            let (declared, passed) = by_typed(receiver, reference);
            Some((declared, quote!(::core::pin::Pin::new(#passed))))
        }
        inner if name == "Box" && context.is_own(inner) => {
            let self_token = &receiver.self_token;
            let unboxed = quote!(::core::convert::From::from(*#self_token));
            let boxed = without_arguments(path);
            Some((quote!(#self_token: #boxed<Self>), quote!(#boxed::new(#unboxed))))
        }
        _ => None,
    }
}

fn unsupported(receiver: &Receiver) -> Error {
    let message = "a twin type can't have this `self`; add `#[blocking(skip)]` to the function";
    Error::new_spanned(receiver, message)
}
