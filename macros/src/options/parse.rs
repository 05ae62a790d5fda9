//! Splits options at the commas, and separates each `option = value`, or reports what is wrong with
//! its shape.
//!
//! `syn::punctuated` isn't used, since it stops at the first fault. Each option is read on its own,
//! so that the faults of all options are reported.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, TokenStream, TokenTree};
use syn::{Lit, LitStr};

use crate::diagnostics::{Errors, fold, nearest};
use crate::options::duration;
use crate::options::keywords;
use crate::options::schema::{BUILDER, Schema};
use crate::options::value::ValueKind;
use crate::source::call_site::as_written;
use crate::source::tokens::{begins_with, ends_with, mentions};

/// Splits at the commas that end an option, which those in `::<A, B>` and `|a, b|` don't.
pub(super) fn split(tokens: TokenStream, errors: &mut Errors) -> Vec<Vec<TokenTree>> {
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
            TokenTree::Punct(punct) if punct.as_char() == '<' && (angles > 0 || opens(&piece)) => {
                angles += 1;
            }
            TokenTree::Punct(punct)
                if punct.as_char() == '>' && angles > 0 && !is_arrow(&piece) =>
            {
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

/// Joins the pieces of a list that lacks its brackets, such as `signals = "SIGINT", "SIGTERM"`, so
/// that they are one option.
pub(super) fn with_whole_lists(pieces: Vec<Vec<TokenTree>>) -> Vec<Vec<TokenTree>> {
    let is_list = |piece: &Vec<TokenTree>| matches!(piece.first(), Some(TokenTree::Ident(name)) if name == "signals");
    let mut whole: Vec<Vec<TokenTree>> = Vec::new();
    for piece in pieces {
        match (whole.last_mut(), piece.as_slice()) {
            (Some(list), [TokenTree::Literal(_)]) if is_list(list) => {
                list.push(Punct::new(',', Spacing::Alone).into());
                list.extend(piece);
            }
            _ => whole.push(piece),
        }
    }
    whole
}

/// Whether a `<` after these tokens opens a list of types: after `::`, and at the beginning of a
/// value.
fn opens(before: &[TokenTree]) -> bool {
    ends_with(before, ':') || ends_with(before, '=')
}

/// Whether a `|` after these tokens begins the arguments of a closure.
fn begins_closure(before: &[TokenTree]) -> bool {
    ends_with(before, '=')
        || matches!(before.last(), Some(TokenTree::Ident(word)) if word == "move")
}

/// Whether a `>` after these tokens is the end of `->`.
fn is_arrow(before: &[TokenTree]) -> bool {
    ends_with(before, '-')
}

/// Separates an option into its name, the kind of its value and the value. `None` if its shape is
/// wrong, which is reported.
pub(super) fn shape(
    piece: &[TokenTree],
    schema: &Schema,
    errors: &mut Errors,
) -> Option<(Ident, ValueKind, TokenStream)> {
    let (name, words) = name(piece, schema);
    let (written, after) = piece.split_at(words);
    let whole = || stream(piece);
    let Some((known, kind)) = schema.known().find(|(known, _)| *known == name) else {
        not_known(&name, written, after, schema, errors);
        return None;
    };
    let example = kind.example();
    match after {
        [] if matches!(kind, ValueKind::Flag | ValueKind::Switch) => {
            let TokenTree::Ident(name) = &piece[0] else { return None };
            return Some((name.clone(), kind, TokenStream::new()));
        }
        [TokenTree::Group(pairs)] if kind == ValueKind::TypePairs => {
            let TokenTree::Ident(name) = &piece[0] else { return None };
            return Some((name.clone(), kind, pairs.stream()));
        }
        _ if kind == ValueKind::TypePairs => {
            errors.at(
                whole(),
                format!("expected `{known}{example}`, found `{}`", as_written(&whole())),
            );
        }
        _ if kind == ValueKind::Flag => {
            errors.at(whole(), format!("`{known}` takes no value; write `{known}`"));
        }
        [TokenTree::Punct(equals), value @ ..] if equals.as_char() == '=' => {
            let is_longer = equals.spacing() == Spacing::Joint
                && matches!(value.first(), Some(TokenTree::Punct(second)) if "=>".contains(second.as_char()));
            match value {
                [] => errors.at(whole(), format!("expected a value; write `{known} = {example}`")),
                _ if is_longer => not_equals(after, errors),
                value => {
                    let TokenTree::Ident(name) = &piece[0] else { return None };
                    return Some((name.clone(), kind, stream(value)));
                }
            }
        }
        [] => errors.at(whole(), format!("expected a value; write `{known} = {example}`")),
        [TokenTree::Group(value), ..] => {
            let value = inside(value, example);
            errors.at(whole(), format!("expected `{known} = {value}`, found `{}`", whole()));
        }
        [TokenTree::Punct(_), ..] => not_equals(after, errors),
        [value, ..] => errors.at(value, format!("expected `=` before `{value}`")),
    }
    None
}

/// Reports what is written instead of the `=`, such as `+=` or `::`.
fn not_equals(after: &[TokenTree], errors: &mut Errors) {
    let is_joint = |token: &&TokenTree| matches!(token, TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint);
    let joint = after.iter().take_while(is_joint).count();
    let found = stream(&after[..after.len().min(joint + 1)]);
    let text: String = found.clone().into_iter().map(|token| token.to_string()).collect();
    errors.at(found, format!("expected `=`, found `{text}`"));
}

/// Reports an unknown option, and proposes what was probably meant.
fn not_known(
    name: &str,
    written: &[TokenTree],
    after: &[TokenTree],
    schema: &Schema,
    errors: &mut Errors,
) {
    let piece = [written, after].concat();
    let (whole, written) = (stream(&piece), stream(written));
    let has_value = begins_with(after, '=');
    if !has_value && let Some(meant) = value_without_name(&piece, schema) {
        return errors.at(&whole, format!("{meant}, found `{}`", as_written(&whole)));
    }
    if let Some(remedy) = unknown(name, schema) {
        return errors.at(written, format!("unknown option `{name}`; {remedy}"));
    }
    if has_value && !name.is_empty() {
        return errors.at(written, format!("unknown option `{name}`; expected {}", list(schema)));
    }
    if let Some(TokenTree::Literal(first)) = piece.first()
        && let Ok(text) = syn::parse_str::<LitStr>(&first.to_string())
        && let Some(name) = text.value().split('=').next().map(str::trim)
        && schema.known().any(|(known, _)| known == name)
    {
        return errors.at(first, format!("expected `{name}`, found a string; remove the quotes"));
    }
    let Some(stray) = schema.stray else {
        let equals = piece.iter().position(|token| begins_with(std::slice::from_ref(token), '='));
        return match equals {
            Some(end @ 1..) => {
                let name = stream(&piece[..end]);
                errors
                    .at(&name, format!("expected an option's name, found `{}`", as_written(&name)));
            }
            _ => errors
                .at(&whole, format!("expected `option = value`, found `{}`", as_written(&whole))),
        };
    };
    if !errors.has(stray) {
        errors.at(whole, stray);
    }
}

/// The word that an option begins with, and how many tokens it takes: `worker-threads` is three,
/// and `worker threads` two.
fn name(piece: &[TokenTree], schema: &Schema) -> (String, usize) {
    let is_word = |at: usize| matches!(piece.get(at), Some(TokenTree::Ident(_)));
    let is_dash = |at: usize| piece.get(at..).is_some_and(|rest| begins_with(rest, '-'));
    if !is_word(0) {
        return (String::new(), 0);
    }
    let mut name = piece[0].to_string();
    let mut words = 1;
    while is_dash(words) && is_word(words + 1) {
        name = format!("{name}-{}", piece[words + 1]);
        words += 2;
    }
    let run = piece.iter().take_while(|token| matches!(token, TokenTree::Ident(_))).count();
    let is_known = schema.known().any(|(known, _)| known == name);
    if run > words && !is_known && begins_with(&piece[run..], '=') {
        let all: Vec<_> = piece[..run].iter().map(ToString::to_string).collect();
        return (all.join(" "), run);
    }
    (name, words)
}

/// The remedy for an option that doesn't exist.
fn unknown(name: &str, schema: &Schema) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    if let Some((_, remedy)) = schema.foreign().find(|(foreign, _)| *foreign == fold(name)) {
        return Some(remedy.to_owned());
    }
    let known = || schema.known().map(|(known, _)| known);
    let is_of_builder = BUILDER.iter().any(|(option, _)| *option == fold(name));
    if is_of_builder && !known().any(|option| option == fold(name)) {
        return Some("it belongs to `#[entry]`".to_owned());
    }
    let longer = || {
        known()
            .find(|known| fold(name).strip_prefix(known).is_some_and(|rest| rest.starts_with('_')))
    };
    nearest(name, known()).or_else(longer).map(|meant| format!("did you mean `{meant}`?"))
}

/// The message about a value without an option's name, if it is clear to which option it belongs.
fn value_without_name(piece: &[TokenTree], schema: &Schema) -> Option<String> {
    let takes = |option: &str| {
        schema.known().any(|(known, kind)| known == option && kind != ValueKind::Switch)
    };
    let whole = stream(piece);
    let word = if let [token] = piece { token.to_string() } else { String::new() };
    let word = word.trim_matches('"');
    let duration = match duration::parse(word) {
        Ok(_) => Some(format!("\"{word}\"")),
        Err(_) => mentions(whole.clone(), "Duration").then(|| as_written(&whole)),
    };
    if let Some(duration) = duration {
        let is_elsewhere =
            schema.stray.is_some() && schema.foreign().any(|(foreign, _)| foreign == "timeout");
        return match takes("timeout") {
            true => Some(format!("expected `timeout = {duration}`")),
            false if is_elsewhere => {
                Some(format!("expected `try_sync_call!(…, timeout = {duration})`"))
            }
            false => None,
        };
    }
    if takes("flavor")
        && let Some(flavor) = keywords::FLAVOR.meant(word)
    {
        return Some(format!("expected `flavor = \"{flavor}\"`"));
    }
    match syn::parse2(whole) {
        Ok(Lit::Int(_)) if takes("worker_threads") => {
            Some(format!("expected `worker_threads = {word}`"))
        }
        _ => None,
    }
}

fn list(schema: &Schema) -> String {
    let known: Vec<_> = schema.known().map(|(known, _)| format!("`{known}`")).collect();
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

fn stream(tokens: &[TokenTree]) -> TokenStream {
    tokens.iter().cloned().collect()
}
