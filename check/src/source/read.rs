//! Reads the functions and calls of files.

use syn::visit::Visit;

use crate::error::{Error, Result};
use crate::index::File;
use crate::source::allowed::Allowed;
use crate::source::parts::Source;
use crate::source::visitor::Visitor;
use crate::source::wrappers;
use crate::symbol::Path;

/// Reads all files. `offloads` are the functions that run their closures on threads that may block.
/// The functions of the workspace that pass their closures to these are added here.
pub(crate) fn read(files: Vec<File>, mut offloads: Vec<Path>) -> Result<Vec<(File, Source)>> {
    let parsed = files.iter().map(parse).collect::<Result<Vec<_>>>()?;
    let pairs: Vec<_> = files.iter().zip(&parsed).collect();
    wrappers::add(&pairs, &mut offloads);
    let sources = pairs.iter().map(|(file, parsed)| source(file, parsed, &offloads));
    let sources = sources.collect::<Result<Vec<_>>>()?;
    Ok(files.into_iter().zip(sources).collect())
}

fn parse(file: &File) -> Result<syn::File> {
    syn::parse_str(&without_shebang(&file.text))
        .map_err(|error| located(file, error.span().byte_range().start, &error.to_string()))
}

fn source(file: &File, parsed: &syn::File, offloads: &[Path]) -> Result<Source> {
    let allowed = Allowed::read(&file.text).map_err(|(at, message)| located(file, at, message))?;
    let mut visitor = Visitor::new(file, offloads, allowed);
    visitor.visit_file(parsed);
    Ok(visitor.source)
}

fn located(file: &File, at: usize, message: &str) -> Error {
    Error::new(format!("{}:{}: {message}", file.path, file.line(at)))
}

/// Replaces a first line for the shell by a comment of the same length, and a byte order mark by
/// spaces: every other byte stays where it is.
fn without_shebang(text: &str) -> String {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => format!("   {rest}"),
        None if text.starts_with("#!") && !text[2..].trim_start().starts_with('[') => {
            format!("//{}", &text[2..])
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use crate::index::File;

    fn read(text: &str) -> Result<(), String> {
        let (symbols, declarations) = (HashMap::new(), HashMap::new());
        let file =
            File { path: "src/lib.rs".to_owned(), text: text.to_owned(), symbols, declarations };
        super::read(vec![file], Vec::new()).map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn what_does_not_parse_is_an_error_with_its_place() {
        assert_eq!(
            read("fn f() {}\nfn 4() {}").unwrap_err(),
            "error: src/lib.rs:2: expected identifier"
        );
    }

    #[test]
    fn a_comment_without_a_reason_is_an_error_with_its_place() {
        let message = "`bridgehead: allow blocking` needs a reason: write it after a comma";
        let error = read("\n// bridgehead: allow blocking\nfn f() {}").unwrap_err();
        assert_eq!(error, format!("error: src/lib.rs:2: {message}"));
    }

    #[test]
    fn a_line_for_the_shell_is_no_code() {
        for text in
            ["#!/usr/bin/env run\nfn f() {}", "#![allow(unused)]\nfn f() {}", "\u{feff}fn f() {}"]
        {
            assert_eq!(read(text), Ok(()), "{text}");
            assert_eq!(super::without_shebang(text).len(), text.len());
        }
    }
}
