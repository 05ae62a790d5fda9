//! Converts the types that a twin takes and returns: an async type to its twin type, and a stream
//! to an iterator. They may be inside of `Result`, `Option`, `Vec`, `Box`, arrays and tuples.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Error, GenericArgument, Path, PathArguments, Type, TypeArray, TypePath, TypeReference,
    TypeTuple,
};

use crate::blocking::conversion::Conversion;
use crate::blocking::itself::Itself;
use crate::blocking::types::{TWIN_SELF, TypeMap, is_stream, types, ungroup};
use crate::source::call_site::as_written;

/// A type as the twin has it.
pub(crate) struct Converted {
    pub(crate) ty: TokenStream,
    /// The conversion of a value, if the type changes.
    pub(crate) conversion: Option<Conversion>,
}

/// The direction in which a value is passed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the twin's caller to the async function.
    In,
    Out,
}

pub(crate) struct Converter<'a> {
    pub(crate) type_map: &'a TypeMap,
    pub(crate) krate: &'a TokenStream,
    pub(crate) direction: Direction,
    /// The `self` that may be returned.
    pub(crate) itself: Option<&'a Itself>,
}

impl Converter<'_> {
    pub(crate) fn convert(&self, ty: &Type) -> Result<Converted, Error> {
        if let Some(leaf) = self.leaf(ty).or_else(|| self.reference(ty)) {
            return Ok(leaf);
        }
        match ungroup(ty) {
            Type::Path(TypePath { qself: None, path, .. }) => self.path(ty, path),
            Type::Tuple(TypeTuple { elems, .. }) => {
                let (types, conversions) = self.without_itself().each(elems)?;
                let is_changed = conversions.iter().any(Option::is_some);
                Ok(if is_changed {
                    Converted {
                        ty: quote!((#(#types,)*)),
                        conversion: Some(Conversion::of_tuple(conversions)),
                    }
                } else {
                    unchanged(ty)
                })
            }
            Type::Array(TypeArray { elem, len, .. }) => {
                let Converted { ty, conversion } = self.without_itself().convert(elem)?;
                Ok(Converted {
                    ty: quote!([#ty; #len]),
                    conversion: conversion.map(Conversion::of_each),
                })
            }
            _ => self.opaque(ty),
        }
    }

    fn each<'t>(
        &self,
        types: impl IntoIterator<Item = &'t Type>,
    ) -> Result<(Vec<TokenStream>, Vec<Option<Conversion>>), Error> {
        let converted: Result<Vec<_>, _> = types.into_iter().map(|ty| self.convert(ty)).collect();
        Ok(converted?.into_iter().map(|Converted { ty, conversion }| (ty, conversion)).unzip())
    }

    /// Converts an async type, a reference to one, or a stream.
    fn leaf(&self, ty: &Type) -> Option<Converted> {
        let span = ty.span();
        let by =
            |ty, function| Some(Converted { ty, conversion: Some(Conversion::By(function, span)) });
        if self.direction == Direction::In
            && let Type::Reference(TypeReference { and_token, lifetime, mutability, elem, .. }) =
                ungroup(ty)
        {
            let twin = self.twin_of(elem)?;
            let function = if mutability.is_some() {
                quote_spanned!(span=> ::core::convert::AsMut::as_mut)
            } else {
                quote_spanned!(span=> ::core::convert::AsRef::as_ref)
            };
            return by(quote!(#and_token #lifetime #mutability #twin), function);
        }
        if let Some(twin) = self.twin_of(ty) {
            return by(twin, quote_spanned!(span=> ::core::convert::From::from));
        }
        if self.direction == Direction::Out && is_stream(ty) {
            let krate = self.krate;
            return by(
                quote!(#krate::__private::Iter<#ty>),
                quote_spanned!(span=> #krate::__private::iter),
            );
        }
        None
    }

    /// The twin of a type. For `Self` it is the twin's own `Self`: the type's arguments may have
    /// lifetimes without a name.
    fn twin_of(&self, ty: &Type) -> Option<TokenStream> {
        let twin = self.type_map.twin_of(ty)?;
        let is_self = ungroup(ty).to_token_stream().to_string() == "Self";
        Some(if is_self { Ident::new(TWIN_SELF, ty.span()).into_token_stream() } else { twin })
    }

    /// For values of which there may be several: only one of them could be `self`.
    fn without_itself(&self) -> Self {
        Self { itself: None, ..*self }
    }

    /// Converts a returned `&mut Self` or `&Self`.
    fn reference(&self, ty: &Type) -> Option<Converted> {
        let Type::Reference(TypeReference { and_token, lifetime, mutability, elem, .. }) =
            ungroup(ty)
        else {
            return None;
        };
        let itself = self
            .itself
            .filter(|itself| itself.is(elem) && (itself.is_mut || mutability.is_none()))?;
        let own = Ident::new(TWIN_SELF, elem.span());
        let ty = quote!(#and_token #lifetime #mutability #own);
        Some(Converted { ty, conversion: Some(Conversion::of(itself.instead())) })
    }

    fn path(&self, whole: &Type, path: &Path) -> Result<Converted, Error> {
        let Some(last) = path.segments.last() else { return Ok(unchanged(whole)) };
        let name = last.ident.to_string();
        let arguments = types(&last.arguments);
        let is_known = match arguments.len() {
            // Many crates have an alias, such as `RedisResult<T>`.
            1 => name.ends_with("Result") || ["Option", "Vec", "Box"].contains(&name.as_str()),
            2 => name == "Result",
            _ => false,
        };
        if !is_known {
            return self.opaque(whole);
        }
        let (types, conversions) = match name.as_str() {
            "Vec" | "Box" => self.without_itself().each(arguments)?,
            _ => self.each(arguments)?,
        };
        if conversions.iter().all(Option::is_none) {
            return Ok(unchanged(whole));
        }
        let path = without_arguments(path);
        Ok(Converted {
            ty: quote!(#path<#(#types),*>),
            conversion: Conversion::inside(&name, path, conversions),
        })
    }

    /// Keeps a type that can't be taken apart. It must not contain an async type, whose value
    /// couldn't be converted.
    fn opaque(&self, ty: &Type) -> Result<Converted, Error> {
        let Some(found) = self.mentioned(ty) else { return Ok(unchanged(ty)) };
        let (name, twin) = found;
        let known = "`Result`, `Option`, `Vec`, `Box`, arrays and tuples";
        let message = format!(
            "can't make `{twin}` of the `{name}` in here, only in {known}; add `#[blocking(skip)]` to the function"
        );
        Err(Error::new_spanned(ty, message))
    }

    /// The first type inside that has a twin, and this twin.
    fn mentioned(&self, ty: &Type) -> Option<(String, String)> {
        if let Some(twin) = self.type_map.twin_of(ty) {
            return Some((as_written(&ty.to_token_stream()), twin.to_string().replace(' ', "")));
        }
        match ungroup(ty) {
            Type::Path(TypePath { path, .. }) => {
                path.segments.iter().find_map(|segment| self.mentioned_by(&segment.arguments))
            }
            Type::Reference(reference) => self.mentioned(&reference.elem),
            Type::Ptr(pointer) => self.mentioned(&pointer.elem),
            Type::Slice(slice) => self.mentioned(&slice.elem),
            Type::Array(array) => self.mentioned(&array.elem),
            Type::Tuple(tuple) => tuple.elems.iter().find_map(|ty| self.mentioned(ty)),
            _ => None,
        }
    }

    fn mentioned_by(&self, arguments: &PathArguments) -> Option<(String, String)> {
        let PathArguments::AngleBracketed(arguments) = arguments else { return None };
        arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::Type(ty) => self.mentioned(ty),
            GenericArgument::AssocType(associated) => self.mentioned(&associated.ty),
            _ => None,
        })
    }
}

fn unchanged(ty: &Type) -> Converted {
    Converted { ty: ty.to_token_stream(), conversion: None }
}

/// The path without its generic arguments.
pub(crate) fn without_arguments(path: &Path) -> TokenStream {
    let mut tokens = path.leading_colon.to_token_stream();
    for pair in path.segments.pairs() {
        pair.value().ident.to_tokens(&mut tokens);
        pair.punct().to_tokens(&mut tokens);
    }
    tokens
}
