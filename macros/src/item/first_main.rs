//! Refuses a second `#[entry]` in one program.
//!
//! A macro gets no information about the other items of the crate. But a compiler process compiles
//! one crate, so that a static can keep the place of its first `#[entry]`.

use std::sync::{Mutex, PoisonError};

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::diagnostics::Errors;
use crate::item::function::Function;

/// The file, the line and the column of an attribute.
type Place = (String, usize, usize);

static FIRST: Mutex<Option<Place>> = Mutex::new(None);

/// Adds an error if the program has another `#[entry]`, which has been expanded before this one.
pub(crate) fn check(function: &Function, errors: &mut Errors) -> bool {
    let Some(place) = place() else { return false };
    let mut first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
    let (file, line, column) = &*first.get_or_insert_with(|| place.clone());
    if (file, line, column) == (&place.0, &place.1, &place.2) {
        return false;
    }
    // At the attribute, but as if the user had written it: otherwise the compiler adds that the
    // error originates in the macro.
    let span = function.sig.ident.span().located_at(Span::call_site());
    errors.add(syn::Error::new(
        span,
        format!(
            "`#[entry]` is for the one `main` of the program, and is also at \
             {file}:{line}:{column}; remove one, and call `bridgehead::run` there"
        ),
    ));
    true
}

/// Where the attribute is. `None` where the crate is not a program: a library may have a `main` for
/// each of several programs, and rustdoc merges doc tests, each with a `main` of its own, into one
/// crate. `None` in the server of an editor as well, which expands an attribute again after each
/// edit.
fn place() -> Option<Place> {
    // cargo sets it for binaries and examples only.
    std::env::var_os("CARGO_BIN_NAME")?;
    let compiler = std::env::current_exe().ok()?;
    let is_compiler = |name: &str| compiler.file_stem().is_some_and(|stem| stem == name);
    if !proc_macro::is_available() || !is_compiler("rustc") && !is_compiler("clippy-driver") {
        return None;
    }
    let span = proc_macro::Span::call_site();
    Some((span.file(), span.line(), span.column()))
}

/// A function for the callers of the second `main`. It is imported by a glob, so that it doesn't
/// clash with a `main` of the same module.
pub(crate) fn fallback(errors: Errors, function: &Function) -> TokenStream {
    let (errors, vis) = (errors.into_tokens(), &function.vis);
    let vis = if vis.to_token_stream().is_empty() { quote!(pub(self)) } else { quote!(#vis) };
    let name = format_ident!("__bridgehead_main_{}", proc_macro::Span::call_site().line());
    quote! {
        #errors
        #[doc(hidden)]
        mod #name {
            pub fn main() -> ! {
                loop {}
            }
        }
        #[allow(unused_imports)]
        #vis use #name::*;
    }
}
