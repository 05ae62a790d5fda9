//! The macros of the crate `bridgehead`.
use proc_macro::TokenStream;

/// Stub.
#[proc_macro]
pub fn sync_call(input: TokenStream) -> TokenStream {
    let input: proc_macro2::TokenStream = input.into();
    quote::quote!(::bridgehead::__private::wait(::bridgehead::__private::enter(), #input)).into()
}
/// Stub.
#[proc_macro]
pub fn try_sync_call(input: TokenStream) -> TokenStream {
    let input: proc_macro2::TokenStream = input.into();
    quote::quote!(match ::bridgehead::__private::try_enter() {
        ::core::result::Result::Ok(entered) => ::bridgehead::__private::try_wait(entered, #input, ::core::option::Option::None),
        ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
    }).into()
}
/// Stub.
#[proc_macro_attribute]
pub fn entry(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}
