//! Refuses a second `#[entry]` in one program.
//!
//! A macro gets no information about the other items of the crate. But a compiler process compiles
//! one crate, so a static can keep the place of the crate's first `#[entry]`. Several `#[entry]`
//! that a `macro_rules!` macro has written have one place, and aren't detected.

use std::sync::{Mutex, PoisonError};

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};

use crate::diagnostics::Errors;
use crate::item::function::Function;

/// The file, the line and the column of an attribute.
type Place = (String, usize, usize);

static FIRST: Mutex<Option<Place>> = Mutex::new(None);

/// Adds an error, and returns `true`, if another `#[entry]` of the program was expanded before this
/// one.
pub(crate) fn check(function: &Function, errors: &mut Errors) -> bool {
    let Some(place) = place() else { return false };
    let mut first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
    let first = first.get_or_insert_with(|| place.clone());
    if *first == place {
        return false;
    }
    let (file, line, column) = first;
    // At the attribute, but as if the user had written it: otherwise the compiler adds that the
    // error originates in the macro.
    let span = function.sig.ident.span().located_at(Span::call_site());
    errors.add(syn::Error::new(
        span,
        format!(
            "`#[entry]` is for the one `main` of the program, and is also at \
             {file}:{line}:{column}; keep one, and `.await` the other as a plain `async fn`"
        ),
    ));
    true
}

/// Where the attribute is. `None` where there is no check:
///
/// - in a library, which may have a `main` for each of several programs,
/// - in doc tests, since rustdoc merges them, each with a `main` of its own, into one crate,
/// - in tests, in benches and without cargo, where `CARGO_BIN_NAME` is not set,
/// - in the server of an editor, which expands an attribute again after each edit, and in any other
///   program than `rustc` and `clippy-driver`.
fn place() -> Option<Place> {
    std::env::var_os("CARGO_BIN_NAME")?;
    let compiler = std::env::current_exe().ok()?;
    let is_compiler = |name: &str| compiler.file_stem().is_some_and(|stem| stem == name);
    if !proc_macro::is_available() || !is_compiler("rustc") && !is_compiler("clippy-driver") {
        return None;
    }
    let span = proc_macro::Span::call_site();
    Some((span.file(), span.line(), span.column()))
}

/// Replaces the second `main`, so that its callers still compile. It is imported by a glob: a
/// `main` of the same module, probably the first one, shadows it, and doesn't clash with it. `body`
/// is the user's function, which is checked as well.
pub(crate) fn fallback(errors: Errors, function: &Function, body: &TokenStream) -> TokenStream {
    let (errors, vis) = (errors.into_tokens(), &function.vis);
    let span = proc_macro::Span::call_site();
    let name = format_ident!("__bridgehead_main_{}_{}", span.line(), span.column());
    quote! {
        #errors
        const _: () = {
            #[allow(unused)]
            #body
        };
        #[doc(hidden)]
        mod #name {
            pub fn main() -> ::std::process::ExitCode {
                loop {}
            }
        }
        #[allow(unused_imports)]
        #vis use #name::*;
    }
}
