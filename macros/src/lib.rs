//! The macros of the crate `bridgehead`, which re-exports them with their documentation. Depend on
//! that crate instead of this one.

mod blocking;
mod deny_blocking;
mod diagnostics;
mod entry;
mod item;
mod manifest;
mod options;
mod source;
mod sync_call;
mod test;

use proc_macro::TokenStream;

use crate::sync_call::call::CallMacro;

/// Makes an `async fn main` the single top-level run of the program.
#[proc_macro_attribute]
pub fn entry(options: TokenStream, item: TokenStream) -> TokenStream {
    entry::expand(options.into(), &item.into()).into()
}

/// Makes an `async fn` a test, on a runtime of its own.
#[proc_macro_attribute]
pub fn test(options: TokenStream, item: TokenStream) -> TokenStream {
    test::expand(options.into(), &item.into()).into()
}

/// Waits for a future in a synchronous function, on any thread, and evaluates to its output.
#[proc_macro]
pub fn sync_call(input: TokenStream) -> TokenStream {
    sync_call::expand(CallMacro::SyncCall, input.into()).into()
}

/// Like `sync_call!`, but evaluates to a `Result`: it takes an optional `timeout`, and returns an
/// error where it isn't able to wait.
#[proc_macro]
pub fn try_sync_call(input: TokenStream) -> TokenStream {
    sync_call::expand(CallMacro::TrySyncCall, input.into()).into()
}

/// Finds calls that block a thread directly in async code, in a function, an `impl`, a trait or a
/// module.
#[proc_macro_attribute]
pub fn deny_blocking(options: TokenStream, item: TokenStream) -> TokenStream {
    deny_blocking::expand(&options.into(), item.into()).into()
}

/// Adds the blocking twins of async functions.
#[proc_macro_attribute]
pub fn blocking(options: TokenStream, item: TokenStream) -> TokenStream {
    blocking::expand(options.into(), &item.into()).into()
}
