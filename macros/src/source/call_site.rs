//! Finds the scope of a macro's call in its source file. The compiler passes a macro only its own
//! tokens, but since Rust 1.88 a macro knows the file, line and column of these. It reads the file,
//! and looks up which call of the macro has these tokens between its delimiters.
//!
//! The position of the macro's own call would be less useful: users call a `macro_rules!` macro,
//! which passes the tokens on, so that position is inside the `macro_rules!` definition.
//!
//! There is no result if anything is inconsistent: if there is no file (in a language server), if
//! the file can't be read or has changed since, or if there is no call of the macro at these
//! positions, because another macro made it of tokens that have a position of their own.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::SystemTime;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use crate::source::file::SourceFile;
use crate::source::invocations::Invocation;
use crate::source::scopes::scope::Scope;

/// The innermost scope around the macro's call. If the scope was found at the future and not at the
/// call itself, the future's first and last token are returned too. `rest` is the part of the call
/// behind the future.
///
/// A call in the body of a `macro_rules!` definition, but in no function there, has the scope of
/// the place where the macro's user has written its argument.
pub(crate) fn scope(
    name: &str,
    future: &TokenStream,
    rest: &TokenStream,
) -> Option<(Scope, Option<[TokenTree; 2]>)> {
    if !proc_macro::is_available() {
        return None;
    }
    let (first, last) = (first(future)?, last(future)?);
    let at_argument = |scope: Scope| Some((scope, Some([first.clone(), last])));
    match leaves(future).chain(leaves(rest)).find_map(|token| scope_of_call(name, &token)) {
        Some(Scope::MacroRules) => {}
        Some(scope) => return Some((scope, None)),
        None => match scope_in_definitions(name, &first)? {
            Scope::MacroRules => {}
            scope => return at_argument(scope),
        },
    }
    let (source, offset) = place(&first)?;
    let scope = source.scope(offset).clone();
    if scope == Scope::MacroRules { None } else { at_argument(scope) }
}

/// The scope of the macro's call that has the token between its delimiters.
fn scope_of_call(name: &str, token: &TokenTree) -> Option<Scope> {
    let (source, offset) = place(token)?;
    let call = source.invocations().around(offset)?;
    calls(&source, call, name).then(|| source.scope(call.path.start).clone())
}

/// The scope of the macro's calls in those `macro_rules!` definitions of the file whose names occur
/// where the token is passed to another macro. `None` if there are no such calls, or if they are in
/// different scopes.
fn scope_in_definitions(name: &str, token: &TokenTree) -> Option<Scope> {
    let (source, offset) = place(token)?;
    let (text, invocations) = (source.text(), source.invocations());
    let other = invocations.around(offset)?;
    let is_word = |c: char| c == '_' || c.is_alphanumeric();
    let words = text.get(other.path.start..other.input.end)?.split(|c| !is_word(c));
    let mut found = None;
    for (definition, defined) in invocations.definitions() {
        if !words.clone().any(|word| word == &text[defined.clone()]) {
            continue;
        }
        for call in
            invocations.within(&definition.input).iter().filter(|call| calls(&source, call, name))
        {
            let scope = source.scope(call.path.start);
            if *found.get_or_insert(scope) != scope {
                return None;
            }
        }
    }
    found.cloned()
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
    let text =
        source.has(start, &first.source_text()?).then(|| source.text().get(start..end))??;
    (!text.contains('\n')).then(|| text.to_owned())
}

/// Tokens as the user wrote or would write them: without spaces in paths and after a sign.
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

/// The first token. Of the invisible groups in which a `macro_rules!` fragment arrives, only the
/// contents have a position.
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

/// The tokens, with the contents of the invisible groups in which a `macro_rules!` fragment arrives
/// instead of these groups.
fn leaves(tokens: &TokenStream) -> Box<dyn Iterator<Item = TokenTree>> {
    Box::new(tokens.clone().into_iter().flat_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => leaves(&group.stream()),
        token => Box::new(std::iter::once(token)),
    }))
}

/// The file that a word is in, and its offset there.
pub(crate) fn file_of(word: &Ident) -> Option<(Arc<SourceFile>, usize)> {
    proc_macro::is_available().then(|| place(&word.clone().into())).flatten()
}

/// The file that the token is in, and its offset there.
fn place(token: &TokenTree) -> Option<(Arc<SourceFile>, usize)> {
    let span = token.span().unwrap();
    let text = span.source_text()?;
    let is_itself = match token {
        TokenTree::Group(_) => text.starts_with(['(', '{', '[']),
        token => text == token.to_string(),
    };
    let source = is_itself.then(|| source_file(span)).flatten()?;
    let offset = source.offset(span.line(), span.column())?;
    source.has(offset, &text).then_some((source, offset))
}

fn calls(source: &SourceFile, invocation: &Invocation, name: &str) -> bool {
    is_called(source.text(), &source.text()[invocation.path.clone()], name)
}

/// Whether the path names the macro, or is a name by which the same file imports it.
fn is_called(source: &str, path: &str, name: &str) -> bool {
    let called = path.rsplit(':').next().unwrap_or(path).trim();
    let renaming = format!("{name} as {called}");
    let continues_word = |c: char| c == '_' || c.is_alphanumeric();
    let is_renaming = |(at, _): (usize, &str)| {
        !source[..at].ends_with(continues_word)
            && !source[at + renaming.len()..].starts_with(continues_word)
    };
    called == name || !called.is_empty() && source.match_indices(&renaming).any(is_renaming)
}

/// A file that was read, or that couldn't be.
struct CachedFile {
    /// The time of the file's last change, and its size. A language server runs for so long that
    /// files change meanwhile.
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
    use super::is_called;

    #[test]
    fn a_call_is_reported_by_its_name() {
        let calls = |source, path| is_called(source, path, "sync_call");
        for path in ["sync_call", "::bridgehead::sync_call", "a :: sync_call"] {
            assert!(calls("", path), "{path}");
        }
        for path in ["wait", "try_sync_call", "bridgehead::entry", "sync_call::wait"] {
            assert!(!calls("use a::sync_call as wait_for;", path), "{path}");
        }
        assert!(calls("use a::{sync_call as wait, b};", "wait"));
        assert!(!calls("use a::try_sync_call as wait;", "wait"));
    }
}
