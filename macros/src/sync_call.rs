//! `sync_call!` and `try_sync_call!`.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::Parser;
use syn::{Expr, ExprAwait, ExprClosure, ExprTry};

use crate::errors::Errors;
use crate::options::Settings;
use crate::tables::{SYNC_CALL, TRY_SYNC_CALL, Table};
use crate::values::{one_expr, ungroup};

/// Which of the two macros.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Macro {
    SyncCall,
    TrySyncCall,
}

impl Macro {
    fn name(self) -> &'static str {
        match self {
            Self::SyncCall => "sync_call!",
            Self::TrySyncCall => "try_sync_call!",
        }
    }

    fn table(self) -> &'static Table {
        match self {
            Self::SyncCall => &SYNC_CALL,
            Self::TrySyncCall => &TRY_SYNC_CALL,
        }
    }
}

pub(crate) fn expand(called: Macro, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let output = expand_call(called, tokens, &mut errors);
    if errors.is_empty() { output.unwrap_or_default() } else { failed(errors, output.as_ref()) }
}

fn expand_call(called: Macro, tokens: TokenStream, errors: &mut Errors) -> Option<TokenStream> {
    let call = Call::parse(tokens);
    let options = call.options(called, errors)?;
    let settings = Settings::parse(options, called.table(), errors);
    let future = call.check(called, errors)?;
    Some(output(called, &future, &settings, call.span()))
}

/// What one call consists of.
struct Call {
    /// The user's own tokens, which are emitted.
    tokens: TokenStream,
    /// What they are. Not there if only the compiler can say what is wrong with them.
    expr: Option<Expr>,
    rest: TokenStream,
}

impl Call {
    fn parse(tokens: TokenStream) -> Self {
        let (expr, rest) = match one_expr.parse2(tokens.clone()) {
            Ok((expr, rest)) => (Some(expr), rest),
            Err(_) => (None, TokenStream::new()),
        };
        let length = tokens.clone().into_iter().count() - rest.clone().into_iter().count();
        Self { tokens: tokens.into_iter().take(length).collect(), expr, rest }
    }

    /// What follows the future, without the comma between them, if there is one of each.
    fn options(&self, called: Macro, errors: &mut Errors) -> Option<TokenStream> {
        if let Some(Expr::Assign(assign)) = &self.expr {
            let left = assign.left.to_token_stream().to_string();
            if called.table().known().any(|(option, _)| option == left) {
                let name = called.name();
                errors.at(assign, format!("expected the future first; write `{name}(fetch(), {left} = …)`"));
                return None;
            }
        }
        let mut rest = self.rest.clone().into_iter();
        let Some(first) = rest.next() else { return Some(TokenStream::new()) };
        let after: TokenStream = rest.collect();
        match &first {
            TokenTree::Punct(punct) if punct.as_char() == ',' => return Some(after),
            TokenTree::Punct(punct) if punct.as_char() == ';' && after.is_empty() => {
                errors.at(&first, "expected an expression, found a statement; remove the `;`");
                return Some(after);
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                let message = "expected one expression, found statements; write `async { … }` around them";
                errors.at(&first, message);
            }
            _ => errors.at(&first, format!("expected `,` or the end, found `{first}`")),
        }
        None
    }

