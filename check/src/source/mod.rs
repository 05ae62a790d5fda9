//! What the index doesn't know: which calls a file has, in which function each stands, and whether in async code.

mod allowed;
mod calls;
mod tokens;
mod visitor;

use std::rc::Rc;

use syn::visit::Visit;

use crate::error::{Error, Result};
use crate::index::{File, Symbol};
use crate::source::allowed::Allowed;
use crate::source::visitor::Visitor;
use crate::symbol::Path;

/// How the code around a position is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// By the function that it stands in, on the thread that calls this.
    Sync,
    /// By the task that polls it.
    Async(Body),
    /// On a thread that may block: in a closure for `spawn_blocking`, for instance.
    Offloaded,
}

/// What async code stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    Function,
    Block,
    Closure,
}

#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) symbol: Rc<Symbol>,
    pub(crate) is_async: bool,
    /// Not of a trait's method that each `impl` has to define.
    pub(crate) has_body: bool,
    /// The index' name of the trait's method that this one implements.
    pub(crate) implements: Option<String>,
    /// Whether a comment allows it to block.
    pub(crate) allowed: bool,
}

/// A call, or a function that is given to one.
#[derive(Debug)]
pub(crate) struct Call {
    /// The function that is called.
    pub(crate) symbol: Rc<Symbol>,
    /// Where its name stands.
    pub(crate) at: usize,
    /// The whole expression, if it is known.
    pub(crate) expression: std::ops::Range<usize>,
    /// The innermost function around it, as an index of `functions`. None in a constant.
    pub(crate) function: Option<usize>,
    pub(crate) place: Place,
    pub(crate) in_closure: bool,
}

/// What a file defines and calls.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) functions: Vec<Function>,
    pub(crate) calls: Vec<Call>,
}

/// Reads a file. `offloads` are the functions that run their closures on threads that may block.
pub(crate) fn read(file: &File, offloads: &[Path]) -> Result<Source> {
    let located =
        |at: usize, message: &str| Error::new(format!("{}:{}: {message}", file.path, file.line(at)));
    let allowed = Allowed::read(&file.text).map_err(|(at, message)| located(at, message))?;
    let parsed = syn::parse_str::<syn::File>(&without_shebang(&file.text))
        .map_err(|error| located(error.span().byte_range().start, &error.to_string()))?;
    let mut visitor = Visitor::new(file, offloads, allowed);
    visitor.visit_file(&parsed);
    Ok(visitor.source)
}

/// With a comment of the same length instead of a first line for the shell, and spaces for a byte order mark: every other byte
/// stays where it is.
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
        let file = File { path: "src/lib.rs".to_owned(), text: text.to_owned(), symbols: HashMap::new() };
        super::read(&file, &[]).map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn what_does_not_parse_is_an_error_with_its_place() {
        assert_eq!(read("fn f() {}\nfn 4() {}").unwrap_err(), "error: src/lib.rs:2: expected identifier");
    }

    #[test]
    fn a_comment_without_a_reason_is_an_error_with_its_place() {
        let message = "`bridgehead: allow blocking` needs a reason: write it after a comma";
        let error = read("\n// bridgehead: allow blocking\nfn f() {}").unwrap_err();
        assert_eq!(error, format!("error: src/lib.rs:2: {message}"));
    }

    #[test]
    fn a_line_for_the_shell_is_no_code() {
        for text in ["#!/usr/bin/env run\nfn f() {}", "#![allow(unused)]\nfn f() {}", "\u{feff}fn f() {}"] {
            assert_eq!(read(text), Ok(()), "{text}");
            assert_eq!(super::without_shebang(text).len(), text.len());
        }
    }
}
