//! The `&mut self` that a builder's function returns.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Type;

use crate::blocking::types::ungroup;

/// The `self` that a twin type's function takes by reference. A builder's function returns it.
pub(crate) struct Itself {
    /// The async type as it is written.
    pub(crate) async_type: TokenStream,
    pub(crate) is_mut: bool,
}

impl Itself {
    pub(crate) fn is(&self, ty: &Type) -> bool {
        let written = ungroup(ty).to_token_stream().to_string();
        written == "Self" || written == self.async_type.to_string()
    }

    /// Returns the twin itself in place of the reference that the async function returned. The
    /// generated code panics if that reference is to another value.
    pub(crate) fn instead(&self) -> impl Fn(TokenStream) -> TokenStream + use<> {
        let async_type = self.async_type.clone();
        let inner = if self.is_mut {
            quote!(::core::convert::AsMut::<#async_type>::as_mut(self))
        } else {
            quote!(::core::convert::AsRef::<#async_type>::as_ref(self))
        };
        let returned = Ident::new("returned", Span::mixed_site());
        let message = "a twin returns `self` for a reference, but its async function has returned another one";
        move |value| {
            quote!({
                let #returned: *const #async_type = #value;
                let inner: *const #async_type = #inner;
                ::core::assert!(::core::ptr::eq(#returned, inner), #message);
                self
            })
        }
    }
}
