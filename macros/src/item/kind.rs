//! The kind of an item that has an attribute for functions, but can't be parsed as a function.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::diagnostics::Errors;

/// The kind of an item that can't be parsed as a function.
pub(crate) enum ItemKind {
    /// An item of another kind, with its keyword.
    Other(TokenTree),
    /// A macro call, with the macro's path and the `!`.
    MacroCall(TokenStream),
    /// A function with a fault that the compiler has reported already.
    FaultyFunction,
    /// A function whose syntax may be newer than the parser.
    Function,
    /// A statement or an expression. The compiler itself rejects the attribute there.
    Statement,
}

impl ItemKind {
    pub(crate) fn of(tokens: &TokenStream) -> Self {
        let words = "const enum extern impl macro_rules mod static struct trait type union use";
        // These words can come before `fn` too.
        let qualifiers = "const async gen unsafe safe extern default";
        let is_one_of =
            |words: &str, token: &TokenTree| words.split(' ').any(|word| token.to_string() == word);
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let begin = head(&tokens);
        let qualified = tokens[begin..]
            .iter()
            .take_while(|token| {
                is_one_of(qualifiers, token) || matches!(token, TokenTree::Literal(_))
            })
            .count();
        let after = &tokens[begin + qualified..];
        if after.first().is_some_and(|token| is_one_of("fn", token)) {
            let is_faulty =
                !is_in_order(&tokens[begin..begin + qualified]) || !has_arguments(after);
            return if is_faulty { Self::FaultyFunction } else { Self::Function };
        }
        if let Some(word) =
            tokens[begin..].iter().take(qualified + 1).find(|token| is_one_of(words, token))
        {
            return Self::Other(word.clone());
        }
        match after
            .iter()
            .position(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '!'))
        {
            Some(end) if after[..end].iter().all(is_in_path) => {
                Self::MacroCall(after[..=end].iter().cloned().collect())
            }
            _ => Self::Statement,
        }
    }

    /// Reports what was expected instead, unless the compiler reports the fault.
    pub(crate) fn refuse(&self, expected: &str, error: syn::Error, errors: &mut Errors) {
        match self {
            Self::Other(word) => errors.at(word, format!("expected `{expected}`, found `{word}`")),
            Self::MacroCall(name) => {
                errors.at(name, format!("expected `{expected}`, found a call of a macro"));
            }
            Self::Function => errors.add(error),
            Self::FaultyFunction | Self::Statement => {}
        }
    }
}

/// Whether the words before `fn` are in the order that the compiler requires.
fn is_in_order(qualifiers: &[TokenTree]) -> bool {
    let order = ["const", "async", "unsafe", "extern"];
    let places = qualifiers
        .iter()
        .filter_map(|token| order.iter().position(|word| token.to_string() == *word));
    places.is_sorted()
}

/// Whether `fn name` is followed by arguments or generics.
fn has_arguments(function: &[TokenTree]) -> bool {
    match function.get(2) {
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Parenthesis,
        Some(TokenTree::Punct(punct)) => punct.as_char() == '<',
        _ => false,
    }
}

/// The number of tokens that the attributes and the visibility take.
fn head(tokens: &[TokenTree]) -> usize {
    let is_group = |at: usize, delimiter| matches!(tokens.get(at), Some(TokenTree::Group(group)) if group.delimiter() == delimiter);
    let mut at = 0;
    while is_group(at + 1, Delimiter::Bracket) {
        at += 2;
    }
    if tokens.get(at).is_some_and(|token| token.to_string() == "pub") {
        at += if is_group(at + 1, Delimiter::Parenthesis) { 2 } else { 1 };
    }
    at
}

fn is_in_path(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => punct.as_char() == ':',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_it_is() {
        let of = |text: &str| match ItemKind::of(&text.parse().unwrap()) {
            ItemKind::Other(word) => word.to_string(),
            ItemKind::MacroCall(name) => name.to_string().replace(' ', ""),
            ItemKind::Function => "a function".to_owned(),
            ItemKind::FaultyFunction => "a faulty function".to_owned(),
            ItemKind::Statement => "a statement".to_owned(),
        };
        assert_eq!(of("struct Main;"), "struct");
        assert_eq!(of("#[derive(Debug)] #[allow(unused)] pub(crate) struct Main;"), "struct");
        assert_eq!(of("const MAIN: fn() = f;"), "const");
        assert_eq!(of("pub unsafe extern \"C\" { fn main(); }"), "extern");
        assert_eq!(of("unsafe impl Send for Main {}"), "impl");
        assert_eq!(of("macro_rules! main { () => {} }"), "macro_rules");
        assert_eq!(of("pub const async unsafe extern \"C\" fn main() {}"), "a function");
        assert_eq!(of("async fn main<T>() {}"), "a function");
        assert_eq!(of("async fn main {}"), "a faulty function");
        assert_eq!(of("unsafe async fn main() {}"), "a faulty function");
        assert_eq!(of("std::thread_local! { static MAIN: u32 = 4; }"), "std::thread_local!");
        assert_eq!(of("let main = 4;"), "a statement");
        assert_eq!(of("let main = vec![fn_name()];"), "a statement");
        assert_eq!(of("async || {}"), "a statement");
        assert_eq!(of("drop(4);"), "a statement");
        assert_eq!(of(""), "a statement");
    }
}
