//! What rust-analyzer knows of the workspace: which function each name in each file stands for.

use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::Path as FilePath;
use std::rc::Rc;

use protobuf::Message;

use crate::error::{Error, Result};
use crate::symbol::Path;

/// A name that the index gives, and the path that it stands for.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Symbol {
    pub(crate) name: String,
    pub(crate) path: Path,
    /// The range of its definition, if that is in the workspace: functions in other ones may share a name.
    pub(crate) definition: Vec<i32>,
}

/// A file of the workspace.
#[derive(Debug)]
pub(crate) struct File {
    /// From the root of the workspace on.
    pub(crate) path: String,
    pub(crate) text: String,
    /// What begins at each byte.
    pub(crate) symbols: HashMap<usize, Rc<Symbol>>,
}

/// Lines and columns are counted from 1, and columns in characters.
#[derive(Debug)]
pub(crate) struct Region {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) end_column: usize,
    /// The byte at which the line begins.
    pub(crate) start: usize,
}

impl File {
    /// Where a span of one line is.
    pub(crate) fn region(&self, span: &Range<usize>) -> Region {
        let start = self.text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let column = 1 + self.text[start..span.start].chars().count();
        let end_column = column + self.text[span.clone()].chars().count();
        Region { line: self.line(span.start), column, end_column, start }
    }

    /// Counted from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count()
    }
}

/// Reads the index, and the files that it is about.
pub(crate) fn read(index: &FilePath, root: &FilePath) -> Result<Vec<File>> {
    let unreadable =
        |error: &dyn std::error::Error| Error::new(format!("can't read {}: {error}", index.display()));
    let bytes = fs::read(index).map_err(|error| unreadable(&error))?;
    let index = scip::types::Index::parse_from_bytes(&bytes).map_err(|error| unreadable(&error))?;
    let mut known = HashMap::new();
    let mut files = Vec::new();
    for document in index.documents {
        // A file may be gone that was there a moment ago.
        if let Ok(text) = fs::read_to_string(root.join(&document.relative_path)) {
            let symbols = symbols(&document, &text, &mut known);
            files.push(File { path: document.relative_path, text, symbols });
        }
    }
    Ok(files)
}

/// By the index' name and the range of the definition.
type Known = HashMap<(String, Vec<i32>), Option<Rc<Symbol>>>;

fn symbols(document: &scip::types::Document, text: &str, known: &mut Known) -> HashMap<usize, Rc<Symbol>> {
    let starts: Vec<_> = [0].into_iter().chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let mut symbols = HashMap::new();
    for occurrence in &document.occurrences {
        let &[line, column, ..] = &occurrence.range[..] else { continue };
        let (Ok(line), Ok(column)) = (usize::try_from(line), usize::try_from(column)) else { continue };
        let Some(start) = starts.get(line) else { continue };
        if let Some(symbol) = symbol(occurrence, known) {
            symbols.insert(start + column, symbol);
        }
    }
    symbols
}

fn symbol(occurrence: &scip::types::Occurrence, known: &mut Known) -> Option<Rc<Symbol>> {
    let key = (occurrence.symbol.clone(), occurrence.enclosing_range.clone());
    if let Some(symbol) = known.get(&key) {
        return symbol.clone();
    }
    let (name, definition) = key.clone();
    let symbol = Path::of_symbol(&name).map(|path| Rc::new(Symbol { name, path, definition }));
    known.insert(key, symbol.clone());
    symbol
}
