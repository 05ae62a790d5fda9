//! The body of a twin: the call of the async function, and the wait for its result.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{GenericParam, Generics, Safety, Signature};

use crate::blocking::arguments::Argument;
use crate::blocking::context::{Context, OwnerKind};
use crate::blocking::conversion::Conversion;

/// What a twin does with the value of the call.
#[derive(Clone, Copy)]
pub(crate) enum Wait<'a> {
    /// Wait for it, as `sync_call!` does.
    ForIt,
    /// Wait for it with a timeout, as `try_sync_call!` does. This is the timeout's name.
    UpTo(&'a Ident),
    /// Don't wait, since it is no future. The function may still spawn a task or create a timer,
    /// for which a runtime must be current.
    NotAtAll,
}

/// What the compiler underlines if the body is wrong, which it can be if an option sets a type.
#[derive(Clone, Copy)]
pub(crate) struct Spans {
    pub(crate) wait: Span,
    pub(crate) call: Span,
}

/// What the two twins of a function have in common.
pub(crate) struct Parts {
    pub(crate) arguments: Vec<Argument>,
    pub(crate) returned: Option<TokenStream>,
    pub(crate) conversion: Option<Conversion>,
    pub(crate) waits: bool,
    /// The runtime that `on` sets.
    pub(crate) served: Option<TokenStream>,
    pub(crate) spans: Spans,
}

pub(crate) fn body(
    context: &Context<'_>,
    sig: &Signature,
    parts: &Parts,
    wait: Wait<'_>,
    conversion: Option<&Conversion>,
) -> TokenStream {
    let Parts { arguments, served, spans, .. } = parts;
    let krate = context.krate_at(spans.wait);
    let all: Vec<_> = arguments.iter().collect();
    with_conditions(&all, &[], &|arguments| {
        let call = call(context, sig, arguments, spans.call);
        let body = Body { krate: &krate, served: served.as_ref(), span: spans.wait, conversion };
        match wait {
            Wait::ForIt => body.waits(&call),
            Wait::UpTo(timeout) => body.waits_up_to(timeout, &call),
            Wait::NotAtAll => body.calls(call),
        }
    })
}

/// Writes the body. A runtime that is made current stays so until the twin's value is made: if that
/// is a `Twin`, it is dropped with a runtime current only if it was made with one.
struct Body<'a> {
    krate: &'a TokenStream,
    served: Option<&'a TokenStream>,
    span: Span,
    conversion: Option<&'a Conversion>,
}

