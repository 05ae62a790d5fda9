//! Where in its source a macro is called. No macro is told, but since Rust 1.88 it knows file, line and column of its tokens: it reads
//! its own file and looks the position up.
//!
//! Where anything doesn't fit together there is no answer: no file (an editor's server), a file that can't be read or has changed since,
//! and at that position no call of the macro, since another macro has made this one and given it a position of its own.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::SystemTime;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

use crate::source::file::SourceFile;
use crate::source::scopes::scope::Scope;

/// What the call of the macro stands in directly, and the ends of the user's tokens if it was seen there and not at the call itself.
///
/// A call in the body of a `macro_rules!` definition, and in no function there, stands where the macro's user has written its argument.
pub(crate) fn scope(name: &str, argument: &TokenStream) -> Option<(Scope, Option<[TokenTree; 2]>)> {
    if !proc_macro::is_available() {
        return None;
    }
    match at(Span::call_site(), |source, text| calls(source, text, name))? {
        Scope::MacroRules => {
            let (first, last) = (first(argument)?, last(argument)?);
            let scope = at(first.span(), |_, _| true)?;
            (scope != Scope::MacroRules).then_some((scope, Some([first, last])))
        }
        scope => Some((scope, None)),
    }
}

/// The tokens as the user wrote them, if they are in one line.
pub(crate) fn text(tokens: &TokenStream) -> Option<String> {
    if !proc_macro::is_available() {
        return None;
    }
    let (first, last) = (first(tokens)?.span().unwrap(), last(tokens)?.span().unwrap().end());
    let source = source_file(first)?;
    let start = source.offset(first.line(), first.column())?;
    let end = source.offset(last.line(), last.column())?;
    let text = source.has(start, &first.source_text()?).then(|| source.text().get(start..end))??;
    (!text.contains('\n')).then(|| text.to_owned())
}

/// Tokens as the user wrote them, or would: without the spaces in paths and after a sign.
pub(crate) fn as_written(tokens: &TokenStream) -> String {
    if let Some(text) = text(tokens) {
        return text;
    }
    let text = tokens.to_string().replace(" :: ", "::");
    match text.split_once(' ') {
        Some((sign @ ("+" | "-" | "!"), rest)) => format!("{sign}{rest}"),
        _ => text,
    }
}

/// The innermost of the invisible groups that a `macro_rules!` fragment arrives in is what has a position.
fn first(tokens: &TokenStream) -> Option<TokenTree> {
    match tokens.clone().into_iter().next()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => first(&group.stream()),
        token => Some(token),
    }
}

fn last(tokens: &TokenStream) -> Option<TokenTree> {
    match tokens.clone().into_iter().last()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => last(&group.stream()),
        token => Some(token),
    }
}

fn at(span: Span, is_expected: impl FnOnce(&str, &str) -> bool) -> Option<Scope> {
    let span = span.unwrap();
    let text = span.source_text()?;
    let source = source_file(span)?;
    let offset = source.offset(span.line(), span.column())?;
    let is_there = source.has(offset, &text) && is_expected(source.text(), &text);
    is_there.then(|| source.scope(offset).clone())
}

/// Whether the text is a call of the macro, by its name or by one that the same file gives it.
fn calls(source: &str, text: &str, name: &str) -> bool {
    let Some((path, _)) = text.split_once('!') else { return false };
    let called = path.rsplit(':').next().unwrap_or(path).trim();
    let renaming = format!("{name} as {called}");
    let continues_word = |c: char| c == '_' || c.is_alphanumeric();
    let is_renaming = |(at, _): (usize, &str)| {
        !source[..at].ends_with(continues_word) && !source[at + renaming.len()..].starts_with(continues_word)
    };
    called == name || !called.is_empty() && source.match_indices(&renaming).any(is_renaming)
}

/// A file that was read, if it could be.
struct CachedFile {
    /// When the file was changed last, and its size: an editor's server lives longer than a file stays as it is.
    version: (Option<SystemTime>, u64),
    source: Option<Arc<SourceFile>>,
}

static CACHE: LazyLock<Mutex<HashMap<PathBuf, CachedFile>>> = LazyLock::new(Mutex::default);

fn source_file(span: proc_macro::Span) -> Option<Arc<SourceFile>> {
    let file = span.local_file()?;
    let metadata = fs::metadata(&file).ok()?;
    let version = (metadata.modified().ok(), metadata.len());
    let mut all = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(read) = all.get(&file)
        && read.version == version
    {
        return read.source.clone();
    }
    let source = fs::read_to_string(&file).ok().map(|text| Arc::new(SourceFile::new(&text)));
    all.insert(file, CachedFile { version, source: source.clone() });
    source
}

#[cfg(test)]
mod tests {
    use super::calls;

    #[test]
    fn a_call_is_told_by_its_name() {
        let calls = |source, text| calls(source, text, "sync_call");
        for text in
            ["sync_call!(f())", "sync_call ! {f()}", "::bridgehead::sync_call![]", "a :: sync_call!(a::b!())"]
        {
            assert!(calls("", text), "{text}");
        }
        for text in [
            "",
            "!",
            "wait!(f())",
            "try_sync_call!(f())",
            "f()",
            "#[bridgehead::entry]",
            "wrap!(sync_call!(f()))",
        ] {
            assert!(!calls("use a::sync_call as wait_for;", text), "{text}");
        }
        assert!(calls("use a::{sync_call as wait, b};", "wait!(f())"));
        assert!(!calls("use a::try_sync_call as wait;", "wait!(f())"));
    }
}
