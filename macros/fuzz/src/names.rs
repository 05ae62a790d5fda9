//! Checks the names in the macros' output, for all uses of the macros in the workspace.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::expansion::Called;

/// Names that can't clash with the user's: they are resolved where the macro is defined, or are
/// local to a function that the macro generates.
const LOCALS: [&str; 13] = [
    "__bridgehead",
    "_entered",
    "_runtime",
    "allow_async",
    "call_timeout",
    "entered",
    "error",
    "inner",
    "main",
    "returned",
    "timeout",
    "twin",
    "value",
];
/// Words that can come before a path that begins with `::`.
const KEYWORDS: [&str; 20] = [
    "_", "as", "async", "const", "else", "fn", "for", "impl", "in", "let", "match", "mod", "move",
    "mut", "pub", "ref", "struct", "type", "use", "where",
];
/// Words that a path can begin with anywhere.
const PLACES: [&str; 4] = ["Self", "crate", "self", "super"];

/// Words that can come before a name that is new.
const DEFINING: [&str; 5] = ["fn", "mod", "struct", "trait", "type"];

/// The uses of the macros in a file: the macro, its input and its output.
#[derive(Default)]
struct Uses(Vec<(Called, TokenStream, TokenStream)>);

impl Uses {
    fn find(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            let TokenTree::Group(group) = token else { continue };
            self.find(group.stream());
            match &tokens[..at] {
                [.., TokenTree::Punct(hash)] if hash.as_char() == '#' => {
                    self.attribute(group, &item(&tokens[at + 1..]));
                }
                [.., TokenTree::Ident(name), TokenTree::Punct(mark)] if mark.as_char() == '!' => {
                    self.call(&name.to_string(), group.stream());
                }
                _ => {}
            }
        }
    }

    fn attribute(&mut self, attribute: &Group, item: &TokenStream) {
        let mut path: Vec<TokenTree> = attribute.stream().into_iter().collect();
        let options = match path.pop() {
            Some(TokenTree::Group(options)) => options.stream(),
            last => {
                path.extend(last);
                TokenStream::new()
            }
        };
        let path = path.iter().map(ToString::to_string).collect::<String>();
        let name = path.trim_start_matches("::").trim_start_matches("bridgehead::");
        // A bare `test` is std's.
        if let Some(called) =
            Called::of(name).filter(|called| *called != Called::Test || name != path)
        {
            let output = called.expand(options.clone(), item);
            self.0.push((called, [options, item.clone()].into_iter().collect(), output));
        }
    }

    fn call(&mut self, name: &str, input: TokenStream) {
        if let Some(called @ (Called::SyncCall | Called::TrySyncCall)) = Called::of(name) {
            let output = called.expand(TokenStream::new(), &input);
            self.0.push((called, input, output));
        }
    }
}

/// The tokens of the first item, which ends with its braces or with a semicolon.
fn item(tokens: &[TokenTree]) -> TokenStream {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    let length = tokens.iter().position(is_end).map_or(tokens.len(), |last| last + 1);
    tokens[..length].iter().cloned().collect()
}

/// The names in some tokens.
#[derive(Default)]
struct Names {
    /// Paths such as `::first::second`.
    absolute: HashSet<String>,
    /// The first words of other paths, and single names.
    relative: HashSet<String>,
    /// Names behind `fn`, `struct` and the like.
    defined: HashSet<String>,
    all: HashSet<String>,
}

impl Names {
    fn of(tokens: TokenStream) -> Self {
        let mut names = Self::default();
        names.read(tokens);
        names
    }

    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            let (before, behind) = (&tokens[..at], &tokens[at + 1..]);
            match token {
                // The names in an attribute aren't checked.
                TokenTree::Group(_) if before.last().is_some_and(|last| is(last, '#')) => {}
                TokenTree::Group(group) => self.read(group.stream()),
                TokenTree::Ident(name) => self.name(name.to_string(), before),
                TokenTree::Punct(_) => match before {
                    [before @ .., first]
                        if is(first, ':') && is(token, ':') && begins(before.last()) =>
                    {
                        self.absolute
                            .insert(behind.iter().take(4).map(ToString::to_string).collect());
                    }
                    _ => {}
                },
                TokenTree::Literal(_) => {}
            }
        }
    }

    fn name(&mut self, name: String, before: &[TokenTree]) {
        self.all.insert(name.clone());
        match before {
            [.., TokenTree::Ident(word)] if DEFINING.iter().any(|known| word == known) => {
                self.defined.insert(name);
            }
            [.., first, second] if is(first, ':') && is(second, ':') => {}
            // The name of a field, a method or a lifetime.
            [.., last] if is(last, '.') || is(last, '\'') => {}
            _ => {
                self.relative.insert(name);
            }
        }
    }
}

fn is(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

/// Whether a `::` behind this is the beginning of a path.
fn begins(before: Option<&TokenTree>) -> bool {
    match before {
        Some(TokenTree::Ident(word)) => KEYWORDS.iter().any(|known| word == known),
        Some(TokenTree::Group(group)) => group.delimiter() != Delimiter::None,
        Some(token) => !is(token, '>'),
        None => true,
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The output may name the runtime crate's hidden module, `core`, and what the user has named. Of
/// `std` it may name only what `main` returns.
#[test]
fn only_what_is_meant_is_named() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let mut paths = Vec::new();
    for folder in ["clients", "runtime/examples", "tests", "ui-tests"] {
        files(&workspace.join(folder), &mut paths);
    }
    let mut uses = Uses::default();
    for path in paths {
        // A case may not be Rust at all.
        if let Ok(tokens) = fs::read_to_string(path).unwrap().parse() {
            uses.find(tokens);
        }
    }
    let mut wrong = HashSet::new();
    for (called, input, output) in &uses.0 {
        let name = called.name();
        let (given, named) = (Names::of(input.clone()), Names::of(output.clone()));
        // The last path is that of a crate which is named in quotes.
        let doors = ["core::", "bridgehead::__private", "std::process", "facade::deep"];
        let absolute = named.absolute.difference(&given.absolute);
        let is_door = |path: &&String| doors.iter().any(|door| path.starts_with(door));
        wrong
            .extend(absolute.filter(|path| !is_door(path)).map(|path| format!("{name}: ::{path}")));
        let is_own = |word: &&String| {
            let word = word.as_str();
            let numbered = word.trim_end_matches(|c: char| c.is_ascii_digit());
            LOCALS.contains(&word)
                || KEYWORDS.contains(&word)
                || PLACES.contains(&word)
                || ["argument_", "value_", "T", "S", "This"].contains(&numbered)
                || given.all.contains(word)
                || given.all.iter().any(|name| name.trim_start_matches('_') == word)
                || named.defined.contains(word)
        };
        let relative = named.relative.iter().filter(|word| !is_own(word));
        wrong.extend(relative.map(|word| format!("{name}: {word}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for called in Called::ALL {
        let count = uses.0.iter().filter(|(other, ..)| *other == called).count();
        assert!(count > 10, "{count} uses of `{}` only", called.name());
    }
}
