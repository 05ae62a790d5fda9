//! Finds a twin type that an impl names but nothing defines, since the attribute is only on the
//! impl.

use proc_macro2::Ident;

use crate::source::call_site::file_of;
use crate::source::file::SourceFile;
use crate::source::lexer::Lexer;
use crate::source::token::Token;

/// Whether the async type is defined in the file of the impl, its twin type isn't, and no other
/// type there can have the twin's name. False if this isn't certain: the compiler then reports the
/// missing type.
pub(crate) fn is_lone(twin: &Ident, async_type: &Ident) -> bool {
    file_of(twin).is_some_and(|(source, offset)| is_lone_in(&source, offset, twin, async_type))
}

fn is_lone_in(source: &SourceFile, impl_at: usize, twin: &Ident, async_type: &Ident) -> bool {
    let (twin, async_type) = (twin.to_string(), async_type.to_string());
    let tokens: Vec<_> = Lexer::new(source.text()).collect();
    let before = |i: usize, back: usize| i.checked_sub(back).map(|i| tokens[i].1);
    let mut has_async_type = false;
    let mut is_in_use = false;
    for (i, (span, token)) in tokens.iter().enumerate() {
        match token {
            Token::Ident("use") => is_in_use = true,
            Token::Punct { char: ';', .. } => is_in_use = false,
            // A glob import may contain the twin.
            Token::Punct { char: '*', .. } if is_in_use && span.start < impl_at => return false,
            Token::Ident(word) if *word == async_type => {
                has_async_type |= matches!(before(i, 1), Some(Token::Ident("struct" | "enum")));
            }
            Token::Ident(word) if *word == twin => {
                let is_option = matches!(before(i, 1), Some(Token::Punct { char: '=', .. }))
                    && before(i, 2) == Some(Token::Ident("type"));
                let is_defined = if is_option {
                    item_behind(tokens[i..].iter().map(|(_, token)| *token)) != Some("impl")
                } else {
                    let keyword = matches!(
                        before(i, 1),
                        Some(Token::Ident("struct" | "enum" | "union" | "type" | "trait" | "as"))
                    );
                    keyword || is_in_use || source.invocations().around(span.start).is_some()
                };
                if is_defined {
                    return false;
                }
            }
            _ => {}
        }
    }
    has_async_type
}

/// The keyword of the item that an attribute is on.
fn item_behind<'a>(tokens: impl Iterator<Item = Token<'a>>) -> Option<&'a str> {
    const ITEMS: [&str; 8] =
        ["impl", "struct", "enum", "union", "trait", "fn", "mod", "macro_rules"];
    let mut words = tokens.filter_map(|token| match token {
        Token::Ident(word) => Some(word),
        _ => None,
    });
    words.find(|word| ITEMS.contains(word))
}

#[cfg(test)]
mod tests {
    use quote::format_ident;

    use super::*;

    #[test]
    fn a_type_that_may_be_there_is_not_lone() {
        const IMPL: &str =
            "#[blocking(type = Twin)] impl Client {} fn f(twin: Twin) { Twin::new() }";
        let is_lone = |before: &str, behind: &str| {
            let source = SourceFile::new(&format!("{before} {IMPL} {behind}"));
            is_lone_in(&source, before.len(), &format_ident!("Twin"), &format_ident!("Client"))
        };
        assert!(is_lone("struct Client;", ""));
        assert!(is_lone(
            "use std::io; enum Client {}",
            "#[blocking(type = Twin)] #[cfg(a)] impl Client {}"
        ));
        assert!(is_lone("struct Client;", "mod tests { use super::*; }"));
        for (before, behind) in [
            ("", ""),
            ("use a::Client;", ""),
            ("#[blocking(type = Twin, vis = pub)] #[derive(Debug)] struct Client;", ""),
            ("struct Client;", "struct Twin(Client);"),
            ("struct Client;", "type Twin = Other;"),
            ("use a::*; struct Client;", ""),
            ("use a::{b, Twin}; struct Client;", ""),
            ("use a::B as Twin; struct Client;", ""),
            ("struct Client;", "define! { Twin(Client) }"),
        ] {
            assert!(!is_lone(before, behind), "{before} {behind}");
        }
    }
}
