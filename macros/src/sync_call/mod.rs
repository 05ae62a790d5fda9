//! `sync_call!` and `try_sync_call!`.

pub(crate) mod argument;
pub(crate) mod call;
pub(crate) mod placement;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use crate::diagnostics::Errors;
use crate::options::settings::{self, Settings};
use crate::source::tokens::is_punct;
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
        // `Call::check` is skipped: its messages explain how to write the call, which the user has
        // to remove.
        Some(PlacementFault::InAsync(error)) if settings.get("allow_async").is_none() => {
            errors.add(error);
            call.future()?
        }
        _ => call.check(called, errors)?,
    };
    // The name behind the `.` is still to be typed. If the tokens were emitted, the compiler would
    // also report that the expression before the `.` is not a future. A language server, for which
    // there is no local file, does get them, since it completes names in what is emitted.
    if call.expr.is_none()
        && let Some(dot) = future.clone().into_iter().last().filter(|last| is_punct(last, '.'))
        && proc_macro::is_available()
        && dot.span().unwrap().local_file().is_some()
    {
        errors.at(dot, "expected a method or a field behind the `.`");
        return None;
    }
    Some(output(called, &call, &future, &settings))
}

// No closure, no async block and no block around the user's expression: `?`, `return`, borrowed
// temporaries and `&mut` behave as in any argument, and the compiler underlines exactly the
// expression.
//
// The parentheses around the function have the span of the future's first token, which `$crate`
// can't have. The compiler's errors about the call then point at the future and not at a macro.
// `enter` has the span of the whole call, since that is the place which it reports.
//
// Input:
//     sync_call!(EXPR)
//     sync_call!(EXPR, on_stall = "ignore")
//     sync_call!(EXPR, on = RUNTIME)
//     try_sync_call!(EXPR, timeout = "5s")
//     try_sync_call!(EXPR, interrupt = QUESTION)
//
// Output:
//     ($crate::__private::wait)($crate::__private::enter(), EXPR)
//
//     ($crate::__private::wait_with)(
//         $crate::__private::enter(),
//         EXPR,
//         $crate::__private::CallOptions::new().on_stall($crate::__private::OnStall::Ignore),
//     )
//
//     ($crate::__private::wait_with)(
//         $crate::__private::enter_on(&mut $crate::__private::served_by(&(RUNTIME))),
//         EXPR,
//         $crate::__private::CallOptions::new(),
//     )
//
//     match $crate::__private::try_enter() {
//         ::core::result::Result::Ok(entered) => ($crate::__private::try_wait)(
//             entered,
//             EXPR,
//             $crate::__private::CallOptions::new().timeout(::core::time::Duration::new(5, 0)),
//         ),
//         ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
//     }
//
// With `interrupt`, the inner call is
fn output(
    called: CallMacro,
    call: &Call,
    future: &TokenStream,
    settings: &Settings,
) -> TokenStream {
    let krate = settings.crate_path(|| call.krate.clone());
    let [first, last] = call.ends();
    let options = settings.call_options(&krate);
    let on = settings.on(&krate).map(|on| settings::served_by(&krate, on));
    let is_plain = called == CallMacro::SyncCall && options.is_none() && on.is_none();
    let options = (!is_plain)
        .then(|| quote_spanned!(last=> , #krate::__private::CallOptions::new() #options));
    let enter = |name: &str| {
        let (enter, enter_on) = (format_ident!("{name}"), format_ident!("{name}_on"));
        on.as_ref().map_or_else(
            || quote!(#krate::__private::#enter()),
            |served| quote!(#krate::__private::#enter_on(#served)),
        )
    };
    let interrupt = settings.get("interrupt").map(|interrupt| interrupt.value.to_expr());
    let interrupt = interrupt.map(|asked| quote_spanned!(last=> , #asked));
    let wait = |name: &str, entered: TokenStream| {
        let name = Ident::new(name, Span::call_site());
        let mut function = Group::new(Delimiter::Parenthesis, quote!(#krate::__private::#name));
        function.set_span(first);
        let arguments = quote!(#entered, #future #options #interrupt);
        let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
        arguments.set_span(last);
        quote!(#function #arguments)
    };
    if called == CallMacro::SyncCall {
        return wait(if is_plain { "wait" } else { "wait_with" }, enter("enter"));
    }
    let entered = Ident::new("entered", Span::mixed_site());
    let error = Ident::new("error", Span::mixed_site());
    let name = if interrupt.is_some() { "try_wait_unless" } else { "try_wait" };
    let (wait, enter) = (wait(name, entered.to_token_stream()), enter("try_enter"));
    quote! {
        match #enter {
            ::core::result::Result::Ok(#entered) => #wait,
            ::core::result::Result::Err(#error) => ::core::result::Result::Err(#error),
        }
    }
}

/// A block of the errors and the call that was meant. The call gives the block its type, so that no
/// type error follows; `compile_error!` alone agrees with any type.
fn failed(errors: Errors, output: Option<&TokenStream>) -> TokenStream {
    let errors = errors.into_tokens();
    quote!({ #errors #output })
}
