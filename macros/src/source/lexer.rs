//! Splits Rust source into tokens, as rustc's lexer does, but accepts any text and reports no
//! faults.

use std::ops::Range;

use crate::source::steps::count;
use crate::source::token::{Delimiter, Token};

/// The tokens of a text, each with its range. Comments, including doc comments, yield no tokens.
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut lexer = Self { text, at: 0 };
        lexer.skip_shebang();
        lexer.skip_frontmatter();
        lexer
    }

    /// Skips a first line that begins with `#!`, which is for the shell, unless it is an attribute
    /// `#![…]`.
    fn skip_shebang(&mut self) {
        if self.text.starts_with("#!") {
            self.at = 2;
            self.skip_trivia();
            let is_attribute = self.byte(0) == b'[';
            self.at = 0;
            if !is_attribute {
                self.skip_to("\n");
            }
        }
    }

    /// Skips the manifest of a single-file package, between two lines with the same number of
    /// dashes.
    fn skip_frontmatter(&mut self) {
        let rest = self.rest().trim_start();
        let dashes = &rest[..rest.len() - rest.trim_start_matches('-').len()];
        let start = self.text.len() - rest.len();
        count(rest.len());
        if let Some(end) = rest.find(&format!("\n{dashes}"))
            && dashes.len() >= 3
        {
            self.at = start + end + 1;
            self.skip_to("\n");
        }
    }

    /// The byte at this distance, or 0 beyond the end.
    fn byte(&self, ahead: usize) -> u8 {
        count(1);
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_to(&mut self, end: &str) {
        let length = self.rest().find(end).unwrap_or(self.rest().len());
        count(length);
        self.at += length;
    }

    /// Skips whitespace and comments.
    fn skip_trivia(&mut self) {
        loop {
            match self.byte(0) {
                b' ' | b'\t'..=b'\r' => self.at += 1,
                b'/' if self.byte(1) == b'/' => self.skip_to("\n"),
                b'/' if self.byte(1) == b'*' => self.skip_block_comment(),
                0x80.. => match self.rest().chars().next() {
                    Some(c) if is_space(c) => self.at += c.len_utf8(),
                    _ => return,
                },
                _ => return,
            }
        }
    }

    fn skip_block_comment(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.text.len() {
            match (self.byte(0), self.byte(1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    fn token(&mut self) -> Option<Token<'a>> {
        let first = *self.text.as_bytes().get(self.at)?;
        Some(match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word(),
            b'0'..=b'9' => self.number(),
            b'"' => self.string(),
            b'\'' => self.quote(),
            _ => {
                self.at += 1;
                self.mark(first)
            }
        })
    }

    fn mark(&self, mark: u8) -> Token<'a> {
        match mark {
            b'(' => Token::Open(Delimiter::Parenthesis),
            b')' => Token::Close(Delimiter::Parenthesis),
            b'{' => Token::Open(Delimiter::Brace),
            b'}' => Token::Close(Delimiter::Brace),
            b'[' => Token::Open(Delimiter::Bracket),
            b']' => Token::Close(Delimiter::Bracket),
            _ => Token::Punct { char: char::from(mark), joint: self.is_at_punct() },
        }
    }

    fn is_at_punct(&self) -> bool {
        let is_comment = self.byte(0) == b'/' && matches!(self.byte(1), b'/' | b'*');
        !is_comment && b"~!@#$%^&*-=+|;:,<.>/?'".contains(&self.byte(0))
    }

    fn word(&mut self) -> Token<'a> {
        let start = self.at;
        self.skip_word();
        let word = &self.text[start..self.at];
        match (word, self.byte(0)) {
            ("b" | "c", b'"') => return self.string(),
            ("b", b'\'') => {
                self.single_quoted();
                return Token::Literal;
            }
            ("r" | "br" | "cr", b'"' | b'#') if self.skip_raw_string() => return Token::Literal,
            ("r", b'#') if is_word_start(self.byte(1)) => {
                self.at += 1;
                self.skip_word();
            }
            _ => {}
        }
        Token::Ident(&self.text[start..self.at])
    }

    /// Skips the characters of a name. Beyond ASCII it accepts more than a name can contain: the
    /// compiler reports the rest.
    fn skip_word(&mut self) {
        loop {
            match self.byte(0) {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => self.at += 1,
                0x80.. => match self.rest().chars().next() {
                    Some(c) if !is_space(c) => self.at += c.len_utf8(),
                    _ => return,
                },
                _ => return,
            }
        }
    }

    /// Skips a name directly behind a literal.
    fn skip_suffix(&mut self) {
        if is_word_start(self.byte(0)) {
            self.skip_word();
        }
    }

    fn string(&mut self) -> Token<'a> {
        self.at += 1;
        loop {
            let found = self.rest().find(['"', '\\']);
            count(found.unwrap_or(self.rest().len()));
            match found {
                None => self.at = self.text.len(),
                Some(length) => {
                    self.at += length + 1;
                    if self.text.as_bytes()[self.at - 1] == b'\\' {
                        self.skip_char();
                        continue;
                    }
                }
            }
            self.skip_suffix();
            return Token::Literal;
        }
    }

    fn skip_char(&mut self) {
        self.at += self.rest().chars().next().map_or(0, char::len_utf8);
    }

    /// Skips `#"…"#`, if that is what follows.
    fn skip_raw_string(&mut self) -> bool {
        let rest = self.rest();
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        count(hashes);
        if self.byte(hashes) != b'"' {
            return false;
        }
        self.at += hashes + 1;
        loop {
            self.skip_to("\"");
            if self.at == self.text.len() {
                return true;
            }
            self.at += 1;
            let closing = self.rest().bytes().take(hashes).take_while(|byte| *byte == b'#').count();
            count(closing);
            self.at += closing;
            if closing == hashes {
                self.skip_suffix();
                return true;
            }
        }
    }

    /// A character literal, or a lifetime.
    fn quote(&mut self) -> Token<'a> {
        let mut chars = self.rest().chars().skip(1);
        let (first, second) = (chars.next(), chars.next());
        let is_lifetime = second != Some('\'')
            && first.is_some_and(|c| {
                c == '_' || c.is_ascii_alphanumeric() || !(c.is_ascii() || is_space(c))
            });
        if !is_lifetime {
            self.single_quoted();
            return Token::Literal;
        }
        self.at += 1;
        self.skip_word();
        if self.text[..self.at].ends_with("'r")
            && self.byte(0) == b'#'
            && is_word_start(self.byte(1))
        {
            self.at += 1;
            self.skip_word();
        }
        if self.byte(0) == b'\'' {
            self.at += 1;
            return Token::Literal;
        }
        Token::Lifetime
    }

    /// Skips a character literal. An unclosed one ends where rustc's lexer ends it.
    fn single_quoted(&mut self) {
        self.at += 1;
        let mut chars = self.rest().chars();
        if let (Some(first), Some('\'')) = (chars.next(), chars.next())
            && first != '\\'
        {
            self.at += first.len_utf8() + 1;
            return self.skip_suffix();
        }
        loop {
            match self.byte(0) {
                b'\'' => {
                    self.at += 1;
                    return self.skip_suffix();
                }
                b'/' => return,
                b'\n' if self.byte(1) != b'\'' => return,
                b'\\' => {
                    self.at += 1;
                    self.skip_char();
                }
                _ if self.at == self.text.len() => return,
                _ => self.skip_char(),
            }
        }
    }

    fn number(&mut self) -> Token<'a> {
        let is_decimal = self.byte(0) != b'0' || !matches!(self.byte(1), b'x' | b'o' | b'b');
        if is_decimal {
            self.skip_digits();
            // In `1..2` and `1.max(2)` the number ends before the dot.
            let is_fraction = |rest: &str| !rest.starts_with(|c| c == '.' || is_name_start(c));
            if self.rest().strip_prefix('.').is_some_and(is_fraction) {
                self.at += 1;
                self.skip_digits();
            }
            let has_sign =
                matches!(self.byte(0), b'e' | b'E') && matches!(self.byte(1), b'+' | b'-');
            if has_sign && self.byte(2).is_ascii_digit() {
                self.at += 2;
            }
        }
        // This also skips further digits, and a suffix.
        self.skip_word();
        Token::Literal
    }

    fn skip_digits(&mut self) {
        while matches!(self.byte(0), b'0'..=b'9' | b'_') {
            self.at += 1;
        }
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = (Range<usize>, Token<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_trivia();
        let start = self.at;
        self.token().map(|token| (start..self.at, token))
    }
}

fn is_word_start(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphabetic() || byte >= 0x80
}

fn is_name_start(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic() || !(c.is_ascii() || is_space(c))
}

/// Whether a character beyond ASCII is whitespace to rustc.
fn is_space(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests;
