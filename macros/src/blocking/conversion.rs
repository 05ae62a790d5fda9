//! How a value of a type that a twin takes or returns is converted.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

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
    pub(super) fn of(expression: impl Fn(TokenStream) -> TokenStream + 'static) -> Self {
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
