//! Feeds arbitrary text to the readers of sources and of durations, which must accept or reject it.

use std::panic::{RefUnwindSafe, UnwindSafe};

use bolero::{TypeGenerator, ValueGenerator, check, produce};

use crate::options::duration;
use crate::reference::flatten;
use crate::seeds::FILES;
use crate::source::file::SourceFile;
use crate::source::lexer::Lexer;
use crate::source::steps::of as steps;
use crate::source::token::Token;

/// A piece of an arbitrary text.
#[derive(TypeGenerator)]
enum Piece {
    /// One of [`FRAGMENTS`].
    Fragment(u8),
    /// Some bytes of a seed.
    Part {
        file: u16,
        start: u16,
        length: u8,
    },
    Bytes(Vec<u8>),
}

/// Texts that begin, end or continue something, for a lexer or for the grammar.
const FRAGMENTS: &[&str] = &[
    "\"",
    "'",
    "\\",
    "#",
    "r#",
    "r\"",
    "br##\"",
    "\"##",
    "c\"",
    "b'",
    "'a",
    "'r#",
    "//",
    "/*",
    "*/",
    "/**",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\u{FEFF}",
    "\u{2028}",
    "\u{85}",
    "é",
    "名",
    "\u{301}",
    "\0",
    "#!",
    "---\n",
    "0x",
    "1.",
    "1e",
    "1e+",
    "..=",
    "=>",
    "->",
    "::",
    "::<",
    "<",
    ">",
    "|",
    "||",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ";",
    ",",
    "=",
    "$",
    "$(",
    "!",
    "?",
    "-",
    ".",
    "_",
    "async ",
    "const ",
    "static ",
    "fn ",
    "fn f",
    "let ",
    "match ",
    "if ",
    "for ",
    "in ",
    "as ",
    "impl ",
    "enum ",
    "union ",
    "macro ",
    "macro_rules! ",
    "extern ",
    "move ",
    "unsafe ",
    "pub",
    "where ",
    "else ",
    "use ",
    "mod ",
    "5",
    "ms",
    "h",
    "1m30s",
];

fn text(pieces: Vec<Piece>) -> String {
    let mut bytes = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Fragment(index) => {
                bytes.extend(FRAGMENTS[usize::from(index) % FRAGMENTS.len()].as_bytes());
            }
            Piece::Part { file, start, length } => {
                let file = &FILES[usize::from(file) % FILES.len()];
                let start = usize::from(start) % file.len();
                bytes.extend(file[start..].iter().take(usize::from(length)));
            }
            Piece::Bytes(other) => bytes.extend(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn any_text(iterations: usize, holds: impl Fn(&str) + UnwindSafe + RefUnwindSafe) {
    for file in &*FILES {
        holds(&String::from_utf8_lossy(file));
    }
    let texts = produce::<Vec<Piece>>().with().len(0..16_usize).map_gen(text);
    check!()
        .with_iterations(iterations)
        .with_generator(texts)
        .for_each(|text: &String| holds(text));
}

#[test]
fn every_text_has_tokens() {
    any_text(20_000, |text| {
        let mut end = 0;
        for (span, token) in Lexer::new(text) {
            assert!(end <= span.start && span.start < span.end, "{span:?} after {end}");
            end = span.end;
            // This panics if the span isn't within the text, or not at the boundaries of
            // characters.
            let written = &text[span];
            if let Token::Ident(word) = token {
                assert_eq!(word, written);
            }
        }
    });
}

/// Where `proc_macro2` finds tokens at all, they are the same. It requires balanced delimiters,
/// which arbitrary text hardly has, so it also gets the text without delimiters.
#[test]
fn tokens_are_those_of_others() {
    any_text(20_000, |text| {
        let source = SourceFile::new(text);
        let undelimited = source.text().replace(['(', ')', '[', ']', '{', '}'], " ");
        for text in [source.text(), &undelimited] {
            // `proc_macro2` doesn't know what may come before the tokens of a file.
            let is_before_tokens =
                text.starts_with(['\u{FEFF}', '#']) || text.trim_start().starts_with("---");
            // What rustc takes for a lifetime and a string, `proc_macro2` takes for a `'` and a
            // string with a prefix.
            let is_confusing = ["r", "b", "c", "br", "cr"].map(|prefix| format!("'{prefix}\""));
            let is_confusing = is_confusing.iter().any(|pair| text.contains(pair));
            if !is_before_tokens
                && !is_confusing
                && let Ok(stream) = text.parse()
            {
                let found: Vec<_> =
                    Lexer::new(text).map(|(span, token)| (span.start, token)).collect();
                assert_eq!(found, flatten(text, stream));
            }
        }
        proc_macro2::extra::invalidate_current_thread_spans();
    });
}

#[test]
fn every_place_has_a_scope() {
    any_text(2_000, |text| {
        let source = SourceFile::new(text);
        for offset in (0..source.text().len() + 2).chain([usize::MAX]) {
            source.scope(offset);
        }
        let lines: Vec<_> = source.text().split('\n').collect();
        for (line, text) in lines.iter().enumerate() {
            let columns = text.chars().count() + 1;
            for column in 1..=columns {
                let offset = source.offset(line + 1, column).expect("a place in the text");
                assert!(source.has(offset, ""), "{offset} is no place between characters");
            }
            assert_eq!(source.offset(line + 1, columns + 1), None);
        }
        assert_eq!(source.offset(lines.len() + 1, 1), None);
    });
}

#[test]
fn steps_are_as_many_as_bytes() {
    any_text(20_000, |text| {
        let steps = steps(|| {
            SourceFile::new(text);
        });
        assert!(steps <= 8 * (text.len() + 1), "{steps} for {} bytes", text.len());
    });
}

#[test]
fn every_text_is_a_duration_or_not() {
    any_text(20_000, |text| {
        let fault = duration::parse(text).err();
        assert!(fault.is_none_or(|fault| !fault.is_empty()));
    });
}
