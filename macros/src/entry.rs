//! `#[entry]`.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, ReturnType, Safety, Signature, Type};

use crate::errors::Errors;
use crate::function::{Function, mentions, stub_main};
use crate::options::{ENTRY, Settings};
use crate::values::{Flavor, Value};

pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let settings = Settings::parse(options, &ENTRY, &mut errors);
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) if function.sig.ident == "main" => function,
        other => return refuse(other, item, errors),
    };
    check_settings(&settings, &mut errors);
    check_attributes(&function.attrs, &mut errors);
    check_signature(&function, &mut errors);
    if errors.is_empty() {
        output(&settings, &function)
    } else if runs_already(&function) {
        unchanged(errors, item)
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
            return unchanged(errors, item);
        }
    }
    let unchanged = unchanged(errors, item);
    let stub = stub_main();
    quote!(#unchanged #stub)
}

/// The word that says what kind of item it is, if it is no function.
fn keyword(item: &TokenStream) -> Option<TokenTree> {
    let kinds = "const enum extern impl macro_rules mod static struct trait type union use";
    let is_kind = |token: &TokenTree| kinds.split(' ').any(|kind| token.to_string() == kind);
    let is_fn = |token: &TokenTree| token.to_string() == "fn";
    item.clone().into_iter().take_while(|token| !is_fn(token)).find(is_kind)
}

fn check_settings(settings: &Settings, errors: &mut Errors) {
    let flavor = settings.flavor();
    if let (Some(setting), Some(flavor @ (Flavor::CurrentThread | Flavor::Local))) =
        (settings.get("worker_threads"), flavor)
    {
        let flavor = flavor.name();
        let message = format!("`worker_threads` has no effect with `flavor = \"{flavor}\"`; remove it");
        errors.at(&setting.name, message);
    }
    if let (Some(setting), Some(Flavor::MultiThread)) = (settings.get("start_paused"), flavor) {
        let is_on = matches!(&setting.value, Value::Expr(value) if value.to_string() == "true");
        if is_on {
            let message =
                "`start_paused` needs a single thread; add `flavor = \"current_thread\"` or `\"local\"`";
            errors.at(&setting.name, message);
        }
    }
}

fn check_attributes(attrs: &[Attribute], errors: &mut Errors) {
    for attr in attrs {
        let path = attr.path().to_token_stream().to_string().replace(' ', "");
        let message = match conflict(attr) {
            None => continue,
            Some(Conflict::Twice) => "`#[entry]` is given twice; remove one".to_owned(),
            Some(Conflict::Main) => format!("`#[{path}]` runs `main`, as `#[entry]` does; remove it"),
            Some(Conflict::Test) => {
                format!("`#[{path}]` is for tests, and `#[entry]` for the program's `main`; remove one")
            }
        };
        errors.at(attr, message);
    }
}

/// An attribute that claims the function for itself.
enum Conflict {
    Twice,
    Main,
    Test,
}

fn conflict(attr: &Attribute) -> Option<Conflict> {
    let name = &attr.path().segments.last()?.ident;
    match () {
        () if name == "entry" => Some(Conflict::Twice),
        () if name == "main" => Some(Conflict::Main),
        () if name == "test" => Some(Conflict::Test),
        () => None,
    }
}

fn check_signature(function: &Function, errors: &mut Errors) {
    let Signature { constness, asyncness, safety, abi, fn_token, generics, inputs, variadic, .. } =
        &function.sig;
    if runs_already(function) {
        let remedy = "remove `#[tokio::main]`, or make it async and remove `block_on`";
        errors.at(fn_token, format!("this `main` runs a runtime already; {remedy}"));
    } else if asyncness.is_none() {
        errors.at(fn_token, "expected `async fn main`, found `fn main`; add `async`");
    }
    if constness.is_some() {
        errors.at(constness, "`main` can't be `const`; remove it");
    }
    if let Safety::Unsafe(unsafe_token) = safety {
        errors.at(unsafe_token, "`main` can't be `unsafe`; remove it");
    }
    if abi.is_some() {
        errors.at(abi, "`main` can't have another ABI; remove it");
    }
    if !generics.params.is_empty() {
        errors.at(generics, "`main` can't be generic; remove the parameters");
    }
    if generics.where_clause.is_some() {
        errors.at(&generics.where_clause, "`main` can't have a `where` clause; remove it");
    }
    match inputs.first() {
        Some(FnArg::Receiver(receiver)) => errors.at(receiver, "`main` is no method; remove `self`"),
        Some(FnArg::Typed(_)) => {
            errors.at(inputs, "`main` takes no arguments; use `std::env::args()`");
        }
        None => {}
    }
    if variadic.is_some() {
        errors.at(variadic, "`main` takes no arguments; remove `...`");
    }
    if let Some(semicolon) = &function.semicolon {
        errors.at(semicolon, "expected `{ … }`, found `;`; `main` needs a body");
    }
}

/// Another attribute, above this one, has expanded already and has made an ordinary function of it. Or the user has.
fn runs_already(function: &Function) -> bool {
    function.sig.asyncness.is_none() && function.mentions("block_on")
}

fn unchanged(errors: Errors, item: &TokenStream) -> TokenStream {
    let errors = errors.into_tokens();
    quote!(#errors #item)
}

/// A `main` that does nothing, but has the user's within, so that faults in there are told as well.
fn fallback(errors: Errors, function: &Function) -> TokenStream {
    let errors = errors.into_tokens();
    let nested = function.nested().map(|nested| quote!(#[allow(unused)] #nested));
    let attrs = function.attrs.iter().filter(|attr| conflict(attr).is_none());
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
    let Function { attrs, vis, sig: Signature { ident, output, .. }, .. } = function;
    let ty = match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(&**ty),
    };
    let nameless = ty.filter(|ty| mentions(ty.to_token_stream(), "impl"));
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
