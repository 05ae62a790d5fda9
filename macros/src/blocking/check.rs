//! Decides which functions get a twin, and reports the faults of those that should get one.

use proc_macro2::{Span, TokenStream};
use syn::{Error, ReturnType, Signature, Type, Visibility};

use crate::blocking::context::Context;
use crate::blocking::converter::{Converter, Direction};
use crate::blocking::item::Method;
use crate::blocking::types::{TypeMap, of_future};
use crate::diagnostics::Errors;
use crate::options::settings::Settings;

/// What the twin of a function has to do.
pub(crate) enum Work<'a> {
    /// Wait for a value of the type.
    Wait(Option<&'a Type>),
    /// Call the function without waiting: it returns a stream, or is forwarded by a twin type.
    Call(Option<&'a Type>),
}

/// The work of a function's twin. `output` is the type that the function's options name. `None` if
/// the function gets no twin.
pub(crate) fn work<'a>(
    method: &'a Method,
    output: Option<&'a Type>,
    context: &Context<'_>,
    errors: &mut Errors,
) -> Option<Work<'a>> {
    let sig = &method.function.sig;
    let work = found(method, output, context);
    if method.own.get("skip").is_some() {
        check_skipped(method, work.is_some(), errors);
        return None;
    }
    // The compiler itself rejects such a function.
    if sig.asyncness.is_some() && (sig.constness.is_some() || sig.variadic.is_some()) {
        return None;
    }
    check_forward(method, work.as_ref(), context, errors);
    match &work {
        Some(Work::Call(_)) => no_timeout(context.own(method), sig, errors),
        Some(Work::Wait(_)) => no_output(context.own(method), sig, errors),
        None => not_async(method, context, errors),
    }
    if let (Some(_), Some(abi)) = (&work, &sig.abi) {
        let remedy = "write it with `sync_call!`";
        errors.at(abi, format!("the twin of an `extern` function can't be made; {remedy}"));
        return None;
    }
    work
}

fn found<'a>(
    method: &'a Method,
    output: Option<&'a Type>,
    context: &Context<'_>,
) -> Option<Work<'a>> {
    let sig = &method.function.sig;
    let returned = match &sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(&**ty),
    };
    if sig.asyncness.is_some() {
        return Some(Work::Wait(returned));
    }
    if let Some(output) = output.or_else(|| of_future(returned?)) {
        return Some(Work::Wait(Some(output)));
    }
    (returned.is_some_and(has_stream) || is_forwarded(method, context))
        .then_some(Work::Call(returned))
}

fn has_stream(ty: &Type) -> bool {
    let converter = Converter {
        type_map: &TypeMap::default(),
        krate: &TokenStream::new(),
        direction: Direction::Out,
        itself: None,
    };
    converter.convert(ty).is_ok_and(|converted| converted.conversion.is_some())
}

fn is_forwarded(method: &Method, context: &Context<'_>) -> bool {
    let is_visible =
        context.owner.vis.is_some() || !matches!(method.function.vis, Visibility::Inherited);
    let all = context.settings.switch("forward") == Some(true) && is_visible;
    context.is_twin_type() && method.own.switch("forward").unwrap_or(all)
}

fn check_skipped(method: &Method, has_twin: bool, errors: &mut Errors) {
    let ident = &method.function.sig.ident;
    let Some(skip) = method.own.get("skip") else { return };
    if !has_twin {
        errors.at(&skip.name, format!("`{ident}` isn't async and has no twin; remove `skip`"));
    }
    for name in ["name", "timeout", "forward", "output", "on"] {
        if let Some(other) = method.own.get(name) {
            errors.at(&other.name, format!("`{name}` has no effect with `skip`; remove one"));
        }
    }
}

fn check_forward(
    method: &Method,
    work: Option<&Work<'_>>,
    context: &Context<'_>,
    errors: &mut Errors,
) {
    let Some(forward) = method.own.get("forward") else { return };
    if !context.is_twin_type() {
        errors.at(
            &forward.name,
            "`forward` is for a twin type; add `type = …` to the impl's `#[blocking]`",
        );
    } else if matches!(work, Some(Work::Wait(_))) {
        errors.at(&forward.name, "an async function has a twin anyway; remove `forward`");
    }
}

fn no_timeout(own: &Settings, sig: &Signature, errors: &mut Errors) {
    if let (Some(timeout), Some(true)) = (own.get("timeout"), own.switch("timeout")) {
        let ident = &sig.ident;
        let message = format!(
            "`{ident}` isn't waited for; remove `timeout`, an iterator of a stream has `next_timeout`"
        );
        errors.at(&timeout.name, message);
    }
}

fn no_output(own: &Settings, sig: &Signature, errors: &mut Errors) {
    if let (Some(output), Some(_)) = (own.get("output"), &sig.asyncness) {
        errors
            .at(&output.name, "the signature of an async function has its output; remove `output`");
    }
}

/// Reports a function that isn't async, if it was meant to get a twin.
fn not_async(method: &Method, context: &Context<'_>, errors: &mut Errors) {
    let Signature { fn_token, ident, .. } = &method.function.sig;
    if context.own(method).tries("output") {
        return;
    }
    let is_meant = context.is_single
        || ["name", "timeout", "on"].iter().any(|name| method.own.get(name).is_some());
    if is_meant {
        let output = "or, if it returns a future, name its output: `#[blocking(output = …)]`";
        errors.at(
            fn_token,
            format!("expected `async fn {ident}`, found `fn {ident}`; add `async`, {output}"),
        );
    }
}

/// Whether there is a function that could get a twin, even if it is skipped.
pub(crate) fn is_anything_async(methods: &[Method], context: &Context<'_>) -> bool {
    methods
        .iter()
        .any(|method| context.own(method).tries("output") || found(method, None, context).is_some())
}

/// Reports that nothing is async, at the attribute, which is to be removed. `user` is the span of
/// one of the user's own tokens.
pub(crate) fn nothing_async(user: Span, errors: &mut Errors) {
    let span = Span::call_site().resolved_at(user);
    errors.add(Error::new(span, "nothing here is async; remove `#[blocking]`"));
}
