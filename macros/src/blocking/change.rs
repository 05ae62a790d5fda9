//! How a value of one type is made one of another.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

pub(crate) enum Change {
    /// By a function that takes it. If it can't, that is said of the place.
    By(TokenStream, Span),
    /// By an expression of it.
    Of(Box<dyn Fn(TokenStream) -> TokenStream>),
    /// Of what there is never one of, which is any type.
    OfNever,
}

impl Change {
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

    /// The change of what is bound to a name, as in an arm of a `match` or in a closure.
    fn bound(&self) -> (Ident, TokenStream) {
        let place = match self {
            Self::By(_, place) => *place,
            Self::Of(_) | Self::OfNever => Span::mixed_site(),
        };
        let value = Ident::new("value", place);
        let changed = self.apply(quote!(#value));
        (value, changed)
    }

    /// Of the value in a `Result`. In a `match`, since a closure would be where the caller's place is lost.
    pub(crate) fn in_result(value: Option<&Self>, error: Option<&Self>, result: &TokenStream) -> TokenStream {
        let unchanged = |name: &str| {
            let name = Ident::new(name, Span::mixed_site());
            (name.clone(), quote!(#name))
        };
        let is_never = matches!(value, Some(Self::OfNever));
        let (value, changed_value) = value.map_or_else(|| unchanged("value"), Self::bound);
        // `Ok` of it would be told as unreachable.
        let changed_value =
            if is_never { changed_value } else { quote!(::core::result::Result::Ok(#changed_value)) };
        let (error, changed_error) = error.map_or_else(|| unchanged("error"), Self::bound);
        quote! {
            match #result {
                ::core::result::Result::Ok(#value) => #changed_value,
                ::core::result::Result::Err(#error) => ::core::result::Result::Err(#changed_error),
            }
        }
    }

    /// Of what is in a type of that name, which the user wrote as `path`: the changes of its arguments, one of which is there.
    pub(crate) fn inside(name: &str, path: TokenStream, mut arguments: Vec<Option<Self>>) -> Option<Self> {
        if name.ends_with("Result") {
            let error = if arguments.len() == 2 { arguments.pop()? } else { None };
            let value = arguments.pop()?;
            return Some(Self::of(move |result| Self::in_result(value.as_ref(), error.as_ref(), &result)));
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
            let names = (0..elements.len()).map(|i| format_ident!("value_{i}", span = Span::mixed_site()));
            let names: Vec<_> = names.collect();
            let changed = elements.iter().zip(&names).map(|(element, name)| {
                let name = quote!(#name);
                element.as_ref().map_or_else(|| name.clone(), |change| change.apply(name.clone()))
            });
            quote!(match #tuple { (#(#names,)*) => (#(#changed,)*) })
        })
    }
}
