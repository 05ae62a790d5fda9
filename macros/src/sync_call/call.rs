//! One call of the macros: the future, and the options behind it.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprAwait, ExprTry};

use crate::diagnostics::Errors;
use crate::options::schema::{SYNC_CALL, Schema, TRY_SYNC_CALL};
use crate::options::value::ungroup;
use crate::source::tokens::is_punct;
use crate::sync_call::argument;

/// The macro that is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallMacro {
    SyncCall,
    TrySyncCall,
}

impl CallMacro {
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

    pub(crate) fn schema(self) -> &'static Schema {
        match self {
            Self::SyncCall => &SYNC_CALL,
            Self::TrySyncCall => &TRY_SYNC_CALL,
        }
    }
}

/// The parts of one call.
pub(crate) struct Call {
    /// The path of the runtime crate, unless the option `crate` sets another.
    pub(crate) krate: TokenStream,
    /// The user's own tokens, which are emitted.
    pub(crate) tokens: TokenStream,
    /// The same tokens, parsed. `None` if they can't be parsed; the compiler then reports why.
    pub(crate) expr: Option<Expr>,
    pub(crate) rest: TokenStream,
}

impl Call {
    pub(crate) fn parse(called: CallMacro, tokens: TokenStream) -> Self {
        let (krate, tokens) = split_crate(tokens);
        if let Ok((expr, tokens, rest)) = first_expr.parse2(tokens.clone()) {
            return Self { krate, tokens, expr: Some(expr), rest };
        }
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let (tokens, rest) = tokens.split_at(first_option(called, &tokens));
        let (tokens, rest) = (tokens.iter().cloned().collect(), rest.iter().cloned().collect());
        Self { krate, tokens, expr: None, rest }
    }

    /// The tokens of the options, without the comma before them. `None` if they can't be separated
    /// from the future, which is reported.
    pub(crate) fn options(&self, called: CallMacro, errors: &mut Errors) -> Option<TokenStream> {
        if let Some(Expr::Assign(assign)) = &self.expr {
            let left = assign.left.to_token_stream().to_string();
            let name = called.name();
            if called.schema().known().any(|(option, _)| option == left) {
                errors.at(
                    assign,
                    format!("expected the future first; write `{name}(fetch(), {left} = …)`"),
                );
                return None;
            }
            if let Some((_, remedy)) = called.schema().foreign().find(|(option, _)| *option == left)
            {
                errors.at(&assign.left, format!("unknown option `{left}`; {remedy}"));
                return None;
            }
        }
        let mut rest = self.rest.clone().into_iter();
        let Some(first) = rest.next() else { return Some(TokenStream::new()) };
        let after: TokenStream = rest.collect();
        match &first {
            TokenTree::Punct(punct) if punct.as_char() == ',' => return Some(after),
            // `check` reports the `let` instead.
            TokenTree::Punct(punct)
                if punct.as_char() == ';' && after.is_empty() && self.is_let() =>
            {
                return Some(after);
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' && after.is_empty() => {
                errors.at(&first, "expected an expression, found a statement; remove the `;`");
                return Some(after);
            }
            TokenTree::Punct(punct)
                if punct.as_char() == ';' && begins_with_option(called, &after) =>
            {
                errors.at(&first, "expected `,`, found `;`");
                return Some(after);
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                let message =
                    "expected one expression, found statements; write `async { … }` around them";
                errors.at(&first, message);
            }
            TokenTree::Ident(_)
                if after.clone().into_iter().next().is_some_and(|next| is_punct(&next, '=')) =>
            {
                errors.at(&first, format!("expected `,` before `{first}`"));
            }
            _ => errors.at(&first, format!("expected `,` or the end, found `{first}`")),
        }
        None
    }

    fn is_let(&self) -> bool {
        matches!(self.expr, Some(Expr::Let(_)))
    }

    /// The tokens of the future, without an `.await` that is reported as a fault. `None` if there
    /// is no future in the call.
    pub(crate) fn check(&self, called: CallMacro, errors: &mut Errors) -> Option<TokenStream> {
        let name = called.name();
        if self.tokens.is_empty() {
            errors.at(self.place(), format!("expected a future, such as `{name}(fetch())`"));
            return None;
        }
        if let Some(error) = self.expr.as_ref().and_then(|expr| argument::not_a_future(name, expr))
        {
            errors.add(error);
            return None;
        }
        match argument::await_fault(name, self.expr.as_ref(), &self.tokens) {
            Some((error, future)) => {
                errors.add(error);
                future
            }
            None => Some(self.tokens.clone()),
        }
    }

