//! Finds the parameters of a function that are functions themselves.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{FnArg, GenericParam, Pat, PathSegment, Signature, Type, WherePredicate};

/// The parameters that are functions: their type, or the bounds of their generic parameter, contain
/// `Fn`, `FnMut` or `FnOnce`.
pub(super) fn closures(signature: &Signature) -> BTreeSet<String> {
    let generics = generics(signature);
    let closures = signature.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => match &*argument.pat {
            Pat::Ident(name) if is_function(&argument.ty, &generics) => {
                Some(name.ident.to_string())
            }
            _ => None,
        },
        FnArg::Receiver(_) => None,
    });
    closures.collect()
}

fn is_function(argument: &Type, generics: &BTreeSet<String>) -> bool {
    let is_generic = match argument {
        Type::Path(path) => {
            path.path.get_ident().is_some_and(|name| generics.contains(&name.to_string()))
        }
        _ => false,
    };
    is_generic || Names::of(|names| names.visit_type(argument))
}

/// The generic parameters that are functions.
fn generics(signature: &Signature) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for parameter in &signature.generics.params {
        if let GenericParam::Type(parameter) = parameter
            && Names::of(|names| names.visit_type_param(parameter))
        {
            found.insert(parameter.ident.to_string());
        }
    }
    for predicate in signature.generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
        if let WherePredicate::Type(predicate) = predicate
            && let Type::Path(path) = &predicate.bounded_ty
            && let Some(name) = path.path.get_ident()
            && Names::of(|names| names.visit_predicate_type(predicate))
        {
            found.insert(name.to_string());
        }
    }
    found
}

/// Whether the name of a function's trait was visited.
struct Names(bool);

impl Names {
    fn of(visit: impl FnOnce(&mut Self)) -> bool {
        let mut names = Self(false);
        visit(&mut names);
        names.0
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_path_segment(&mut self, segment: &'ast PathSegment) {
        self.0 |= ["Fn", "FnMut", "FnOnce"].iter().any(|name| segment.ident == name);
        visit::visit_path_segment(self, segment);
    }
}

#[cfg(test)]
mod tests {
    use super::closures;

    #[test]
    fn parameters_that_are_functions() {
        let signatures = [
            "fn f(work: impl FnOnce() + Send, name: &str)",
            "fn f<F: FnOnce() -> T, T>(work: F, value: T)",
            "fn f<F, T>(work: F, value: T) where T: Send, F: Fn(u32) -> T",
            "fn f(&self, work: Box<dyn FnMut()>, value: u32)",
        ];
        for signature in signatures {
            let found = closures(&syn::parse_str(signature).unwrap());
            assert_eq!(found.into_iter().collect::<Vec<_>>(), ["work"], "{signature}");
        }
    }
}
