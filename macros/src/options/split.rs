//! Splits options at the commas.

use proc_macro2::{Punct, Spacing, TokenStream, TokenTree};

use crate::errors::Errors;

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

/// Puts together what is one option without its brackets: `signals = "SIGINT", "SIGTERM"`.
pub(super) fn with_whole_lists(pieces: Vec<Vec<TokenTree>>) -> Vec<Vec<TokenTree>> {
    let is_list =
        |piece: &Vec<TokenTree>| matches!(piece.first(), Some(TokenTree::Ident(name)) if name == "signals");
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
