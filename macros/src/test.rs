//! `#[bridgehead::test]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, Pat, PatType, Signature, Type};

use crate::errors::Errors;
use crate::function::{Function, is_builtin};
use crate::options::Settings;
use crate::role::{Claim, Role, keyword, runs_already};
use crate::tables::TEST;

pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let settings = Settings::parse(options, &TEST, &mut errors);
    let function = match (syn::parse2::<Function>(item.clone()), keyword(item)) {
        (Ok(function), _) => function,
        (Err(_), Some(keyword)) => {
            errors.at(&keyword, format!("expected `async fn`, found `{keyword}`"));
            return errors.beside(item);
        }
        (Err(error), None) => {
            errors.add(error);
            return errors.beside(item);
        }
    };
    Role::Test.check_settings(&settings, &mut errors);
    Role::Test.check_signature(&function, &mut errors);
    if runs_already(&function) {
        // What runs it has left its `#[test]` here, which is no second fault.
        return errors.beside(item);
    }
    Role::Test.check_attributes(&function.attrs, &mut errors);
    check_arguments(&function, &mut errors);
    if errors.is_empty() { output(&settings, &function) } else { fallback(errors, &function) }
}

/// Arguments are for an attribute such as `#[rstest]`, which passes them. Without one, the function would never run.
fn check_arguments(function: &Function, errors: &mut Errors) {
    let inputs = &function.sig.inputs;
    match inputs.first() {
        Some(FnArg::Receiver(receiver)) => errors.at(receiver, "a test is no method; remove `self`"),
        Some(FnArg::Typed(_)) if function.attrs.iter().any(may_pass_arguments) => return,
        Some(FnArg::Typed(_)) => errors.at(
            inputs,
            "a test takes no arguments; remove them, or add what passes them, such as `#[rstest]`",
        ),
        None => {}
    }
    Role::Test.check_generics(function, errors);
}

fn may_pass_arguments(attr: &Attribute) -> bool {
    !is_builtin(attr) && Claim::of(attr).is_none()
}

/// A test that does nothing, but has the user's within, so that faults in there are told as well.
fn fallback(errors: Errors, function: &Function) -> TokenStream {
    let errors = errors.into_tokens();
    let nested = function.nested().map(|nested| quote!(#[allow(unused)] #nested));
    // Not those that expect a certain signature.
    let attrs = function.attrs.iter().filter(|attr| is_builtin(attr));
    let Function { vis, sig: Signature { ident, .. }, .. } = function;
    quote! {
        #errors
        #[::core::prelude::v1::test]
        #(#attrs)*
        #vis fn #ident() {
            #nested
        }
    }
}

// As for `#[entry]`, the user's function is nested as a whole.
//
// Input:
//     #[bridgehead::test(worker_threads = 4)]
//     async fn name() -> R { BODY }
//
// Output:
//     #[::core::prelude::v1::test]
//     fn name() -> ::bridgehead::__private::ExitCode {
//         async fn name() -> R { BODY }
//         ::bridgehead::__private::test(
//             ::bridgehead::__private::Builder::new().worker_threads(4),
//             ::bridgehead::__private::Leaks::Ignore,
//             name(),
//             |value| <R as ::bridgehead::__private::TestValue>::report(value),
//         )
//     }
//
// With `timeout = …`, where `test_within` calls `name` on a thread of its own:
//         ::bridgehead::__private::test_within(…, TIMEOUT, name, |value| …)
fn output(settings: &Settings, function: &Function) -> TokenStream {
    let Function { attrs, vis, sig: Signature { ident, generics, inputs, output: _, .. }, .. } = function;
    let (ty, nameless) = function.returned();
    let span = nameless.map_or_else(Span::call_site, Spanned::span);
    let krate = settings.crate_path(span);
    let exit_code = quote!(-> #krate::__private::ExitCode);
    let test_value = {
        let krate = settings.crate_path(Span::call_site());
        quote!(#krate::__private::TestValue)
    };
    let value = Ident::new("returned", span);
    let (returned, report) = match ty {
        _ if is_nothing(ty) => (TokenStream::new(), quote!(::core::convert::identity)),
        Some(_) if nameless.is_some() => (exit_code, quote!(|#value| #test_value::report(#value))),
        ty => (exit_code, quote!(|#value| <#ty as #test_value>::report(#value))),
    };
    let (inputs, names) = passed_on(inputs.iter());
    let run = call(settings, &krate, span, ident, &names, &report);
    // With arguments it is for the attribute that passes them to make a test of it.
    let test = names.is_empty().then(|| quote!(#[::core::prelude::v1::test]));
    // In a name such as `_number`, which the user doesn't use, but the call does.
    let is_underscored = names.iter().any(|name| name.to_string().starts_with('_'));
    let allow = is_underscored.then(|| quote!(#[allow(clippy::used_underscore_binding)]));
    let nested = function.nested();
    let where_clause = &generics.where_clause;
    quote! {
        #test
        #(#attrs)*
        #allow
        #vis fn #ident #generics (#(#inputs),*) #returned #where_clause {
            #nested
            #run
        }
    }
}

fn call(
    settings: &Settings,
    krate: &TokenStream,
    span: Span,
    ident: &Ident,
    names: &[Ident],
    report: &TokenStream,
) -> TokenStream {
    let default = (settings.get("flavor").is_none())
        .then(|| quote_spanned!(span=> .flavor(#krate::__private::Flavor::CurrentThread)));
    let calls = settings.builder_calls(krate);
    let builder = quote_spanned!(span=> #krate::__private::Builder::new() #default #calls);
    let leaks = settings
        .get("leaks")
        .map_or_else(|| quote!(#krate::__private::Leaks::Ignore), |leaks| leaks.value.to_expr(krate));
    let Some(timeout) = settings.get("timeout") else {
        return quote_spanned!(span=> #krate::__private::test(#builder, #leaks, #ident(#(#names),*), #report));
    };
    let timeout = timeout.value.to_expr(krate);
    let future = match names {
        [] => quote!(#ident),
        [first, ..] => quote_spanned!(first.span()=> move || #ident(#(#names),*)),
    };
    quote_spanned!(span=> #krate::__private::test_within(#builder, #leaks, #timeout, #future, #report))
}

/// `#[should_panic]` is only for functions that return `()`, so what returns nothing stays like that.
fn is_nothing(ty: Option<&Type>) -> bool {
    match ty {
        None | Some(Type::Never(_)) => true,
        Some(Type::Tuple(tuple)) => tuple.elems.is_empty(),
        Some(_) => false,
    }
}

/// The arguments by simple names, and these names.
fn passed_on<'a>(inputs: impl Iterator<Item = &'a FnArg>) -> (Vec<TokenStream>, Vec<Ident>) {
    let typed = inputs.enumerate().filter_map(|(i, input)| match input {
        FnArg::Receiver(_) => None,
        FnArg::Typed(PatType { attrs, pat, colon_token, ty }) => {
            let name = match &**pat {
                // What passes arguments may go by their names.
                Pat::Ident(pat) => pat.ident.clone(),
                _ => format_ident!("argument_{i}", span = Span::mixed_site()),
            };
            Some((quote!(#(#attrs)* #name #colon_token #ty), name))
        }
    });
    typed.unzip()
}
