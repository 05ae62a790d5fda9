//! Calls in a place where no thread may block: directly in async code, or in code that is evaluated
//! at compile time.

use quote::quote;
use syn::{Error, Expr};

use crate::options::settings::Setting;
use crate::options::value::{Value, ungroup};
use crate::source::call_site;
use crate::source::scopes::scope::Scope;
use crate::sync_call::call::{Call, CallMacro};

/// What is wrong with the place of a call.
pub(crate) enum PlacementFault {
    /// It would block the thread that polls the async code around it.
    InAsync(Error),
    /// It would be evaluated at compile time.
    InConst(Error),
}

/// The fault of the call's place. `None` also if the call can't be parsed.
pub(crate) fn check(
    called: CallMacro,
    call: &Call,
    timeout: Option<&Setting>,
) -> Option<PlacementFault> {
    call.expr.as_ref()?;
    let name = called.name();
    let (scope, argument) = call_site::scope(name.trim_end_matches('!'), &call.tokens, &call.rest)?;
    if matches!(scope, Scope::Const | Scope::Static | Scope::ConstFn(_)) {
        let message = at_compile_time(&scope, name);
        return Some(PlacementFault::InConst(Error::new_spanned(call.place(), message)));
    }
    let scope_name = async_scope(&scope)?;
    let message = message(called, call, &scope_name, timeout);
    Some(PlacementFault::InAsync(match argument {
        Some([first, last]) => Error::new_spanned(quote!(#first #last), message),
        None => Error::new_spanned(call.place(), message),
    }))
}

/// The message for a call in async code.
pub(crate) fn message(
    called: CallMacro,
    call: &Call,
    scope_name: &str,
    timeout: Option<&Setting>,
) -> String {
    let name = called.name();
    let fault = format!("`{name}` inside {scope_name} would block its thread: use `.await` here");
    match awaited(call, timeout) {
        Some(remedy) => format!("{fault}\nhelp: write `{remedy}`"),
        None => fault,
    }
}

/// How messages name the scope. `None` if it isn't async code.
pub(crate) fn async_scope(scope: &Scope) -> Option<String> {
    match scope {
        Scope::AsyncFn(name) => Some(format!("`async fn {name}`")),
        Scope::AsyncBlock => Some("an `async` block".to_owned()),
        Scope::AsyncClosure => Some("an `async` closure".to_owned()),
        Scope::Items
        | Scope::MacroRules
        | Scope::Fn
        | Scope::Closure
        | Scope::Const
        | Scope::Static
        | Scope::ConstFn(_) => None,
    }
}

fn at_compile_time(scope: &Scope, name: &str) -> String {
    // A `LazyLock` whose initialiser makes the call isn't suggested. Tasks that access it meanwhile
    // park their worker threads outside of any call; if all workers are parked, no thread drives
    // the runtime that the one call waits for, which is a deadlock.
    let cell = format!("`{name}(VALUE.get_or_init(load))` where the value is needed");
    let (scope_name, remedy) = match scope {
        Scope::ConstFn(function) => {
            (format!("`const fn {function}`"), "remove the `const`".to_owned())
        }
        Scope::Static => (
            "a `static`".to_owned(),
            format!(
                "give it the type `tokio::sync::OnceCell<_>`, and write {cell}\n\
                 help: or the type `LazyLock<_>`, and let its closure call `bridgehead::on_background(load())`"
            ),
        ),
        _ => (
            "a constant".to_owned(),
            format!(
                "use a function, or a `static VALUE: tokio::sync::OnceCell<_>`, and write {cell}"
            ),
        ),
    };
    format!("`{name}` inside {scope_name} would have to wait at compile time\nhelp: {remedy}")
}

/// The expression to write instead. `None` if it is too long to be read, or if the argument is no
/// future.
fn awaited(call: &Call, timeout: Option<&Setting>) -> Option<String> {
    const LONGEST: usize = 80;
    let written = call_site::text(&call.tokens).filter(|text| text.len() <= LONGEST)?;
    let future = match ungroup(call.expr.as_ref()?) {
        Expr::Await(_) => return Some(written),
        Expr::Try(inner) if matches!(*inner.expr, Expr::Await(_)) => return Some(written),
        Expr::Closure(_) | Expr::Assign(_) => return None,
        Expr::Async(_)
        | Expr::Call(_)
        | Expr::Field(_)
        | Expr::Index(_)
        | Expr::Macro(_)
        | Expr::MethodCall(_)
        | Expr::Paren(_)
        | Expr::Path(_) => written,
        _ => format!("({written})"),
    };
    let Some(timeout) = timeout else { return Some(format!("{future}.await")) };
    let limit = match &timeout.value {
        Value::Duration(limit) if limit.subsec_nanos() == 0 => {
            format!("Duration::from_secs({})", limit.as_secs())
        }
        Value::Duration(limit) if limit.subsec_nanos() % 1_000_000 == 0 => {
            format!("Duration::from_millis({})", limit.as_millis())
        }
        Value::Duration(limit) if limit.subsec_nanos() % 1_000 == 0 => {
            format!("Duration::from_micros({})", limit.as_micros())
        }
        Value::Duration(limit) => format!("Duration::from_nanos({})", limit.as_nanos()),
        Value::Expr(limit) => call_site::text(limit)?,
        _ => "limit".to_owned(),
    };
    Some(format!("tokio::time::timeout({limit}, {future}).await"))
}
