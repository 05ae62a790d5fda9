//! Converts the types that a twin takes and returns: an async type to its twin type, and a stream
//! to an iterator. They may be inside of `Result`, `Option`, `Vec`, `Box`, arrays and tuples.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Error, GenericArgument, Path, PathArguments, Type, TypeArray, TypePath, TypeReference,
    TypeTuple,
};

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

/// How a value of one type is converted to another type.
pub(crate) enum Conversion {
    /// A function that takes the value. The compiler reports at the span if the function doesn't
    /// accept it.
    By(TokenStream, Span),
    /// An expression with the value in it.
    Of(Box<dyn Fn(TokenStream) -> TokenStream>),
    /// The value is of type `!`, and never exists.
    OfNever,
}

impl Conversion {
    fn of(expression: impl Fn(TokenStream) -> TokenStream + 'static) -> Self {
        Self::Of(Box::new(expression))
    }

    pub(crate) fn apply(&self, value: TokenStream) -> TokenStream {
        match self {
            Self::By(function, _) => quote!(#function(#value)),
            Self::Of(expression) => expression(value),
            Self::OfNever => value,
        }
    }

    /// A name, as it is bound in an arm of a `match` or in a closure, and the converted value of
    /// that name.
    fn bound(&self) -> (Ident, TokenStream) {
        let place = match self {
            Self::By(_, place) => *place,
            Self::Of(_) | Self::OfNever => Span::mixed_site(),
        };
        let value = Ident::new("value", place);
        let changed = self.apply(quote!(#value));
        (value, changed)
    }

    /// Converts the contents of a `Result`. The expansion is a `match`, since `#[track_caller]`
    /// would lose the caller's location in a closure.
    pub(crate) fn in_result(
        value: Option<&Self>,
        error: Option<&Self>,
        result: &TokenStream,
    ) -> TokenStream {
        let unchanged = |name: &str| {
            let name = Ident::new(name, Span::mixed_site());
            (name.clone(), quote!(#name))
        };
        let is_never = matches!(value, Some(Self::OfNever));
        let (value, changed_value) = value.map_or_else(|| unchanged("value"), Self::bound);
        // The compiler would warn that `Ok(…)` around it is unreachable.
        let changed_value = if is_never {
            changed_value
        } else {
            quote!(::core::result::Result::Ok(#changed_value))
        };
        let (error, changed_error) = error.map_or_else(|| unchanged("error"), Self::bound);
        quote! {
            match #result {
                ::core::result::Result::Ok(#value) => #changed_value,
                ::core::result::Result::Err(#error) => ::core::result::Result::Err(#changed_error),
            }
        }
    }

    /// Converts the contents of a type with that name, which the user wrote as `path`. `arguments`
    /// are the conversions of its generic arguments; at least one is there.
    pub(crate) fn inside(
        name: &str,
        path: TokenStream,
        mut arguments: Vec<Option<Self>>,
    ) -> Option<Self> {
        if name.ends_with("Result") {
            let error = if arguments.len() == 2 { arguments.pop()? } else { None };
            let value = arguments.pop()?;
            return Some(Self::of(move |result| {
                Self::in_result(value.as_ref(), error.as_ref(), &result)
            }));
        }
        let inner = arguments.pop()??;
        match name {
            "Option" => Some(Self::of(move |option| {
                let (value, changed) = inner.bound();
                quote! {
                    match #option {
                        ::core::option::Option::Some(#value) => ::core::option::Option::Some(#changed),
                        ::core::option::Option::None => ::core::option::Option::None,
                    }
                }
            })),
            "Vec" => Some(Self::of(move |values| {
                let (value, changed) = inner.bound();
                quote! {
                    ::core::iter::Iterator::collect(::core::iter::Iterator::map(
                        ::core::iter::IntoIterator::into_iter(#values),
                        |#value| #changed,
                    ))
                }
            })),
            "Box" => Some(Self::of(move |boxed| {
                let unboxed = inner.apply(quote!(*#boxed));
                quote!(#path::new(#unboxed))
            })),
            _ => None,
        }
    }

    pub(crate) fn of_each(inner: Self) -> Self {
        Self::of(move |array| {
            let (value, changed) = inner.bound();
            quote!(<[_; _]>::map(#array, |#value| #changed))
        })
    }

    pub(crate) fn of_tuple(elements: Vec<Option<Self>>) -> Self {
        Self::of(move |tuple| {
            let names =
                (0..elements.len()).map(|i| format_ident!("value_{i}", span = Span::mixed_site()));
            let names: Vec<_> = names.collect();
            let changed = elements.iter().zip(&names).map(|(element, name)| {
                let name = quote!(#name);
                element
                    .as_ref()
                    .map_or_else(|| name.clone(), |conversion| conversion.apply(name.clone()))
            });
            quote!(match #tuple { (#(#names,)*) => (#(#changed,)*) })
        })
    }
}
