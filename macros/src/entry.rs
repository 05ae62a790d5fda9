//! `#[entry]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{FnArg, Signature, Type};

use crate::diagnostics::{Errors, nearest};
use crate::item::first_main;
use crate::item::function::{Function, stub_main};
use crate::item::kind::ItemKind;
use crate::item::target::{Claim, Target};
use crate::options::schema::ENTRY;
use crate::options::settings::Settings;
use crate::options::value::door;
use crate::source::tokens::mentions;

pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let settings = Settings::parse(options, &ENTRY, &mut errors);
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) if function.sig.ident.unraw() == "main" => function,
        other => return refuse(other, item, errors),
    };
    if first_main::check(&function, &mut errors) {
        return match function.nested() {
            Some(body) => first_main::fallback(errors, &function, &body),
            // In a trait or an impl, where no other item may be.
            None => fallback(errors, &function),
        };
    }
    Target::Main.check_settings(&settings, &mut errors);
    Target::Main.check_attributes(&function, &mut errors);
    Target::Main.check_signature(&function, &mut errors);
    Target::Main.check_generics(&function, &mut errors);
    check_arguments(&function, &mut errors);
    settings.check_crate(function.sig.ident.span(), &mut errors);
    if errors.is_empty() { output(&settings, &function) } else { fallback(errors, &function) }
}

/// Reports an item that isn't the `main` function, and emits it unchanged. A `main` is added, so
/// that the compiler doesn't report that it is missing.
fn refuse(parsed: syn::Result<Function>, item: &TokenStream, mut errors: Errors) -> TokenStream {
    let error = match parsed {
        Ok(Function { sig: Signature { ident, .. }, .. }) => {
            let name = ident.to_string();
            let remedy = match nearest(&name, ["main"]) {
                Some(_) => "rename it",
                None => "elsewhere use `sync_call!` or `bridgehead::run`",
            };
            errors.at(
                ident,
                format!("`#[entry]` is for the program's `main`, found `{name}`; {remedy}"),
            );
            None
        }
        Err(error) => Some(error),
    };
    let kind = ItemKind::of(item);
    if let Some(error) = error {
        kind.refuse("async fn main()", error, &mut errors);
        match kind {
            ItemKind::Statement => return errors.beside(item),
            ItemKind::FaultyFunction | ItemKind::Function if mentions(item.clone(), "main") => {
                // The item isn't emitted, or the compiler would report as well that `main` is
                // async.
                let (errors, stub) = (
                    errors.into_tokens(),
                    quote!(
                        fn main() {}
                    ),
                );
                return quote!(#errors #stub);
            }
            _ => {}
        }
    }
    let unchanged = errors.beside(item);
    let stub = stub_main();
    quote!(#unchanged #stub)
}

fn check_arguments(function: &Function, errors: &mut Errors) {
    let inputs = &function.sig.inputs;
    if let Some(FnArg::Typed(_)) = inputs.first() {
        errors.at(inputs, "`main` takes no arguments; use `std::env::args()`");
    }
}

/// A `main` that does nothing. The user's function is nested in it, so that the compiler reports
/// the errors in that too.
fn fallback(errors: Errors, function: &Function) -> TokenStream {
    let errors = errors.into_tokens();
    let nested = function.nested().map(|nested| quote!(#[allow(unused)] #nested));
    let attrs = function.attrs.iter().filter(|attr| Claim::of(attr).is_none());
    let main =
        function.outer(None, TokenStream::new(), &TokenStream::new(), nested.into_token_stream());
    quote! {
        #errors
        #(#attrs)*
        #main
    }
}

// The user's function is nested as a whole, so that the compiler reports its errors as it does
// those of any async function.
//
// Input:
//     #[entry(worker_threads = 4)]
//     async fn main() -> R { BODY }
//
// Output:
//     fn main() -> ::std::process::ExitCode {
//         use ::bridgehead::__private as __bridgehead;
//         async fn main() -> R { BODY }
//         __bridgehead::entry(
//             __bridgehead::Builder::new().worker_threads(4),
//             main(),
//             |returned| <R as __bridgehead::ExitValue>::report(returned),
//         )
//     }
fn output(settings: &Settings, function: &Function) -> TokenStream {
    let (ty, _) = function.returned();
    // If the type is wrong, the compiler may underline the value, which therefore gets the type's
    // span.
    let span = ty.map_or_else(Span::call_site, Spanned::span);
    let (import, door) = (settings.import(), door(span));
    let calls = settings.builder_calls();
    let value = Ident::new("returned", span);
    // The span is that of the user's function; see `Function::outer`.
    let exit_code = quote_spanned!(function.sig.ident.span()=> -> ::std::process::ExitCode);
    let (returned, report) = if let Some(Type::Never(_)) = ty {
        (function.sig.output.to_token_stream(), quote!(::core::convert::identity))
    } else {
        let report = function.report("ExitValue", &value.to_token_stream());
        (exit_code, quote!(|#value| #report))
    };
    let run = quote_spanned!(span=> #door::entry(#door::Builder::new() #calls, main(), #report));
    let nested = function.nested();
    let main = function.outer(None, TokenStream::new(), &returned, quote!(#import #nested #run));
    let attrs = &function.attrs;
    quote! {
        #(#attrs)*
        #main
    }
}
