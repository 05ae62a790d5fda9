//! Reads rust-analyzer's index of the workspace: which function each name in each file refers to.

use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::Path as FilePath;
use std::rc::Rc;

use protobuf::Message;
use scip::types::{Document, Index, Occurrence};

use crate::error::{Error, Result};
use crate::symbol::Path;

/// A name in the index, and the path to which it refers.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Symbol {
    pub(crate) name: String,
    pub(crate) path: Path,
    /// The range of its definition, if that is in the workspace. It distinguishes functions that
    /// are nested in different functions and share a name.
    pub(crate) definition: Vec<i32>,
}

/// A file of the workspace.
#[derive(Debug)]
pub(crate) struct File {
    /// The path, relative to the root of the workspace.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The symbol whose name begins at each byte.
    pub(crate) symbols: HashMap<usize, Rc<Symbol>>,
    /// The declaration of the variable or field that begins at each byte, with its type:
    /// `let mut stream: TcpStream`.
    pub(crate) declarations: HashMap<usize, Rc<str>>,
}

/// A region of one line. Lines and columns are counted from 1, and columns in characters.
#[derive(Debug)]
pub(crate) struct Region {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) end_column: usize,
    /// The byte at which the line begins.
    pub(crate) start: usize,
}

impl File {
    /// The region of a span, which must be within one line.
    pub(crate) fn region(&self, span: &Range<usize>) -> Region {
        let start = self.text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let column = 1 + self.text[start..span.start].chars().count();
        let end_column = column + self.text[span.clone()].chars().count();
        Region { line: self.line(span.start), column, end_column, start }
    }

    /// The line of a byte, counted from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count()
    }
}

/// Reads the index, and the files that it covers.
pub(crate) fn read(index: &FilePath, root: &FilePath) -> Result<Vec<File>> {
    let unreadable = |error: &dyn std::error::Error| {
        Error::new(format!("can't read {}: {error}", index.display()))
    };
    let bytes = fs::read(index).map_err(|error| unreadable(&error))?;
    let index = Index::parse_from_bytes(&bytes).map_err(|error| unreadable(&error))?;
    let mut known = HashMap::new();
    let fields = index.documents.iter().flat_map(declarations).collect();
    let mut files = Vec::new();
    for document in index.documents {
        // A file may have been removed since the index was made.
        if let Ok(text) = fs::read_to_string(root.join(&document.relative_path)) {
            let starts = starts(&document, &text);
            let symbols = symbols(&starts, &mut known);
            let declarations = declared(&document, &starts, &fields);
            files.push(File { path: document.relative_path, text, symbols, declarations });
        }
    }
    Ok(files)
}

/// The symbols by their names in the index and the ranges of their definitions.
type Known = HashMap<(String, Vec<i32>), Option<Rc<Symbol>>>;

/// The byte at which each occurrence begins.
fn starts<'a>(document: &'a Document, text: &str) -> Vec<(usize, &'a Occurrence)> {
    let lines: Vec<_> =
        [0].into_iter().chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let start = |occurrence: &Occurrence| {
        let &[line, column, ..] = &occurrence.range[..] else { return None };
        let (line, column) = (usize::try_from(line).ok()?, usize::try_from(column).ok()?);
        Some(lines.get(line)? + column)
    };
    let occurrences = document.occurrences.iter();
    occurrences.filter_map(|occurrence| Some((start(occurrence)?, occurrence))).collect()
}

fn symbols(starts: &[(usize, &Occurrence)], known: &mut Known) -> HashMap<usize, Rc<Symbol>> {
    starts.iter().filter_map(|(at, occurrence)| Some((*at, symbol(occurrence, known)?))).collect()
}

/// The declarations by their names in the index. The name of a local variable is valid only in its
/// own document.
type Declarations = HashMap<String, Rc<str>>;

fn declarations(document: &Document) -> impl Iterator<Item = (String, Rc<str>)> {
    document.symbols.iter().filter_map(|information| {
        let declaration = information.signature_documentation.text.as_str();
        // A field's symbol ends with a dot. Functions and types have declarations too, which are
        // skipped.
        let is_variable =
            information.symbol.starts_with("local ") || information.symbol.ends_with('.');
        let is_function = information.symbol.ends_with("().");
        (is_variable && !is_function).then(|| (information.symbol.clone(), declaration.into()))
    })
}

fn declared(
    document: &Document,
    starts: &[(usize, &Occurrence)],
    fields: &Declarations,
) -> HashMap<usize, Rc<str>> {
    let locals: Declarations = declarations(document).collect();
    let declaration = |occurrence: &Occurrence| {
        locals.get(&occurrence.symbol).or_else(|| fields.get(&occurrence.symbol)).cloned()
    };
    starts.iter().filter_map(|(at, occurrence)| Some((*at, declaration(occurrence)?))).collect()
}

fn symbol(occurrence: &Occurrence, known: &mut Known) -> Option<Rc<Symbol>> {
    let key = (occurrence.symbol.clone(), occurrence.enclosing_range.clone());
    if let Some(symbol) = known.get(&key) {
        return symbol.clone();
    }
    let (name, definition) = key.clone();
    let symbol = Path::of_symbol(&name).map(|path| Rc::new(Symbol { name, path, definition }));
    known.insert(key, symbol.clone());
    symbol
}
