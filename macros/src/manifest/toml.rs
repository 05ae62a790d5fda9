//! A parser for as much of TOML as it takes to find the dependencies in a `Cargo.toml`, which cargo
//! has parsed before.
//!
//! A parser from the registry costs each user a longer build: in a clean release build on two cores
//! `toml_parser` takes 1.2 s of CPU time, `toml-span` 2.5 s, `basic-toml` 4.0 s, and
//! `proc-macro-crate` with its `toml_edit` 8.5 s.

use std::iter::Peekable;
use std::vec::IntoIter;

/// A value, behind all keys that lead to it.
pub(super) type Entry = (Vec<String>, String);

/// All values outside of arrays. Strings are without their quotes, and other values as they are
/// written.
pub(super) fn entries(text: &str) -> Vec<Entry> {
    let mut reader = Reader { tokens: tokens(text).into_iter().peekable(), entries: Vec::new() };
    reader.document();
    reader.entries
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// A key, or a part of a value.
    Word(String),
    Mark(char),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => {
                let (value, length) = string(rest, first);
                tokens.push(Token::Word(value));
                length
            }
            '[' | ']' | '{' | '}' | ',' | '.' | '=' | '\n' => {
                tokens.push(Token::Mark(first));
                1
            }
            _ if first.is_whitespace() => first.len_utf8(),
            _ => {
                let is_end = |c: char| c.is_whitespace() || "#\"'[]{},.=".contains(c);
                let length = rest.find(is_end).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..length].to_owned()));
                length
            }
        };
        rest = &rest[length..];
    }
    tokens
}

/// The contents of the string that the text begins with, and its length including the quotes.
/// Escapes aren't resolved: no package's name contains one.
fn string(text: &str, quote: char) -> (String, usize) {
    let three = quote.to_string().repeat(3);
    let quotes = if text.starts_with(&three) { 3 } else { 1 };
    let mut chars = text.char_indices().skip(quotes);
    while let Some((at, c)) = chars.next() {
        if c == '\\' && quote == '"' {
            chars.next();
        } else if text[at..].starts_with(&three[..quotes]) {
            return (text[quotes..at].to_owned(), at + quotes);
        }
    }
    (String::new(), text.len())
}

struct Reader {
    tokens: Peekable<IntoIter<Token>>,
    entries: Vec<Entry>,
}

impl Reader {
    fn document(&mut self) {
        let mut table = Vec::new();
        while let Some(token) = self.tokens.peek() {
            match token {
                Token::Mark('[') => {
                    while self.takes('[') {}
                    table = self.keys(&[]);
                }
                Token::Word(_) => self.pair(&table),
                Token::Mark(_) => drop(self.tokens.next()),
            }
        }
    }

    fn takes(&mut self, mark: char) -> bool {
        self.tokens.next_if_eq(&Token::Mark(mark)).is_some()
    }

    /// Keys with dots between them, behind those of the table.
    fn keys(&mut self, table: &[String]) -> Vec<String> {
        let mut keys = table.to_vec();
        while let Some(Token::Word(key)) =
            self.tokens.next_if(|token| matches!(token, Token::Word(_)))
        {
            keys.push(key);
            self.takes('.');
        }
        keys
    }

    fn pair(&mut self, table: &[String]) {
        let keys = self.keys(table);
        if self.takes('=') {
            self.value(keys);
        }
    }

    fn value(&mut self, keys: Vec<String>) {
        if self.takes('{') {
            while self.tokens.peek().is_some() && !self.takes('}') {
                match self.tokens.peek() {
                    Some(Token::Word(_)) => self.pair(&keys),
                    _ => drop(self.tokens.next()),
                }
            }
        } else if self.takes('[') {
            let mut depth = 1;
            while depth > 0
                && let Some(token) = self.tokens.next()
            {
                match token {
                    Token::Mark('[') => depth += 1,
                    Token::Mark(']') => depth -= 1,
                    _ => {}
                }
            }
        } else if let Some(Token::Word(value)) = self.tokens.peek() {
            self.entries.push((keys, value.clone()));
            let is_part = |token: &Token| matches!(token, Token::Word(_) | Token::Mark('.'));
            while self.tokens.next_if(is_part).is_some() {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::entries;

    fn read(text: &str) -> Vec<String> {
        entries(text)
            .into_iter()
            .map(|(keys, value)| format!("{} = {value}", keys.join("/")))
            .collect()
    }

    #[test]
    fn each_way_of_writing_is_read() {
        let text = r#"
            title = 'a # b' # and "more"
            date = 1979-05-27 07:32:00.5
            [ dependencies ]
            a = "1"
            b = { version = "1", features = ["x", { y = 1 }, [ 'z' ]], package = 'bridgehead', } # last
            "c-d" . e = true
            [target.'cfg(any(unix, target_os = "a"))'.dependencies.f]
            package = "bridgehead"
            text = """
            [not] = "a \""" table"
            """
            [[bin]]
            name = "g"
        "#;
        let expected = [
            "title = a # b",
            "date = 1979-05-27",
            "dependencies/a = 1",
            "dependencies/b/version = 1",
            "dependencies/b/package = bridgehead",
            "dependencies/c-d/e = true",
            "target/cfg(any(unix, target_os = \"a\"))/dependencies/f/package = bridgehead",
        ];
        let read = read(text);
        assert_eq!(read[..expected.len()], expected);
        assert_eq!(read.last().unwrap(), "bin/name = g");
        assert_eq!(read.len(), expected.len() + 2);
    }

    #[test]
    fn any_text_is_read_to_its_end() {
        for text in [
            "", "[", "a", "a =", "a = {", "a = [", "a = \"", "= =", "a = { b", "]]}}", "a.=",
            "'''a",
        ] {
            read(text);
        }
    }
}
