//! `#[bridgehead::deny_blocking]`: finds calls that block a thread directly in async code, by their
//! names. Unlike the macro of a single call, the attribute gets the tokens around the calls, and
//! needn't read the source file.

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::diagnostics::Errors;
use crate::options::settings::Settings;
use crate::source::scopes::Scopes;
use crate::source::token::{self, Token};
use crate::source::tokens::{is_group, is_punct};
use crate::sync_call::call::{Call, CallMacro};
use crate::sync_call::placement::{self, async_scope};

pub(crate) fn expand(options: &TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    if !options.is_empty() {
        errors.at(options, "`#[deny_blocking]` takes no options; remove them");
    }
    check_item(&item, &mut errors);
    let mut search = Search { scopes: Scopes::new(), errors: &mut errors, is_hinted: false };
    let item = search.through(item);
    errors.beside(&item)
}

/// Reports an item that contains no code.
fn check_item(item: &TokenStream, errors: &mut Errors) {
    const EXPECTED: &str = "`#[deny_blocking]` is for a function, an `impl`, a trait or a module";
    const KINDS: &str = "fn impl trait mod struct enum union type use static macro_rules macro";
    let kind = item
        .clone()
        .into_iter()
        .find(|token| KINDS.split(' ').any(|kind| token.to_string() == kind));
    let has_body = item.clone().into_iter().any(|token| is_group(&token, Delimiter::Brace));
    match kind.as_ref().map(ToString::to_string).as_deref() {
        Some("fn" | "impl" | "trait") => {}
        Some("mod") if has_body => {}
        Some("mod") => {
            errors.at(
                item,
                format!("{EXPECTED} with its body here; put it on the items in the file"),
            );
        }
        Some(found) => errors.at(&kind, format!("{EXPECTED}, found `{found}`")),
        None => errors.at(item, EXPECTED),
    }
}

/// A walk through tokens that keeps track of the scope.
struct Search<'a> {
    scopes: Scopes,
    errors: &'a mut Errors,
    is_hinted: bool,
}

/// Only the first message has it.
const HINT: &str = "\nnote: `cargo bridgehead check` also finds what blocks in the functions that async code calls";

impl Search<'_> {
    /// Returns the same tokens, except that a reported call gets `allow_async`, so that its own
    /// macro doesn't report it again.
    fn through(&mut self, tokens: TokenStream) -> TokenStream {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut output = TokenStream::new();
        let mut is_found = false;
        for (i, token) in tokens.iter().enumerate() {
            if let TokenTree::Group(group) = token {
                output.extend([self.group(group, is_found)]);
                is_found = false;
                continue;
            }
            if let (TokenTree::Ident(word), Some(scope_name)) =
                (token, async_scope(self.scopes.current()))
            {
                is_found |= self.check(word, &tokens[..i], &tokens[i + 1..], &scope_name);
            }
            self.scopes.push(flat(token, &token.to_string()));
            output.extend([token.clone()]);
        }
        output
    }

    fn group(&mut self, group: &Group, is_found: bool) -> TokenTree {
        let delimiter = match group.delimiter() {
            Delimiter::Parenthesis => token::Delimiter::Parenthesis,
            Delimiter::Brace => token::Delimiter::Brace,
            Delimiter::Bracket => token::Delimiter::Bracket,
            Delimiter::None => {
                let mut inner = Group::new(Delimiter::None, self.through(group.stream()));
                inner.set_span(group.span());
                return inner.into();
            }
        };
        self.scopes.push(Token::Open(delimiter));
        let mut tokens = self.through(group.stream());
        self.scopes.push(Token::Close(delimiter));
        if is_found {
            let comma = (!ends_with_comma(&tokens)).then(|| quote!(,));
            tokens.extend(quote!(#comma allow_async));
        }
        let mut output = Group::new(group.delimiter(), tokens);
        output.set_span(group.span());
        output.into()
    }

    /// Reports a call that begins with `word` and blocks. Returns whether it is a call of
    /// `sync_call!` or `try_sync_call!`.
    fn check(
        &mut self,
        word: &Ident,
        before: &[TokenTree],
        after: &[TokenTree],
        scope_name: &str,
    ) -> bool {
        let name = word.to_string();
        if let (Some(called), [bang @ TokenTree::Punct(punct), TokenTree::Group(input), ..]) =
            (CallMacro::of(&name), after)
            && punct.as_char() == '!'
        {
            let fault = fault_of(called, input.stream(), scope_name);
            return fault.map(|fault| self.errors.at(quote!(#word #bang), fault)).is_some();
        }
        if !is_called(after)
            || matches!(before.last(), Some(TokenTree::Ident(word)) if word == "fn")
        {
            return false;
        }
        let (blocks, name, remedy) = match (name.as_str(), before) {
            ("sleep", [.., path @ TokenTree::Ident(module), first, second])
                if module == "thread" =>
            {
                let remedy = "use `tokio::time::sleep(…).await`".to_owned();
                (quote!(#path #first #second #word), "thread::sleep", remedy)
            }
            ("block_on", _) => (word.to_token_stream(), "block_on", "use `.await` here".to_owned()),
            (name, _) => match name.strip_prefix("blocking_") {
                Some(other) => (
                    word.to_token_stream(),
                    name,
                    format!("use `{other}(…).await`, or `spawn_blocking`"),
                ),
                None => return false,
            },
        };
        let hint = if self.is_hinted { "" } else { HINT };
        self.is_hinted = true;
        self.errors.at(
            blocks,
            format!("`{name}` inside {scope_name} would block its thread: {remedy}{hint}"),
        );
        false
    }
}

/// The message about a call's place. `None` if the call has a fault of its own, which its macro
/// reports: the option `allow_async` behind it would cause another error.
fn fault_of(called: CallMacro, input: TokenStream, scope_name: &str) -> Option<String> {
    if mentions_allow_async(input.clone()) {
        return None;
    }
    let call = Call::parse(called, input);
    let mut faults = Errors::default();
    let options = call.options(called, &mut faults)?;
    call.expr.as_ref().and_then(|_| call.check(called, &mut faults))?;
    let settings = Settings::parse(options, called.schema(), &mut Errors::default());
    faults
        .is_empty()
        .then(|| placement::message(called, &call, scope_name, settings.get("timeout")))
}

/// Converts a token that isn't a group. `text` is its text.
fn flat<'a>(token: &TokenTree, text: &'a str) -> Token<'a> {
    match token {
        TokenTree::Ident(_) => Token::Ident(text),
        TokenTree::Punct(punct) => {
            Token::Punct { char: punct.as_char(), joint: punct.spacing() == Spacing::Joint }
        }
        TokenTree::Literal(_) | TokenTree::Group(_) => Token::Literal,
    }
}

/// Whether the word before these tokens names a function that is called.
fn is_called(after: &[TokenTree]) -> bool {
    let mut after = after.iter();
    match after.next() {
        Some(TokenTree::Group(arguments)) => arguments.delimiter() == Delimiter::Parenthesis,
        // The function's generic arguments.
        Some(TokenTree::Punct(colon)) if colon.as_char() == ':' => {
            matches!((after.next(), after.next()), (Some(colon), Some(angle)) if is_punct(colon, ':') && is_punct(angle, '<'))
        }
        _ => false,
    }
}

fn ends_with_comma(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().last().is_some_and(|token| is_punct(&token, ','))
}

fn mentions_allow_async(input: TokenStream) -> bool {
    let tokens: Vec<_> = input.into_iter().collect();
    tokens.windows(2).any(|pair| is_punct(&pair[0], ',') && pair[1].to_string() == "allow_async")
}
