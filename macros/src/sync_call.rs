//! `sync_call!` and `try_sync_call!`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprAwait, ExprTry};

use crate::errors::Errors;
use crate::given;
use crate::misplaced::{self, Misplaced};
use crate::options::Settings;
use crate::tables::{SYNC_CALL, TRY_SYNC_CALL, Table};
use crate::values::ungroup;

/// Which of the two macros.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Macro {
    SyncCall,
    TrySyncCall,
}

impl Macro {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SyncCall => "sync_call!",
            Self::TrySyncCall => "try_sync_call!",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "sync_call" => Some(Self::SyncCall),
            "try_sync_call" => Some(Self::TrySyncCall),
            _ => None,
        }
    }

    pub(crate) fn table(self) -> &'static Table {
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
    let call = Call::parse(called, tokens);
    let options = call.options(called, errors)?;
    let settings = Settings::parse(options, called.table(), errors);
    let future = match misplaced::find(called, &call, settings.get("timeout")) {
        Some(Misplaced::InConst(error)) => {
            errors.add(error);
            return None;
        }
        // Whatever else there is to say of the future is said for a call, which it shouldn't be.
        Some(Misplaced::InAsync(error)) if settings.get("allow_async").is_none() => {
            errors.add(error);
            call.future()?
        }
        _ => call.check(called, errors)?,
    };
    Some(output(called, &future, &settings, call.span()))
}

/// What one call consists of.
pub(crate) struct Call {
    /// The user's own tokens, which are emitted.
    pub(crate) tokens: TokenStream,
    /// What they are. Not there if only the compiler can say what is wrong with them.
    pub(crate) expr: Option<Expr>,
    rest: TokenStream,
}

impl Call {
    pub(crate) fn parse(called: Macro, tokens: TokenStream) -> Self {
        if let Ok((expr, tokens, rest)) = first_expr.parse2(tokens.clone()) {
            return Self { tokens, expr: Some(expr), rest };
        }
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let (tokens, rest) = tokens.split_at(first_option(called, &tokens));
        Self { tokens: tokens.iter().cloned().collect(), expr: None, rest: rest.iter().cloned().collect() }
    }

    /// What follows the future, without the comma between them, if there is one of each.
    pub(crate) fn options(&self, called: Macro, errors: &mut Errors) -> Option<TokenStream> {
        if let Some(Expr::Assign(assign)) = &self.expr {
            let left = assign.left.to_token_stream().to_string();
            let name = called.name();
            if called.table().known().any(|(option, _)| option == left) {
                errors.at(assign, format!("expected the future first; write `{name}(fetch(), {left} = …)`"));
                return None;
            }
            if let Some((_, remedy)) = called.table().foreign().find(|(option, _)| *option == left) {
                errors.at(&assign.left, format!("unknown option `{left}`; {remedy}"));
                return None;
            }
        }
        let mut rest = self.rest.clone().into_iter();
        let Some(first) = rest.next() else { return Some(TokenStream::new()) };
        let after: TokenStream = rest.collect();
        match &first {
            TokenTree::Punct(punct) if punct.as_char() == ',' => return Some(after),
            // The `let` is told instead.
            TokenTree::Punct(punct) if punct.as_char() == ';' && after.is_empty() && self.is_let() => {
                return Some(after);
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' && after.is_empty() => {
                errors.at(&first, "expected an expression, found a statement; remove the `;`");
                return Some(after);
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' && begins_with_option(called, &after) => {
                errors.at(&first, "expected `,`, found `;`");
                return Some(after);
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                let message = "expected one expression, found statements; write `async { … }` around them";
                errors.at(&first, message);
            }
            TokenTree::Ident(_) if is_punct(after.into_iter().next().as_ref(), '=') => {
                errors.at(&first, format!("expected `,` before `{first}`"));
            }
            _ => errors.at(&first, format!("expected `,` or the end, found `{first}`")),
        }
        None
    }

    fn is_let(&self) -> bool {
        matches!(self.expr, Some(Expr::Let(_)))
    }

    /// The tokens of the future: those that were given, or were meant.
    pub(crate) fn check(&self, called: Macro, errors: &mut Errors) -> Option<TokenStream> {
        let name = called.name();
        if self.tokens.is_empty() {
            errors.at(&self.tokens, format!("expected a future, such as `{name}(fetch())`"));
            return None;
        }
        if let Some(error) = self.expr.as_ref().and_then(|expr| given::other(name, expr)) {
            errors.add(error);
            return None;
        }
        match given::awaits(name, self.expr.as_ref(), &self.tokens) {
            Some((error, future)) => {
                errors.add(error);
                future
            }
            None => Some(self.tokens.clone()),
        }
    }

    /// The tokens of the future, without an `.await` at their end. None if they can't be one.
    fn future(&self) -> Option<TokenStream> {
        match ungroup(self.expr.as_ref()?) {
            Expr::Await(ExprAwait { base, .. }) => Some(base.to_token_stream()),
            Expr::Try(ExprTry { expr, .. }) if matches!(**expr, Expr::Await(_)) => None,
            expr if given::other("", expr).is_some() => None,
            _ => Some(self.tokens.clone()),
        }
    }

