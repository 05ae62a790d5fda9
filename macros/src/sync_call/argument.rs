//! The faults of a call's argument: by its syntax it can't be a future, or it is awaited.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{BinOp, Error, Expr, ExprAwait, ExprCall, ExprClosure, ExprMacro, Lit, Stmt};

use crate::options::value::ungroup;
use crate::source::call_site::as_written;
use crate::source::tokens::{ends_with, is_group};

/// The fault of an expression that can't be a future. `name` is the macro's name.
pub(crate) fn not_a_future(name: &str, expr: &Expr) -> Option<Error> {
    let fault = |place: &dyn ToTokens, found: &str, remedy: &str| {
        let remedy = if remedy.is_empty() { String::new() } else { format!("; {remedy}") };
        Some(Error::new_spanned(
            place.to_token_stream(),
            format!("expected a future, found {found}{remedy}"),
        ))
    };
    match ungroup(expr) {
        Expr::Closure(closure) => {
            let (found, remedy) = closure_fault(closure);
            fault(&head(closure), found, remedy)
        }
        Expr::Assign(assign) => {
            let left = as_written(&assign.left.to_token_stream());
            fault(assign, "an assignment", &format!("write `{left} = {name}(…)`"))
        }
        Expr::Binary(binary) if is_assignment(&binary.op) => {
            let left = as_written(&binary.left.to_token_stream());
            let op = binary.op.to_token_stream();
            fault(binary, "an assignment", &format!("write `{left} {op} {name}(…)`"))
        }
        Expr::Let(binding) => {
            let pat = as_written(&binding.pat.to_token_stream());
            fault(&binding.let_token, "`let`", &format!("write `let {pat} = {name}(…)`"))
        }
        Expr::Return(returned) => {
            let remedy = returned.expr.as_ref().map(|_| format!("write `return {name}(…)`"));
            fault(&returned.return_token, "`return`", &remedy.unwrap_or_default())
        }
        Expr::Break(broken) => fault(&broken.break_token, "`break`", ""),
        Expr::Continue(continued) => fault(&continued.continue_token, "`continue`", ""),
        Expr::ForLoop(repeated) => {
            fault(&repeated.for_token, "a loop", "write `async { … }` around it")
        }
        Expr::While(repeated) => {
            fault(&repeated.while_token, "a loop", "write `async { … }` around it")
        }
        Expr::Lit(literal) if !matches!(literal.lit, Lit::Verbatim(_)) => {
            fault(literal, &format!("`{}`", literal.to_token_stream()), "")
        }
        Expr::Array(array) => fault(array, "an array", &joined(&array.elems.to_token_stream())?),
        Expr::Tuple(tuple) if tuple.elems.is_empty() => fault(tuple, "`()`", ""),
        Expr::Tuple(tuple) => fault(tuple, "a tuple", &joined(&tuple.elems.to_token_stream())?),
        Expr::Macro(called) => {
            macro_fault(called).and_then(|(found, remedy)| fault(called, &found, &remedy))
        }
        Expr::Call(call) => {
            let Expr::Path(function) = &*call.func else { return None };
            let variant =
                ["Some", "Ok"].into_iter().find(|variant| function.path.is_ident(variant))?;
            let is_future = call.args.iter().all(|value| not_a_future(name, value).is_none());
            let value = as_written(&call.args.to_token_stream());
            let remedy = is_future.then(|| format!("write `{variant}({name}({value}))`"));
            fault(call, &format!("`{variant}(…)`"), &remedy.unwrap_or_default())
        }
        Expr::Block(block) => match block.block.stmts.last() {
            Some(Stmt::Expr(_, Some(semicolon))) => {
                fault(semicolon, "a block without a value", "remove the `;`")
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_assignment(op: &BinOp) -> bool {
    let op = op.to_token_stream().to_string();
    op.ends_with('=') && !["==", "!=", "<=", ">="].contains(&op.as_str())
}

/// A closure without its body.
fn head(closure: &ExprClosure) -> TokenStream {
    let ExprClosure { asyncness, capture, inputs_begin, inputs, inputs_end, .. } = closure;
    quote!(#asyncness #capture #inputs_begin #inputs #inputs_end)
}

fn closure_fault(closure: &ExprClosure) -> (&'static str, &'static str) {
    match (closure.asyncness.is_some(), closure.inputs.is_empty()) {
        (true, true) => ("an async closure", "write `async { … }`"),
        (true, false) => ("an async closure", "call it"),
        (false, true) => ("a closure", "remove the `||`"),
        (false, false) => ("a closure", "call it"),
    }
}

/// The remedy that waits for several futures; empty if they aren't a plain list. `None` if there is
/// an `.await` among them, which `await_fault` reports instead.
fn joined(futures: &TokenStream) -> Option<String> {
    const LONGEST: usize = 60;
    if awaited(futures.clone()).is_some() {
        return None;
    }
    let is_list =
        |token: &TokenTree| !matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
    if futures.is_empty() || !futures.clone().into_iter().all(|token| is_list(&token)) {
        return Some(String::new());
    }
    let futures = as_written(futures);
    let futures = if futures.len() > LONGEST { "…" } else { futures.trim_end_matches(',') };
    Some(format!("write `async {{ tokio::join!({futures}) }}`"))
}

/// The fault and the remedy for `vec!`, and for a macro that itself awaits.
fn macro_fault(called: &ExprMacro) -> Option<(String, String)> {
    let path = as_written(&called.mac.path.to_token_stream());
    let (krate, name) = path.rsplit_once("::").unwrap_or_default();
    match name {
        "" if path == "vec" => Some(("a `Vec`".to_owned(), joined(&called.mac.tokens)?)),
        "join" | "try_join" | "select" if ["tokio", "futures", "futures_util"].contains(&krate) => {
            Some((format!("`{path}!`, which awaits"), format!("write `async {{ {path}!(…) }}`")))
        }
        _ => None,
    }
}

/// The fault of an `.await` in the expression, and the expression without it if that is a future.
pub(crate) fn await_fault(
    name: &str,
    expr: Option<&Expr>,
    tokens: &TokenStream,
) -> Option<(Error, Option<TokenStream>)> {
    let Some(expr) = expr.map(ungroup) else { return begins_with_keyword(name, tokens) };
    let place = awaited(tokens.clone())?;
    if let Expr::Call(ExprCall { func, paren_token, args, .. }) = expr
        && let Expr::Await(ExprAwait { base, dot_token, await_token, .. }) = &**func
        && args.is_empty()
        && awaited(base.to_token_stream()).is_none()
    {
        let mut place = quote!(#dot_token #await_token);
        paren_token.surround(&mut place, |_| {});
        let error = Error::new_spanned(
            place,
            format!("remove `.await()`; `{name}` waits for the future itself"),
        );
        return Some((error, Some(base.to_token_stream())));
    }
    if let Some(ExprAwait { base, dot_token, await_token, .. }) = first_await(expr)
        && awaited(base.to_token_stream()).is_none()
    {
        let place = quote!(#dot_token #await_token);
        let rest = behind(&place, base, expr);
        if rest.is_empty() {
            let error = Error::new_spanned(
                place,
                format!("remove `.await`; `{name}` waits for the future itself"),
            );
            return Some((error, Some(base.to_token_stream())));
        }
        if awaited(rest.clone()).is_none() {
            let rest = as_written(&rest);
            let message = format!("remove `.await`, and write the rest behind: `{name}(…){rest}`");
            return Some((Error::new_spanned(place, message), None));
        }
    }
    let message =
        format!("`.await` inside of `{name}`; make all of it one future: `async {{ … }}`");
    Some((Error::new_spanned(place, message), None))
}

/// The innermost `.await` of a method chain.
fn first_await(expr: &Expr) -> Option<&ExprAwait> {
    match expr {
        Expr::Await(awaited) => first_await(&awaited.base).or(Some(awaited)),
        Expr::MethodCall(call) => first_await(&call.receiver),
        Expr::Field(field) => first_await(&field.base),
        Expr::Index(index) => first_await(&index.expr),
        Expr::Try(tried) => first_await(&tried.expr),
        _ => None,
    }
}

/// The tokens of `whole` that follow the `.await`.
fn behind(awaited: &TokenStream, base: &Expr, whole: &Expr) -> TokenStream {
    let count = |tokens: TokenStream| tokens.into_iter().count();
    let until = count(base.to_token_stream()) + count(awaited.clone());
    whole.to_token_stream().into_iter().skip(until).collect()
}

/// The fault of `await fetch()` and `async fetch()`, which can't be parsed. The compiler's own
/// error would point to another place.
fn begins_with_keyword(name: &str, tokens: &TokenStream) -> Option<(Error, Option<TokenStream>)> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is_word = |at: usize, word: &str| matches!(tokens.get(at), Some(TokenTree::Ident(ident)) if ident == word);
    if is_word(0, "await") {
        let error = Error::new_spanned(
            &tokens[0],
            format!("remove `await`; `{name}` waits for the future itself"),
        );
        return Some((error, None));
    }
    let next = if is_word(1, "move") { 2 } else { 1 };
    if is_word(0, "async")
        && !tokens.get(next).is_some_and(|token| is_group(token, Delimiter::Brace))
    {
        let place: TokenStream = tokens[..next.min(tokens.len())].iter().cloned().collect();
        let message = format!("expected `async {{ … }}`; remove `{place}`, or add the braces");
        return Some((Error::new_spanned(place, message), None));
    }
    None
}

/// The first `.await` of the expression itself, outside of async blocks in it. `None` also if that
/// can't be determined.
fn awaited(tokens: TokenStream) -> Option<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let before = &tokens[..at];
        at += 1;
        match token {
            TokenTree::Ident(word) if *word == "async" => {
                at += usize::from(
                    matches!(tokens.get(at), Some(TokenTree::Ident(word)) if *word == "move"),
                );
                // An async closure or function has an end that only a parser could find.
                tokens.get(at).filter(|token| is_group(token, Delimiter::Brace))?;
                at += 1;
            }
            TokenTree::Ident(word) if *word == "await" && ends_with(before, '.') => {
                let dot = before.last();
                return Some(quote!(#dot #token));
            }
            TokenTree::Group(group) if !ends_with(before, '!') || is_of_std(before) => {
                if let Some(found) = awaited(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether the tokens end with the name of a std macro that takes expressions, and its `!`. Another
/// macro may do anything with an `.await` in its arguments.
fn is_of_std(before: &[TokenTree]) -> bool {
    let names = "vec format println print eprintln eprint write writeln dbg matches assert assert_eq assert_ne";
    matches!(before, [.., TokenTree::Ident(name), _] if names.split(' ').any(|other| name == other))
}
