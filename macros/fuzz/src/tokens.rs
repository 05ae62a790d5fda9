//! Tokens as an editor has them while a user types.

use bolero::TypeGenerator;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// An edit of tokens. Places count from the start, modulo the number of tokens.
#[derive(TypeGenerator)]
pub(crate) enum Edit {
    Drop {
        at: u16,
    },
    Double {
        at: u16,
    },
    Swap {
        at: u16,
        with: u16,
    },
    /// Drops what follows.
    Truncate {
        at: u16,
    },
    /// Drops what comes before.
    Behead {
        at: u16,
    },
    /// Inserts one of [`WORDS`].
    Insert {
        at: u16,
        word: u8,
    },
    /// Wraps tokens in an invisible group, in which a `macro_rules!` fragment arrives.
    Wrap {
        from: u16,
        length: u8,
    },
}

const WORDS: &[&str] = &[
    "async",
    "fn",
    "main",
    "await",
    "unsafe",
    "const",
    "extern",
    "pub",
    "move",
    "where",
    "impl",
    "self",
    "mut",
    "gen",
    "r#fn",
    "_",
    "crate",
    "let",
    "return",
    "break",
    "match",
    "dyn",
    "if",
    "else",
    ".",
    "?",
    ";",
    ",",
    "=",
    "==",
    "=>",
    "->",
    "::",
    "<",
    ">",
    "|",
    "||",
    "&",
    "!",
    "#",
    "$",
    "-",
    "+",
    "..",
    "...",
    "..=",
    "'a",
    "'_",
    "()",
    "[]",
    "{}",
    "(,)",
    "[a]",
    "\"5s\"",
    "\"\"",
    "\"\\0\"",
    "b\"a\"",
    "c\"a\"",
    "r#\"a\"#",
    "'a'",
    "b'a'",
    "0",
    "4",
    "4u8",
    "-1",
    "4.5",
    "1e9",
    "0x1F",
    "99999999999999999999999999999999999999999999",
    "true",
    "a",
    "a::b",
    "a.b()",
    "flavor",
    "worker_threads",
    "signals",
    "timeout",
    "allow_async",
    "\"SIGINT\"",
    "sync_call!",
    "#[test]",
    "#![a]",
];

/// The text's tokens after the edits.
pub(crate) fn edited(text: &str, edits: &[Edit]) -> TokenStream {
    let mut tokens = Vec::new();
    flatten(text.parse().expect("a seed has tokens"), &mut tokens);
    for edit in edits {
        edit.apply(&mut tokens);
    }
    tree(tokens)
}

/// A token. A delimiter is a token of its own.
#[derive(Clone)]
enum Flat {
    Open(Delimiter),
    Close(Delimiter),
    Other(TokenTree),
    /// A `'` with the name of the lifetime, which are never separated.
    Lifetime(TokenTree, Option<TokenTree>),
}

fn flatten(tokens: TokenStream, flat: &mut Vec<Flat>) {
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        if let TokenTree::Group(group) = token {
            flat.push(Flat::Open(group.delimiter()));
            flatten(group.stream(), flat);
            flat.push(Flat::Close(group.delimiter()));
        } else if token.to_string() == "'" {
            flat.push(Flat::Lifetime(token, tokens.next()));
        } else {
            flat.push(Flat::Other(token));
        }
    }
}

impl Edit {
    fn apply(&self, tokens: &mut Vec<Flat>) {
        let length = tokens.len();
        let place = |at: u16| usize::from(at) % (length + 1);
        let of = |at: u16| usize::from(at) % length.max(1);
        match *self {
            Self::Insert { at, word } => {
                let mut word_tokens = Vec::new();
                let word = WORDS[usize::from(word) % WORDS.len()];
                flatten(word.parse().expect("a word has tokens"), &mut word_tokens);
                tokens.splice(place(at)..place(at), word_tokens);
            }
            Self::Wrap { from, length: wrapped } => {
                let start = place(from);
                let end = (start + usize::from(wrapped % 8)).min(length);
                tokens.insert(end, Flat::Close(Delimiter::None));
                tokens.insert(start, Flat::Open(Delimiter::None));
            }
            _ if length == 0 => {}
            Self::Drop { at } => {
                tokens.remove(of(at));
            }
            Self::Double { at } => tokens.insert(of(at), tokens[of(at)].clone()),
            Self::Swap { at, with } => tokens.swap(of(at), of(with)),
            Self::Truncate { at } => tokens.truncate(of(at)),
            Self::Behead { at } => drop(tokens.drain(..of(at))),
        }
    }
}

/// Groups the tokens. A delimiter that closes nothing is left out, and a group that isn't closed
/// ends with the group around it.
fn tree(tokens: Vec<Flat>) -> TokenStream {
    let mut open: Vec<(Delimiter, TokenStream)> = Vec::new();
    let mut current = TokenStream::new();
    for token in tokens {
        match token {
            Flat::Open(delimiter) => open.push((delimiter, std::mem::take(&mut current))),
            Flat::Close(delimiter) if open.iter().any(|(other, _)| *other == delimiter) => {
                while let Some((closed, around)) = open.pop() {
                    current = grouped(closed, current, around);
                    if closed == delimiter {
                        break;
                    }
                }
            }
            Flat::Close(_) => {}
            Flat::Other(token) => current.extend([token]),
            Flat::Lifetime(quote, name) => {
                current.extend([Some(quote), name].into_iter().flatten())
            }
        }
    }
    while let Some((closed, around)) = open.pop() {
        current = grouped(closed, current, around);
    }
    current
}

fn grouped(delimiter: Delimiter, inside: TokenStream, mut around: TokenStream) -> TokenStream {
    // An empty invisible group is left out, since `syn` itself reads it differently in parentheses.
    if delimiter != Delimiter::None || !inside.is_empty() {
        around.extend([TokenTree::Group(Group::new(delimiter, inside))]);
    }
    around
}

/// The tokens as text, with marks for the invisible groups.
pub(crate) fn shown(tokens: TokenStream) -> String {
    let words = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let (open, close) = match group.delimiter() {
                Delimiter::Parenthesis => ('(', ')'),
                Delimiter::Brace => ('{', '}'),
                Delimiter::Bracket => ('[', ']'),
                Delimiter::None => ('«', '»'),
            };
            format!("{open}{}{close}", shown(group.stream()))
        }
        token => token.to_string(),
    });
    words.collect::<Vec<_>>().join(" ")
}
