//! `#[bridgehead::test]`.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, Pat, PatType, Signature, Type, TypeReference};

use crate::diagnostics::Errors;
use crate::item::function::{Function, is_builtin};
use crate::item::kind::ItemKind;
use crate::item::target::{Claim, Target};
use crate::options::schema::TEST;
use crate::options::settings::Settings;
use crate::options::value::{Value, door};

pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let settings = Settings::parse(options, &TEST, &mut errors);
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            ItemKind::of(item).refuse("async fn", error, &mut errors);
            return errors.beside(item);
        }
    };
    Target::Test.check_settings(&settings, &mut errors);
    Target::Test.check_signature(&function, &mut errors);
    Target::Test.check_attributes(&function, &mut errors);
    check_arguments(&function, &mut errors);
    check_timeout(&settings, &function, &mut errors);
    settings.check_crate(function.sig.ident.span(), &mut errors);
    if errors.is_empty() { output(&settings, &function) } else { fallback(errors, &function) }
}

/// Rejects arguments unless an attribute such as `#[rstest]` passes them. Without one, the function
/// would never run.
fn check_arguments(function: &Function, errors: &mut Errors) {
    let inputs = &function.sig.inputs;
    if let Some(FnArg::Typed(_)) = inputs.first() {
        if gets_arguments(function) {
            return;
        }
        let message =
            "a test takes no arguments; remove them, or add what passes them, such as `#[rstest]`";
        errors.at(inputs, message);
    }
    Target::Test.check_generics(function, errors);
}