    /// The tokens of the future: those that were given, or were meant.
    fn check(&self, called: Macro, errors: &mut Errors) -> Option<TokenStream> {
        let name = called.name();
        if self.tokens.is_empty() {
            errors.at(&self.tokens, format!("expected a future, such as `{name}(fetch())`"));
            return None;
        }
        match self.expr.as_ref().map(ungroup) {
            Some(Expr::Await(ExprAwait { base, dot_token, await_token, .. })) => {
                errors.at(quote!(#dot_token #await_token), format!("remove `.await`; `{name}` waits itself"));
                return Some(base.to_token_stream());
            }
            Some(Expr::Try(ExprTry { expr, .. })) if matches!(**expr, Expr::Await(_)) => {
                let message = format!("remove `.await`, and write the `?` behind: `{name}(…)?`");
                errors.at(awaited(expr.to_token_stream()).unwrap_or_else(|| expr.to_token_stream()), message);
            }
            Some(Expr::Closure(closure)) => errors.at(head(closure), closure_given(closure)),
            Some(Expr::Assign(assign)) => {
                let left = assign.left.to_token_stream();
                let remedy = format!("write `{left} = {name}(…)`");
                errors.at(assign, format!("expected a future, found an assignment; {remedy}"));
            }
            _ => match awaited(self.tokens.clone()) {
                Some(awaited) => {
                    let message =
                        format!("`.await` inside of `{name}`; make all of it one future: `async {{ … }}`");
                    errors.at(awaited, message);
                }
                None => return Some(self.tokens.clone()),
            },
        }
        None
    }

    /// Where the macro is called, but as if the user had written what it stands for: the compiler then doesn't say that an error
    /// originates in the macro.
    fn span(&self) -> Span {
        let mut spans = self.tokens.clone().into_iter().map(|token| token.span());
        match &self.expr {
            Some(_) => spans.next().map_or_else(Span::call_site, |span| Span::call_site().resolved_at(span)),
            // A syntax error is found at the end, since nothing else is known of it.
            None => spans.last().unwrap_or_else(Span::call_site),
        }
    }
}

/// All of a closure but its body.
fn head(closure: &ExprClosure) -> TokenStream {
    let ExprClosure { asyncness, capture, inputs_begin, inputs, inputs_end, .. } = closure;
    quote!(#asyncness #capture #inputs_begin #inputs #inputs_end)
}

fn closure_given(closure: &ExprClosure) -> &'static str {
    match closure.asyncness {
        Some(_) => "expected a future, found an async closure; write `async { … }`",
        None if closure.inputs.is_empty() => "expected a future, found a closure; remove the `||`",
        None => "expected a future, found a closure; call it",
    }
}

/// The first `.await` of this very expression, not of an async block in it. Where it can't be told, there is none.
fn awaited(tokens: TokenStream) -> Option<TokenStream> {
    let mut tokens = tokens.into_iter().peekable();
    let mut previous: Option<TokenTree> = None;
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Ident(word) if *word == "async" => {
                tokens.next_if(|token| matches!(token, TokenTree::Ident(word) if *word == "move"));
                // Otherwise a closure or a function, of which one would have to know where it ends.
                tokens.next_if(|token| is_group(token, Delimiter::Brace))?;
            }
            TokenTree::Ident(word) if *word == "await" && is_punct(previous.as_ref(), '.') => {
                return Some(quote!(#previous #token));
            }
            // A macro's arguments are the macro's own business.
            TokenTree::Group(group) if !is_punct(previous.as_ref(), '!') => {
                if let Some(found) = awaited(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
        previous = Some(token);
    }
    None
}

fn is_punct(token: Option<&TokenTree>, c: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == c)
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

// No closure, no async block and no block around the user's expression: `?`, `return`, borrowed temporaries and `&mut` behave as in
// any argument, and the compiler underlines exactly the expression.
//
// Input:
//     sync_call!(EXPR)
//     try_sync_call!(EXPR, timeout = "5s")
//
// Output:
//     ::bridgehead::__private::wait(::bridgehead::__private::enter(), EXPR)
//
//     match ::bridgehead::__private::try_enter() {
//         ::core::result::Result::Ok(entered) => ::bridgehead::__private::try_wait_for(
//             entered,
//             EXPR,
//             ::core::time::Duration::new(5, 0),
//         ),
//         ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
//     }
fn output(called: Macro, future: &TokenStream, settings: &Settings, span: Span) -> TokenStream {
    let krate = settings.crate_path(span);
    if called == Macro::SyncCall {
        return quote_spanned!(span=> #krate::__private::wait(#krate::__private::enter(), #future));
    }
    let entered = Ident::new("entered", Span::mixed_site());
    let error = Ident::new("error", Span::mixed_site());
    let wait = if let Some(timeout) = settings.get("timeout") {
        let timeout = timeout.value.to_expr(&krate);
        quote_spanned!(span=> #krate::__private::try_wait_for(#entered, #future, #timeout))
    } else {
        quote_spanned!(span=> #krate::__private::try_wait(#entered, #future))
    };
    quote! {
        match #krate::__private::try_enter() {
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
