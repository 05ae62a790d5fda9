//! The messages of the cases contain every text that the macros and the traits behind them can
//! emit.

use std::fs;
use std::path::{Path, PathBuf};

use bridgehead_ui_tests::{cases, children, package};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::LitStr;

/// Strings with a space that are no text of a message: lists of words, source that is searched for,
/// and texts of errors that syn or the compiler reports before the macros can.
const NO_MESSAGES: [&str; 11] = [
    "const async gen unsafe safe extern default",
    "const enum extern impl macro_rules mod static struct trait type union use",
    "fn impl trait mod struct enum union type use static macro_rules macro",
    "vec format println print eprintln eprint write writeln dbg matches assert assert_eq assert_ne",
    // The message of a panic.
    "a twin returns `self` for a reference, but its async function has returned another one",
    // The errors for a package that doesn't depend on this crate. Every case does: see
    // `reexports.rs`.
    "add it with `cargo add bridgehead`, or specify its path in another crate",
    "this package doesn't depend on `bridgehead`; {remedy}: `crate = path::to::bridgehead`",
    // The compiler, or another branch, refuses code that would cause these.
    "{EXPECTED} something else",
    "expected a whole group",
    "expected no value",
    "expected pairs of types, such as `(Transaction = BlockingTransaction)`",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in children(folder) {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !path.ends_with("tests.rs")
        {
            found.push(path);
        }
    }
}

/// The strings of a source file of the macros, without those of its attributes and tests.
fn strings(tokens: TokenStream, found: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    let mut is_test = false;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(hash) if hash.as_char() == '#' => {
                tokens.next_if(|token| token.to_string() == "!");
                let is_attribute = |token: &TokenTree| bracketed(token).is_some();
                let attribute = tokens.next_if(is_attribute).map(|attribute| attribute.to_string());
                is_test |= attribute.is_some_and(|text| text.contains("cfg (test)"));
            }
            TokenTree::Group(group) if is_test => is_test = group.delimiter() != Delimiter::Brace,
            TokenTree::Group(group) => strings(group.stream(), found),
            TokenTree::Punct(end) if end.as_char() == ';' => is_test = false,
            TokenTree::Literal(literal) if !is_test => {
                let text = syn::parse2::<LitStr>(TokenTree::from(literal).into());
                found.extend(text.map(|text| text.value()));
            }
            _ => {}
        }
    }
}

/// The strings in the attributes `#[diagnostic::on_unimplemented(…)]` of a file.
fn notes_of_traits(tokens: TokenStream, found: &mut Vec<String>) {
    for token in tokens {
        let TokenTree::Group(group) = &token else { continue };
        let is_note =
            bracketed(&token).is_some_and(|group| group.to_string().contains("on_unimplemented"));
        if is_note {
            strings(group.stream(), found);
        } else {
            notes_of_traits(group.stream(), found);
        }
    }
}

fn bracketed(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => Some(group),
        _ => None,
    }
}

/// A message has a space and begins in lower case. Other strings are documentation of a generated
/// item.
fn is_text(text: &str) -> bool {
    let is_lower =
        text.chars().next().is_some_and(|first| !first.is_uppercase() && !"#[ ".contains(first));
    is_lower && text.trim().contains(' ') && !NO_MESSAGES.contains(&text)
}

fn texts() -> Vec<(String, String)> {
    let workspace = package().parent().unwrap();
    let mut texts = Vec::new();
    for (folder, read) in
        [("macros/src", strings as fn(_, &mut _)), ("runtime/src", notes_of_traits)]
    {
        let mut files = Vec::new();
        sources(&workspace.join(folder), &mut files);
        for file in files {
            let mut found = Vec::new();
            read(fs::read_to_string(&file).unwrap().parse().unwrap(), &mut found);
            let file = file.strip_prefix(workspace).unwrap().display().to_string();
            texts.extend(
                found.into_iter().filter(|text| is_text(text)).map(|text| (file.clone(), text)),
            );
        }
    }
    texts
}

/// The messages of the compiler about all cases, without the source that they show.
fn messages() -> Vec<String> {
    let said = cases().into_iter().map(|case| case.said).collect::<Vec<_>>().join("\n");
    let is_reported = |line: &&str| !line.trim_start().starts_with(|c: char| c.is_ascii_digit());
    let said = said.lines().filter(is_reported).collect::<Vec<_>>().join("\n");
    said.split("\nerror").map(squeezed).collect()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The parts of a format string between its arguments.
fn pieces(text: &str) -> Vec<String> {
    let text = text.replace("{{", "\u{1}").replace("}}", "\u{2}");
    let pieces = text.split('{').enumerate().map(|(at, piece)| match piece.split_once('}') {
        Some((_, rest)) if at > 0 => rest,
        _ => piece,
    });
    pieces.map(|piece| squeezed(&piece.replace('\u{1}', "{").replace('\u{2}', "}"))).collect()
}

fn has(message: &str, pieces: &[String]) -> bool {
    let mut rest = Some(message);
    for piece in pieces {
        rest = rest.and_then(|rest| rest.split_once(piece.as_str())).map(|(_, behind)| behind);
    }
    rest.is_some()
}

#[test]
fn every_text_is_in_the_message_of_a_case() {
    let (texts, messages) = (texts(), messages());
    assert!(texts.len() > 250, "{}", texts.len());
    let is_shown = |text: &str| messages.iter().any(|message| has(message, &pieces(text)));
    let hidden: Vec<_> = texts.iter().filter(|(_, text)| !is_shown(text)).collect();
    assert!(hidden.is_empty(), "{hidden:#?}");
    // An exception that isn't needed is wrong as well.
    let shown: Vec<_> = NO_MESSAGES.iter().filter(|text| is_shown(text)).collect();
    assert!(shown.is_empty(), "{shown:#?}");
}
