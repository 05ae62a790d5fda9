//! The options of the macros, and the `option = value` syntax.

use proc_macro2::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

use crate::errors::{Errors, fold, nearest};
use crate::tables::{BUILDER, Table};
use crate::values::{Kind, Value};
use crate::words;

/// An option that is set, and has passed its checks.
pub(crate) struct Setting {
    /// The user's own word, so that an editor finds the documentation of the method.
    pub(crate) name: Ident,
    pub(crate) value: Value,
}

/// The options of one macro call.
pub(crate) struct Settings(Vec<Setting>);

impl Settings {
    /// Reads `option = value, …`. What is at fault is left out.
    pub(crate) fn parse(tokens: TokenStream, table: &Table, errors: &mut Errors) -> Self {
        let mut named: Vec<Ident> = Vec::new();
        let mut settings = Vec::new();
        for piece in split(tokens, errors) {
            let Some((name, kind, value)) = shape(&piece, table, errors) else { continue };
            if named.contains(&name) {
                errors.at(&name, format!("`{name}` is set twice; remove one"));
                continue;
            }
            named.push(name.clone());
            match kind.check(value) {
                Ok(value) => settings.push(Setting { name, value }),
                Err(error) => errors.add(error),
            }
        }
        Self(settings)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Setting> {
        self.0.iter().find(|setting| setting.name == name)
    }

    /// The runtime crate, as named with `crate = path`.
    pub(crate) fn crate_path(&self, span: Span) -> TokenStream {
        if let Some(Setting { value: Value::Path(path), .. }) = self.get("crate") {
            path.to_token_stream()
        } else {
            quote_spanned!(span=> ::bridgehead)
        }
    }

    /// All that the builder has a method for, as its calls.
    pub(crate) fn builder_calls(&self, krate: &TokenStream) -> TokenStream {
        let is_method = |name: &Ident| BUILDER.iter().any(|(known, _)| name == known);
        let settings = self.0.iter().filter(|setting| is_method(&setting.name));
        settings
            .map(|Setting { name, value }| {
                let value = value.to_expr(krate);
                quote!(.#name(#value))
            })
            .collect()
    }

    /// The name of the flavor that is written, or else of the default. `None` if it is known only when the program runs.
    pub(crate) fn flavor(&self, default: &'static str) -> Option<&'static str> {
        match self.get("flavor") {
            None => Some(default),
            Some(Setting { value: Value::Word(flavor), .. }) => Some(flavor.name),
            Some(_) => None,
        }
    }
}

impl Value {
    pub(crate) fn to_expr(&self, krate: &TokenStream) -> TokenStream {
        match self {
            Self::Expr(tokens) => tokens.clone(),
            Self::Word(word) => word.to_expr(krate),
            Self::Signals(signals) => {
                let signals = signals.iter().map(|signal| signal.to_expr(krate));
                quote!([#(#signals),*])
            }
            Self::Duration(duration) => {
                let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
                quote!(::core::time::Duration::new(#seconds, #nanos))
            }
            Self::Path(path) => path.to_token_stream(),
        }
    }
}

/// Splits at the commas that end an option, which those in `::<A, B>` and `|a, b|` don't.
fn split(tokens: TokenStream, errors: &mut Errors) -> Vec<Vec<TokenTree>> {
    let mut pieces = Vec::new();
    let mut piece: Vec<TokenTree> = Vec::new();
    let mut angles = 0_usize;
    let mut in_bars = false;
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '|' => {
                in_bars = !in_bars && begins_closure(&piece);
            }
            TokenTree::Punct(punct) if punct.as_char() == ',' && angles == 0 && !in_bars => {
                if piece.is_empty() {
                    errors.at(&token, "expected an option, found `,`");
                } else {
                    pieces.push(std::mem::take(&mut piece));
                }
                continue;
            }
            TokenTree::Punct(punct) if punct.as_char() == '<' && (angles > 0 || opens(&piece)) => angles += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' && angles > 0 && !is_arrow(&piece) => {
                angles -= 1;
            }
            _ => {}
        }
        piece.push(token);
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

/// Whether a `<` after these tokens opens a list of types: after `::`, and at the beginning of a value.
fn opens(before: &[TokenTree]) -> bool {
    ends_with(before, ':') || ends_with(before, '=')
}

/// Whether a `|` after these tokens begins the arguments of a closure.
fn begins_closure(before: &[TokenTree]) -> bool {
    ends_with(before, '=') || matches!(before.last(), Some(TokenTree::Ident(word)) if word == "move")
}

/// Whether a `>` after these tokens is the end of `->`.
fn is_arrow(before: &[TokenTree]) -> bool {
    ends_with(before, '-')
}

fn ends_with(tokens: &[TokenTree], c: char) -> bool {
    matches!(tokens.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == c)
}

/// Takes `option = value` apart, or says what is wrong with its shape.
fn shape(piece: &[TokenTree], table: &Table, errors: &mut Errors) -> Option<(Ident, Kind, TokenStream)> {
    let (name, words) = name(piece);
    let after = &piece[words..];
    let whole: TokenStream = piece.iter().cloned().collect();
    let written: TokenStream = piece[..words].iter().cloned().collect();
    let Some((known, kind)) = table.known().find(|(known, _)| *known == name) else {
        match (unknown(&name, table), after.first()) {
            (Some(message), _) => errors.at(written, message),
            (None, Some(TokenTree::Punct(punct))) if punct.as_char() == '=' => {
                errors.at(written, format!("unknown option `{name}`; expected {}", list(table)));
            }
            (None, _) if is_flavor(piece, table) => {
                let flavor = whole.to_string();
                let name = flavor.trim_matches('"');
                errors.at(whole, format!("expected `flavor = \"{name}\"`, found `{flavor}`"));
            }
            (None, _) => errors.at(whole, table.stray),
        }
        return None;
    };
    let example = kind.example();
    match after {
        [TokenTree::Punct(equals), value @ ..] if equals.as_char() == '=' => {
            let joint = equals.spacing() == Spacing::Joint;
            match value {
                [] => errors.at(whole, format!("expected a value; write `{known} = {example}`")),
                [TokenTree::Punct(second), ..] if joint && matches!(second.as_char(), '=' | '>') => {
                    let wrong = quote!(#equals #second);
                    errors.at(wrong, format!("expected `=`, found `={second}`"));
                }
                value => {
                    let TokenTree::Ident(name) = &piece[0] else { return None };
                    return Some((name.clone(), kind, value.iter().cloned().collect()));
                }
            }
        }
        [] => errors.at(whole, format!("expected a value; write `{known} = {example}`")),
        [TokenTree::Group(value), ..] => {
            let value = inside(value, example);
            errors.at(&whole, format!("expected `{known} = {value}`, found `{whole}`"));
        }
        [TokenTree::Punct(punct), ..] => errors.at(punct, format!("expected `=`, found `{punct}`")),
        [value, ..] => errors.at(value, format!("expected `=` before `{value}`")),
    }
    None
}

/// Whether it is the value of the option that is set most.
fn is_flavor(piece: &[TokenTree], table: &Table) -> bool {
    let takes_flavor = table.known().any(|(_, kind)| kind == Kind::Flavor);
    matches!(piece, [word] if takes_flavor && words::FLAVOR.named(word.to_string().trim_matches('"')).is_some())
}

/// The word that an option begins with, and how many tokens it takes: `worker-threads` is three.
fn name(piece: &[TokenTree]) -> (String, usize) {
    let is_word = |token: &TokenTree| matches!(token, TokenTree::Ident(_));
    let is_dash = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '-');
    let words = piece
        .iter()
        .enumerate()
        .take_while(|(i, token)| if i % 2 == 0 { is_word(token) } else { is_dash(token) })
        .count();
    // `a - 1` is no name.
    let words = if words % 2 == 0 { words.saturating_sub(1) } else { words };
    (piece[..words].iter().map(ToString::to_string).collect(), words)
}

fn unknown(name: &str, table: &Table) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    let foreign = table.foreign().find(|(foreign, _)| *foreign == fold(name));
    let known = table.known().map(|(known, _)| known);
    match (foreign, nearest(name, known)) {
        (Some((_, remedy)), _) => Some(format!("unknown option `{name}`; {remedy}")),
        (None, Some(meant)) => Some(format!("unknown option `{name}`; did you mean `{meant}`?")),
        (None, None) => None,
    }
}

fn list(table: &Table) -> String {
    let known: Vec<_> = table.known().map(|(known, _)| format!("`{known}`")).collect();
    match known.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} or {last}", most.join(", ")),
        all => all.concat(),
    }
}

fn inside(value: &Group, example: &str) -> String {
    if value.delimiter() == Delimiter::Parenthesis && !value.stream().is_empty() {
        value.stream().to_string()
    } else {
        example.to_owned()
    }
}

#[cfg(test)]
mod tests;