    /// The tokens of the future, without an `.await` at their end. `None` if the expression can't
    /// be a future.
    pub(crate) fn future(&self) -> Option<TokenStream> {
        match ungroup(self.expr.as_ref()?) {
            Expr::Await(ExprAwait { base, .. }) => Some(base.to_token_stream()),
            Expr::Try(ExprTry { expr, .. }) if matches!(**expr, Expr::Await(_)) => None,
            expr if argument::not_a_future("", expr).is_some() => None,
            _ => Some(self.tokens.clone()),
        }
    }

    /// The spans of the future's first and last token, which the generated call gets. The
    /// compiler's errors about the call then don't mention the macro, and its lints treat the call
    /// as the user's own code.
    ///
    /// A leading `&` is left out: the compiler looks up an expression by its span, and wouldn't
    /// find the borrow if the call had the same one.
    pub(crate) fn ends(&self) -> [Span; 2] {
        let future = || self.tokens.clone().into_iter().skip_while(|token| is_punct(token, '&'));
        let behind = self.rest.clone().into_iter().take(1);
        // A syntax error is reported at the end of the tokens, since its exact place is unknown.
        let end = self.tokens.clone().into_iter().chain(behind).last();
        let end = end.map_or_else(Span::call_site, |token| token.span());
        match (&self.expr, future().next(), future().last()) {
            (Some(_), Some(first), Some(last)) => [first.span(), last.span()],
            _ => [end, end],
        }
    }

    /// The tokens that an error underlines: the future, or the whole call if it is empty.
    pub(crate) fn place(&self) -> TokenStream {
        if self.tokens.is_empty() && self.rest.is_empty() {
            return self.krate.clone();
        }
        let [first, last] = self.ends().map(|span| Ident::new("end", span));
        quote!(#first #last)
    }
}

/// Splits the path of the runtime crate, which the `macro_rules!` macros put in front, from the
/// user's tokens. The tests of this crate pass no `$crate`.
fn split_crate(tokens: TokenStream) -> (TokenStream, TokenStream) {
    let mut rest = tokens.clone().into_iter();
    match (rest.next(), rest.next()) {
        (Some(TokenTree::Ident(krate)), Some(semicolon))
            if krate == "$crate" && is_punct(&semicolon, ';') =>
        {
            (krate.into_token_stream(), rest.collect())
        }
        _ => (quote!(::bridgehead), tokens),
    }
}

/// Parses an expression. Returns it, its tokens as they were given, and the tokens behind it. Fails
/// if the expression ends within an invisible group.
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
    if next == end {
        Ok((expr, tokens, input.parse()?))
    } else {
        Err(input.error("expected a whole group"))
    }
}

/// The index of the comma before the options, behind an expression that can't be parsed. With the
/// options separated, an editor finds in a half-typed call what it will find in the complete one,
/// and the compiler reports a single error.
fn first_option(called: CallMacro, tokens: &[TokenTree]) -> usize {
    let is_option =
        |word: &TokenTree| called.schema().known().any(|(option, _)| word.to_string() == option);
    let first = (1..tokens.len().saturating_sub(1))
        .find(|&i| is_punct(&tokens[i], ',') && is_option(&tokens[i + 1]));
    first.unwrap_or(tokens.len())
}

fn begins_with_option(called: CallMacro, tokens: &TokenStream) -> bool {
    let mut tokens = tokens.clone().into_iter();
    let word = tokens.next().map(|word| word.to_string()).unwrap_or_default();
    tokens.next().is_some_and(|next| is_punct(&next, '='))
        && called.schema().known().any(|(option, _)| word == option)
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Delimiter, Group};
    use quote::quote;

    use super::*;

    /// A group like that of a `macro_rules!` fragment.
    fn invisible(tokens: TokenStream) -> Group {
        Group::new(Delimiter::None, tokens)
    }

    #[test]
    fn a_call_is_split_behind_the_future() {
        let split = |tokens| {
            let Call { tokens, expr, rest, .. } = Call::parse(CallMacro::SyncCall, tokens);
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
