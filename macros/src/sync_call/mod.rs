//! `sync_call!` and `try_sync_call!`.

pub(crate) mod argument;
pub(crate) mod call;
pub(crate) mod placement;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::diagnostics::Errors;
use crate::options::settings::Settings;
use crate::sync_call::call::{Call, CallMacro};
use crate::sync_call::placement::PlacementFault;

pub(crate) fn expand(called: CallMacro, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let output = expand_call(called, tokens, &mut errors);
    if errors.is_empty() { output.unwrap_or_default() } else { failed(errors, output.as_ref()) }
}

fn expand_call(called: CallMacro, tokens: TokenStream, errors: &mut Errors) -> Option<TokenStream> {
    let call = Call::parse(called, tokens);
    let options = call.options(called, errors)?;
    let settings = Settings::parse(options, called.schema(), errors);
    let future = match placement::check(called, &call, settings.get("timeout")) {
        Some(PlacementFault::InConst(error)) => {
            errors.add(error);
            return None;
        }
        // Whatever else there is to say of the future is said for a call, which it shouldn't be.
        Some(PlacementFault::InAsync(error)) if settings.get("allow_async").is_none() => {
            errors.add(error);
            call.future()?
        }
        _ => call.check(called, errors)?,
    };
    Some(output(called, &future, &settings, call.span()))
}

// No closure, no async block and no block around the user's expression: `?`, `return`, borrowed temporaries and `&mut` behave as in
// any argument, and the compiler underlines exactly the expression.
//
// Input:
//     sync_call!(EXPR)
//     sync_call!(EXPR, on_stall = "ignore")
//     sync_call!(EXPR, on = RUNTIME)
//     try_sync_call!(EXPR, timeout = "5s")
//     try_sync_call!(EXPR, interrupt = QUESTION)
//
// Output:
//     ::bridgehead::__private::wait(::bridgehead::__private::enter(), EXPR)
//
//     ::bridgehead::__private::wait_with(
//         ::bridgehead::__private::enter(),
//         EXPR,
//         ::bridgehead::__private::CallOptions::new().on_stall(::bridgehead::__private::OnStall::Ignore),
//     )
//
//     ::bridgehead::__private::wait_with(
//         ::bridgehead::__private::enter_on(&mut ::bridgehead::__private::served_by(&(RUNTIME))),
//         EXPR,
//         ::bridgehead::__private::CallOptions::new(),
//     )
//
//     match ::bridgehead::__private::try_enter() {
//         ::core::result::Result::Ok(entered) => ::bridgehead::__private::try_wait(
//             entered,
//             EXPR,
//             ::bridgehead::__private::CallOptions::new().timeout(::core::time::Duration::new(5, 0)),
//         ),
//         ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
//     }
//
// With `interrupt`, that is `try_wait_unless(entered, EXPR, options, QUESTION)`.
fn output(called: CallMacro, future: &TokenStream, settings: &Settings, span: Span) -> TokenStream {
    let krate = settings.crate_path(span);
    let options = settings.call_options(&krate);
    let on = settings.served_by(&krate);
    if called == CallMacro::SyncCall && options.is_none() && on.is_none() {
        return quote_spanned!(span=> #krate::__private::wait(#krate::__private::enter(), #future));
    }
    let options = quote_spanned!(span=> #krate::__private::CallOptions::new() #options);
    let enter = Ident::new(if called == CallMacro::SyncCall { "enter" } else { "try_enter" }, span);
    let enter = on.map_or_else(
        || quote_spanned!(span=> #krate::__private::#enter()),
        |served| {
            let enter_on = format_ident!("{enter}_on");
            quote_spanned!(span=> #krate::__private::#enter_on(#served))
        },
    );
    if called == CallMacro::SyncCall {
        return quote_spanned!(span=> #krate::__private::wait_with(#enter, #future, #options));
    }
    let entered = Ident::new("entered", Span::mixed_site());
    let error = Ident::new("error", Span::mixed_site());
    let interrupt = settings.get("interrupt").map(|interrupt| interrupt.value.to_expr());
    let wait = interrupt.map_or_else(
        || quote_spanned!(span=> #krate::__private::try_wait(#entered, #future, #options)),
        |asked| quote_spanned!(span=> #krate::__private::try_wait_unless(#entered, #future, #options, #asked)),
    );
    quote! {
        match #enter {
            ::core::result::Result::Ok(#entered) => #wait,
            ::core::result::Result::Err(#error) => ::core::result::Result::Err(#error),
        }
    }
}

/// The type of a `compile_error!` agrees with any other, and so does what is emitted for the future that was meant.
fn failed(errors: Errors, output: Option<&TokenStream>) -> TokenStream {
    let errors = errors.into_tokens();
    quote!({ #errors #output })
}
