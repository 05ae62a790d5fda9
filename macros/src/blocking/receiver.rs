//! How a method of a twin type gets at the async value: with `AsRef`, `AsMut` and `From`, which a twin type has.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Receiver, ReceiverKind, Type, TypeReference};

use super::convert::without_arguments;
use super::output::types;
use super::plan::{Plan, arguments, simple_path};

/// The twin's `self`, and the async method's.
pub(crate) fn of_twin_type(
    receiver: &Receiver,
    plan: &Plan<'_>,
) -> Result<(TokenStream, TokenStream), Error> {
    let Receiver { self_token, kind, .. } = receiver;
    let value = || (quote!(#self_token), quote!(::core::convert::From::from(#self_token)));
    match kind {
        ReceiverKind::Reference(and, lifetime, mutability) => {
            let reference = quote!(#and #lifetime #mutability);
            Ok(by_reference(receiver, &reference, mutability.is_some()))
        }
        ReceiverKind::Typed(_, ty) => match &**ty {
            Type::Reference(reference) if plan.is_own(&reference.elem) => Ok(by_typed(receiver, reference)),
            ty if plan.is_own(ty) => Ok(value()),
            ty => inside(receiver, ty, plan).ok_or_else(|| unsupported(receiver)),
        },
        ReceiverKind::Value => Ok(value()),
        _ => Err(unsupported(receiver)),
    }
}

fn by_reference(receiver: &Receiver, reference: &TokenStream, is_mut: bool) -> (TokenStream, TokenStream) {
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

/// `Pin<&mut Self>`, which is nothing that a blocking caller has to know of, and `Box<Self>`.
fn inside(receiver: &Receiver, ty: &Type, plan: &Plan<'_>) -> Option<(TokenStream, TokenStream)> {
    let path = simple_path(ty)?;
    let name = &path.segments.last()?.ident;
    let inner = types(arguments(ty)?).pop()?;
    match inner {
        Type::Reference(reference) if name == "Pin" && plan.is_own(&reference.elem) => {
            let (declared, passed) = by_typed(receiver, reference);
            Some((declared, quote!(::core::pin::Pin::new(#passed))))
        }
        inner if name == "Box" && plan.is_own(inner) => {
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
