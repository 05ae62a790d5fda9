//! `#[entry]`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, Signature, Type};

use crate::errors::Errors;
use crate::function::{Function, stub_main};
use crate::options::Settings;
use crate::role::{Claim, Role, keyword, runs_already};
use crate::tables::ENTRY;

pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let settings = Settings::parse(options, &ENTRY, &mut errors);
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) if function.sig.ident == "main" => function,
        other => return refuse(other, item, errors),
    };
    Role::Main.check_settings(&settings, &mut errors);
    Role::Main.check_attributes(&function.attrs, &mut errors);
    Role::Main.check_signature(&function, &mut errors);
    Role::Main.check_generics(&function, &mut errors);
    check_arguments(&function, &mut errors);
    if errors.is_empty() {
        output(&settings, &function)
    } else if runs_already(&function) {
        errors.beside(item)
    } else {
        fallback(errors, &function)
    }
}

/// What is not the `main` function stays as it is. A `main` is added, in case that it was to be one.
fn refuse(parsed: syn::Result<Function>, item: &TokenStream, mut errors: Errors) -> TokenStream {
    match (parsed, keyword(item)) {
        (Ok(Function { sig: Signature { ident, .. }, .. }), _) => {
            let remedy = "elsewhere use `sync_call!` or `bridgehead::run`";
            errors.at(&ident, format!("`#[entry]` is for the program's `main`, found `{ident}`; {remedy}"));
        }
        (Err(_), Some(keyword)) => {
            errors.at(&keyword, format!("expected `async fn main()`, found `{keyword}`"));
        }
        // A function that can't be read: only the compiler knows whether it is `main`.
        (Err(error), None) => {
            errors.add(error);
            return errors.beside(item);
        }
    }
    let unchanged = errors.beside(item);
    let stub = stub_main();
    quote!(#unchanged #stub)
}

fn check_arguments(function: &Function, errors: &mut Errors) {
    let inputs = &function.sig.inputs;
    match inputs.first() {
        Some(FnArg::Receiver(receiver)) => errors.at(receiver, "`main` is no method; remove `self`"),
        Some(FnArg::Typed(_)) => {
            errors.at(inputs, "`main` takes no arguments; use `std::env::args()`");
        }
        None => {}
    }
}

/// A `main` that does nothing, but has the user's within, so that faults in there are told as well.
fn fallback(errors: Errors, function: &Function) -> TokenStream {
    let errors = errors.into_tokens();
    let nested = function.nested().map(|nested| quote!(#[allow(unused)] #nested));
    let attrs = function.attrs.iter().filter(|attr| Claim::of(attr).is_none());
    let Function { vis, sig: Signature { ident, .. }, .. } = function;
    quote! {
        #errors
        #(#attrs)*
        #vis fn #ident() {
            #nested
        }
    }
}

// The user's function is nested as a whole, since then the compiler says of it what it says of any async function.
//
// Input:
//     #[entry(worker_threads = 4)]
//     async fn main() -> R { BODY }
//
// Output:
//     fn main() -> ::bridgehead::__private::ExitCode {
//         async fn main() -> R { BODY }
//         <R as ::bridgehead::__private::ExitValue>::report(::bridgehead::__private::entry(
//             ::bridgehead::__private::Builder::new().worker_threads(4),
//             main(),
//         ))
//     }
fn output(settings: &Settings, function: &Function) -> TokenStream {
    let Function { attrs, vis, sig: Signature { ident, output: _, .. }, .. } = function;
    let (ty, nameless) = function.returned();
    // If the type can't be named, what the compiler underlines is the value.
    let span = nameless.map_or_else(Span::call_site, Spanned::span);
    let krate = settings.crate_path(span);
    let calls = settings.builder_calls(&krate);
    let run =
        quote_spanned!(span=> #krate::__private::entry(#krate::__private::Builder::new() #calls, main()));
    let exit_code = quote!(#krate::__private::ExitCode);
    let exit_value = quote!(#krate::__private::ExitValue);
    let (returned, run) = match ty {
        None => (exit_code, quote!(<() as #exit_value>::report(#run))),
        Some(Type::Never(never)) => (never.to_token_stream(), run),
        Some(_) if nameless.is_some() => (exit_code, quote!(#exit_value::report(#run))),
        Some(ty) => (exit_code, quote!(<#ty as #exit_value>::report(#run))),
    };
    let nested = function.nested();
    quote! {
        #(#attrs)*
        #vis fn #ident() -> #returned {
            #nested
            #run
        }
    }
}
