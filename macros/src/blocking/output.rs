//! What an async function returns in the end, in whichever way it is written.

use syn::{
    AssocType, GenericArgument, PathArguments, Type, TypeImplTrait, TypeParamBound, TypePath, TypeTraitObject,
};

/// The `T` of `impl Future<Output = T>`, of `Pin<Box<dyn Future<Output = T>>>`, and of `BoxFuture<'_, T>`.
pub(crate) fn of_future(ty: &Type) -> Option<&Type> {
    match ungroup(ty) {
        Type::ImplTrait(TypeImplTrait { bounds, .. }) | Type::TraitObject(TypeTraitObject { bounds, .. }) => {
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
        Type::ImplTrait(TypeImplTrait { bounds, .. }) | Type::TraitObject(TypeTraitObject { bounds, .. }) => {
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

/// The trait's arguments, if it is one of the traits.
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

/// A `macro_rules!` fragment arrives in invisible delimiters.
pub(crate) fn ungroup(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            ty => return ty,
        }
    }
}