/// With a time limit the test runs on a thread of its own, so its arguments can't be borrowed.
fn check_timeout(settings: &Settings, function: &Function, errors: &mut Errors) {
    let Some(timeout) = settings.get("timeout") else { return };
    if matches!(timeout.value, Value::Duration(Duration::ZERO)) {
        errors.at(&timeout.name, "`timeout` leaves the test no time; set more than `0s`");
    }
    for input in &function.sig.inputs {
        if let FnArg::Typed(PatType { ty, .. }) = input
            && let Type::Reference(TypeReference { and_token, lifetime, .. }) = &**ty
            && lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static")
        {
            let message =
                "with `timeout` an argument can't be borrowed; take it by value, or as `&'static`";
            errors.at(quote!(#and_token #lifetime), message);
        }
    }
}

fn gets_arguments(function: &Function) -> bool {
    let may_pass = |attr: &Attribute| !is_builtin(attr) && Claim::of(attr).is_none();
    !function.sig.inputs.is_empty() && function.attrs.iter().any(may_pass)
}

/// A test that does nothing. The user's function is nested in it, so that the compiler reports the
/// errors in that too.
fn fallback(errors: Errors, function: &Function) -> TokenStream {
    let errors = errors.into_tokens();
    let nested = function.nested().map(|nested| quote!(#[allow(unused)] #nested));
    // The attributes of other macros are left out, since they may expect the arguments.
    let attrs = function.attrs.iter().filter(|attr| is_builtin(attr));
    let test = (!is_elsewhere(function)).then(|| test_attribute(function));
    let function =
        function.outer(None, TokenStream::new(), &TokenStream::new(), nested.into_token_stream());
    quote! {
        #errors
        #test
        #(#attrs)*
        #function
    }
}

/// Whether std's `#[test]` would cause another error: on a method, or next to an attribute that
/// passes arguments. The same is true of a function that another attribute was to make `main`: a
/// build without tests would leave it out, and the compiler would report that `main` is missing.
fn is_elsewhere(function: &Function) -> bool {
    let is_method =
        matches!(function.sig.inputs.first(), Some(FnArg::Receiver(_))) || function.body.is_none();
    let claims_main =
        |attr: &Attribute| matches!(Claim::of(attr), Some(Claim::Entry | Claim::Main));
    is_method || gets_arguments(function) || function.attrs.iter().any(claims_main)
}

/// Std's `#[test]`, with the location of this attribute and the hygiene of the user's code. The
/// compiler then doesn't add to an error that it originates in a macro.
fn test_attribute(function: &Function) -> TokenStream {
    let span = function.sig.ident.span().located_at(Span::call_site());
    quote_spanned!(span=> #[::core::prelude::v1::test])
}

// As for `#[entry]`, the user's function is nested as a whole.
//
// Input:
//     #[bridgehead::test(worker_threads = 4)]
//     async fn name() -> R { BODY }
//
// Output:
//     #[::core::prelude::v1::test]
//     fn name() -> ::std::process::ExitCode {
//         use ::bridgehead::__private as __bridgehead;
//         async fn name() -> R { BODY }
//         __bridgehead::test(
//             __bridgehead::Builder::new()
//                 .flavor(__bridgehead::Flavor::CurrentThread)
//                 .on_stall(__bridgehead::OnStall::Panic)
//                 .worker_threads(4),
//             __bridgehead::Leaks::Ignore,
//             name(),
//             |value| <R as __bridgehead::TestValue>::report(value),
//         )
//     }
//
// With `timeout = …`, where `test_within` calls `name` on a thread of its own:
//         __bridgehead::test_within(…, TIMEOUT, name, |value| …)
fn output(settings: &Settings, function: &Function) -> TokenStream {
    let Function { attrs, sig: Signature { ident, generics, inputs, output: _, .. }, .. } =
        function;
    let (ty, _) = function.returned();
    let span = ty.map_or_else(Span::call_site, Spanned::span);
    let import = settings.import();
    // The span is that of the user's function; see `Function::outer`.
    let exit_code = quote_spanned!(ident.span()=> -> ::std::process::ExitCode);
    let value = Ident::new("returned", span);
    let (returned, report) = if is_nothing(ty) {
        (TokenStream::new(), quote!(::core::convert::identity))
    } else {
        let report = function.report("TestValue", &value.to_token_stream());
        (exit_code, quote!(|#value| #report))
    };
    let (inputs, names) = passed_on(inputs.iter());
    let run = call(settings, span, ident, &names, &report);
    // If there are arguments, the attribute that passes them makes the function a test.
    let test = names.is_empty().then(|| test_attribute(function));
    // The user doesn't use an argument with a name such as `_number`, but the call does.
    let is_underscored = names.iter().any(|name| name.to_string().starts_with('_'));
    let allow = is_underscored.then(|| quote!(#[allow(clippy::used_underscore_binding)]));
    let nested = function.nested();
    let function = function.outer(
        Some(generics),
        quote!(#(#inputs),*),
        &returned,
        quote!(#import #nested #run),
    );
    quote! {
        #test
        #(#attrs)*
        #allow
        #function
    }
}

fn call(
    settings: &Settings,
    span: Span,
    ident: &Ident,
    names: &[Ident],
    report: &TokenStream,
) -> TokenStream {
    let door = door(span);
    let default = (settings.get("flavor").is_none())
        .then(|| quote_spanned!(span=> .flavor(#door::Flavor::CurrentThread)));
    let on_stall = (settings.get("on_stall").is_none())
        .then(|| quote_spanned!(span=> .on_stall(#door::OnStall::Panic)));
    let calls = settings.builder_calls();
    let builder = quote_spanned!(span=> #door::Builder::new() #default #on_stall #calls);
    let leaks = settings
        .get("leaks")
        .map_or_else(|| quote!(#door::Leaks::Ignore), |leaks| leaks.value.to_expr());
    let Some(timeout) = settings.get("timeout") else {
        return quote_spanned!(span=> #door::test(#builder, #leaks, #ident(#(#names),*), #report));
    };
    let timeout = timeout.value.to_expr();
    let future = match names {
        [] => quote!(#ident),
        [first, ..] => quote_spanned!(first.span()=> move || #ident(#(#names),*)),
    };
    quote_spanned!(span=> #door::test_within(#builder, #leaks, #timeout, #future, #report))
}

/// `#[should_panic]` requires a function that returns `()`, so a function that returns nothing
/// stays like that.
fn is_nothing(ty: Option<&Type>) -> bool {
    match ty {
        None | Some(Type::Never(_)) => true,
        Some(Type::Tuple(tuple)) => tuple.elems.is_empty(),
        Some(_) => false,
    }
}

/// The arguments, each with a single name as its pattern, and these names.
fn passed_on<'a>(inputs: impl Iterator<Item = &'a FnArg>) -> (Vec<TokenStream>, Vec<Ident>) {
    let typed = inputs.enumerate().filter_map(|(i, input)| match input {
        FnArg::Receiver(_) => None,
        FnArg::Typed(PatType { attrs, pat, colon_token, ty }) => {
            let name = match &**pat {
                // An attribute that passes arguments may look for them by name.
                Pat::Ident(pat) => pat.ident.clone(),
                _ => format_ident!("argument_{i}", span = Span::mixed_site()),
            };
            Some((quote!(#(#attrs)* #name #colon_token #ty), name))
        }
    });
    typed.unzip()
}