    /// Where the macro is called, but as if the user had written what it stands for: the compiler then doesn't say that an error
    /// originates in the macro.
    pub(crate) fn span(&self) -> Span {
        let behind = self.rest.clone().into_iter().take(1);
        let mut spans = self.tokens.clone().into_iter().chain(behind).map(|token| token.span());
        match &self.expr {
            Some(_) => spans.next().map_or_else(Span::call_site, |span| Span::call_site().resolved_at(span)),
            // A syntax error is found at the end, since nothing else is known of it.
            None => spans.last().unwrap_or_else(Span::call_site),
        }
    }
}

/// An expression, its tokens as they were given, and what follows it. Not one that ends within an invisible group.
fn first_expr(input: ParseStream<'_>) -> syn::Result<(Expr, TokenStream, TokenStream)> {
    let mut next = input.cursor();
    let expr = input.parse()?;
    let end = input.cursor();
    let mut tokens = TokenStream::new();
    while next < end
        && let Some((token, after)) = next.token_tree()
    {
        tokens.extend([token]);
        next = after;
    }
    if next == end { Ok((expr, tokens, input.parse()?)) } else { Err(input.error("expected a whole group")) }
}

/// Where the options begin, with their comma, behind an expression that can't be parsed: an editor finds in a half-typed call what it
/// will find in the whole one, and the compiler has one error to tell.
fn first_option(called: Macro, tokens: &[TokenTree]) -> usize {
    let is_option = |word: &TokenTree| called.table().known().any(|(option, _)| word.to_string() == option);
    let first = (1..tokens.len().saturating_sub(1))
        .find(|&i| is_punct(tokens.get(i), ',') && is_option(&tokens[i + 1]));
    first.unwrap_or(tokens.len())
}

fn begins_with_option(called: Macro, tokens: &TokenStream) -> bool {
    let mut tokens = tokens.clone().into_iter();
    let word = tokens.next().map(|word| word.to_string()).unwrap_or_default();
    is_punct(tokens.next().as_ref(), '=') && called.table().known().any(|(option, _)| word == option)
}

fn is_punct(token: Option<&TokenTree>, c: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == c)
}

// No closure, no async block and no block around the user's expression: `?`, `return`, borrowed temporaries and `&mut` behave as in
// any argument, and the compiler underlines exactly the expression.
//
// Input:
//     sync_call!(EXPR)
//     sync_call!(EXPR, on_stall = "ignore")
//     try_sync_call!(EXPR, timeout = "5s")
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
//     match ::bridgehead::__private::try_enter() {
//         ::core::result::Result::Ok(entered) => ::bridgehead::__private::try_wait(
//             entered,
//             EXPR,
//             ::bridgehead::__private::CallOptions::new().timeout(::core::time::Duration::new(5, 0)),
//         ),
//         ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
//     }
fn output(called: Macro, future: &TokenStream, settings: &Settings, span: Span) -> TokenStream {
    let krate = settings.crate_path(span);
    let options = settings.call_options(&krate);
    if called == Macro::SyncCall && options.is_none() {
        return quote_spanned!(span=> #krate::__private::wait(#krate::__private::enter(), #future));
    }
    let options = quote_spanned!(span=> #krate::__private::CallOptions::new() #options);
    if called == Macro::SyncCall {
        return quote_spanned!(span=> #krate::__private::wait_with(#krate::__private::enter(), #future, #options));
    }
    let entered = Ident::new("entered", Span::mixed_site());
    let error = Ident::new("error", Span::mixed_site());
    let wait = quote_spanned!(span=> #krate::__private::try_wait(#entered, #future, #options));
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

#[cfg(test)]
mod tests {
    use proc_macro2::{Delimiter, Group};

    use super::*;

    /// As a `macro_rules!` fragment arrives.
    fn invisible(tokens: TokenStream) -> Group {
        Group::new(Delimiter::None, tokens)
    }

    #[test]
    fn a_call_is_split_behind_the_future() {
        let split = |tokens| {
            let Call { tokens, expr, rest } = Call::parse(Macro::SyncCall, tokens);
            (tokens.to_string(), expr.is_some(), rest.to_string())
        };
        let expect = |tokens: TokenStream, future: &str, is_read, rest: &str| {
            assert_eq!(split(tokens), (future.to_owned(), is_read, rest.to_owned()));
        };
        expect(quote!(f(), allow_async), "f ()", true, ", allow_async");
        expect(quote!(f(.), allow_async), "f (.)", false, ", allow_async");
        expect(quote!(f(.), 4), "f (.) , 4", false, "");
        let arguments = invisible(quote!((a, b)));
        expect(quote!(f #arguments, allow_async), "f (a , b)", true, ", allow_async");
        let half = invisible(quote!((), allow_async, "a"));
        expect(quote!(f #half), "f () , allow_async , \"a\"", false, "");
        expect(quote!(f #half, allow_async), "f () , allow_async , \"a\"", false, ", allow_async");
    }
}