impl Body<'_> {
    fn waits(&self, call: &TokenStream) -> TokenStream {
        let Self { krate, span, .. } = *self;
        let Some(served) = self.served else {
            let wait =
                quote_spanned!(span=> #krate::__private::wait(#krate::__private::enter(), #call));
            return self.converted(wait);
        };
        let entered = Ident::new("entered", Span::mixed_site());
        let options = quote!(#krate::__private::CallOptions::new());
        let wait = quote_spanned!(span=> #krate::__private::wait_with(&#entered, #call, #options));
        self.on(served, &entered, &self.converted(wait))
    }

    fn calls(&self, call: TokenStream) -> TokenStream {
        let krate = self.krate;
        let value = self.converted(call);
        if let Some(served) = self.served {
            return self.on(served, &Ident::new("_entered", Span::mixed_site()), &value);
        }
        let runtime = Ident::new("_runtime", Span::mixed_site());
        quote! {
            let #runtime = #krate::__private::make_current();
            #value
        }
    }

    fn waits_up_to(&self, timeout: &Ident, call: &TokenStream) -> TokenStream {
        let krate = self.krate;
        let [entered, error] =
            ["entered", "error"].map(|name| Ident::new(name, Span::mixed_site()));
        let options = quote!(#krate::__private::CallOptions::new().timeout(#timeout));
        let (begun, entered_call) = match self.served {
            Some(served) => (quote!(#krate::__private::try_enter_on(#served)), quote!(&#entered)),
            None => (quote!(#krate::__private::try_enter()), quote!(#entered)),
        };
        let result = quote!(#krate::__private::try_wait(#entered_call, #call, #options));
        let result = match self.conversion {
            Some(conversion) => Conversion::in_result(Some(conversion), None, &result),
            None => result,
        };
        quote! {
            match #begun {
                ::core::result::Result::Ok(#entered) => { #result }
                ::core::result::Result::Err(#error) => ::core::result::Result::Err(#error),
            }
        }
    }

    /// In a `match`, so that what `on` borrows lives as long as the call.
    fn on(&self, served: &TokenStream, entered: &Ident, value: &TokenStream) -> TokenStream {
        let krate = self.krate;
        quote!(match #krate::__private::enter_on(#served) { #entered => #value })
    }

    fn converted(&self, value: TokenStream) -> TokenStream {
        match self.conversion {
            Some(conversion) => conversion.apply(value),
            None => value,
        }
    }
}

/// The call of the async function.
fn call(
    context: &Context<'_>,
    sig: &Signature,
    arguments: &[&Argument],
    span: Span,
) -> TokenStream {
    let Signature { ident, generics, safety, .. } = sig;
    let types = turbofish(generics);
    let passed = arguments.iter().map(|argument| &argument.passed);
    let call = match (&context.owner.path, context.owner.kind, arguments) {
        (Some(path), ..) => quote_spanned!(span=> #path::#ident #types(#(#passed),*)),
        (None, _, [receiver, ..]) if receiver.is_receiver => {
            let (receiver, passed) = (&receiver.passed, passed.skip(1));
            quote_spanned!(span=> #receiver.#ident #types(#(#passed),*))
        }
        (None, OwnerKind::Free, _) => quote_spanned!(span=> #ident #types(#(#passed),*)),
        (None, ..) => quote_spanned!(span=> Self::#ident #types(#(#passed),*)),
    };
    match safety {
        Safety::Unsafe(_) => quote!(unsafe { #call }),
        _ => call,
    }
}

/// The type and constant parameters, passed explicitly, since the arguments may not determine them.
fn turbofish(generics: &Generics) -> Option<TokenStream> {
    let named = generics.params.iter().filter_map(|param| match param {
        GenericParam::Lifetime(_) => None,
        GenericParam::Type(param) => Some((&param.attrs, &param.ident)),
        GenericParam::Const(param) => Some((&param.attrs, &param.ident)),
    });
    let (attrs, named): (Vec<_>, Vec<_>) = named.unzip();
    // Conditional parameters can't be passed like that, and are left to inference.
    let are_all = attrs.into_iter().all(Vec::is_empty);
    (are_all && !named.is_empty()).then(|| quote!(::<#(#named),*>))
}

/// An argument of a call can't have a `cfg`. So for each condition there is a call with the
/// argument and a call without it.
fn with_conditions(
    arguments: &[&Argument],
    settled: &[String],
    call: &dyn Fn(&[&Argument]) -> TokenStream,
) -> TokenStream {
    let is_open = |condition: &&TokenStream| !settled.contains(&condition.to_string());
    let open = arguments.iter().find_map(|argument| argument.conditions.iter().find(is_open));
    let Some(condition) = open else { return call(arguments) };
    let text = condition.to_string();
    let is_other =
        |argument: &Argument| argument.conditions.iter().all(|other| other.to_string() != text);
    let fewer: Vec<_> = arguments.iter().copied().filter(|argument| is_other(argument)).collect();
    let mut settled = settled.to_vec();
    settled.push(text.clone());
    let with = with_conditions(arguments, &settled, call);
    let without = with_conditions(&fewer, &settled, call);
    quote! {
        #[cfg(#condition)]
        { #with }
        #[cfg(not(#condition))]
        { #without }
    }
}
