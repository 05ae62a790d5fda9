//! All functions and calls of the workspace, and what each call leads to.

use std::collections::HashMap;
use std::rc::Rc;

use crate::config::Config;
use crate::index::{File, Symbol};
use crate::source::parts::{Call, Place, Source};
use crate::symbol::Path;
use crate::table::{Entry, Severity, entries};
use crate::test_code;

/// A function of the workspace.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(crate) struct Function {
    pub(crate) path: Path,
    definition: Vec<i32>,
    pub(crate) is_async: bool,
    has_body: bool,
    pub(crate) allowed: bool,
    /// Whether only tests contain it.
    pub(crate) is_test: bool,
    /// Its file, as an index of `files`.
    pub(crate) file: usize,
    pub(crate) calls: Vec<Call>,
}

/// The function or macro that blocks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Blocker {
    pub(crate) name: String,
    pub(crate) is_error: bool,
    pub(crate) remedy: String,
}

/// What a call leads to.
#[derive(Debug)]
pub(crate) enum Target {
    Blocker(Blocker),
    /// Functions of the workspace. If there are several, they are the implementations of a trait's
    /// method.
    Functions(Vec<usize>),
}

#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) files: Vec<File>,
    pub(crate) functions: Vec<Function>,
    by_symbol: HashMap<String, Vec<usize>>,
    /// The async functions by the crate, the parent and the name of their twins.
    by_twin: HashMap<[String; 3], usize>,
    implementations: HashMap<String, Vec<usize>>,
    /// The entries of the table by the last part of their paths.
    table: HashMap<String, Vec<Entry>>,
    config: Config,
    may_block: bool,
}

impl Program {
    pub(crate) fn new(files: Vec<(File, Source)>, config: Config, may_block: bool) -> Self {
        let mut table: HashMap<_, Vec<_>> = HashMap::new();
        for entry in entries() {
            table.entry(entry.path.last().to_owned()).or_default().push(entry);
        }
        let mut program = Self {
            files: Vec::new(),
            functions: Vec::new(),
            by_symbol: HashMap::new(),
            by_twin: HashMap::new(),
            implementations: HashMap::new(),
            table,
            config,
            may_block,
        };
        let mut test_modules = Vec::new();
        for (file, source) in files {
            test_modules
                .extend(source.test_modules.iter().map(|name| (file.path.clone(), name.clone())));
            program.add(source);
            program.files.push(file);
        }
        let is_in_test = |file: &File| {
            test_modules
                .iter()
                .any(|(parent, name)| test_code::is_in_module(&file.path, parent, name))
        };
        let is_test: Vec<_> = program.files.iter().map(is_in_test).collect();
        for function in &mut program.functions {
            function.is_test |= is_test[function.file];
        }
        program
    }

    fn add(&mut self, source: Source) {
        let first = self.functions.len();
        for function in source.functions {
            let id = self.functions.len();
            let Symbol { name, path, definition } = &*function.symbol;
            self.by_symbol.entry(name.clone()).or_default().push(id);
            if let Some(twin) = function.twin {
                self.by_twin.extend(path.twin(twin.parent, twin.name).map(|twin| (twin, id)));
            }
            if let Some(method) = function.implements {
                self.implementations.entry(method).or_default().push(id);
            }
            let (path, definition, file) = (path.clone(), definition.clone(), self.files.len());
            let allowed =
                function.allowed || self.config.allow.iter().any(|written| path.is(written));
            self.functions.push(Function {
                path,
                definition,
                is_async: function.is_async,
                has_body: function.has_body,
                allowed,
                is_test: function.is_test,
                file,
                calls: Vec::new(),
            });
        }
        for call in source.calls {
            if let Some(function) = call.function {
                self.functions[first + function].calls.push(call);
            }
        }
    }

    /// The calls that a function makes on the thread that calls it.
    pub(crate) fn sync_calls(&self, function: usize) -> impl Iterator<Item = &Call> {
        self.functions[function].calls.iter().filter(|call| call.place == Place::Sync)
    }

    pub(crate) fn target(&self, call: &Call, file: usize) -> Option<Target> {
        let symbol = &call.symbol;
        if self.config.allow.iter().any(|written| symbol.path.is(written)) {
            return None;
        }
        if let Some(blocker) = self.blocker(&symbol.path) {
            return (blocker.is_error || self.may_block).then_some(Target::Blocker(blocker));
        }
        let functions = self.callees(symbol, file);
        if functions.is_empty() {
            return self.twin(symbol).map(Target::Blocker);
        }
        Some(Target::Functions(functions))
    }

    fn blocker(&self, path: &Path) -> Option<Blocker> {
        let own = self.config.blocks.iter().any(|written| path.is(written));
        if own {
            let remedy = "call it in `tokio::task::spawn_blocking`, and await that".to_owned();
            return Some(Blocker { name: path.short(), is_error: true, remedy });
        }
        let entries =
            [path.last(), "*"].into_iter().filter_map(|last| self.table.get(last)).flatten();
        let entry = entries.into_iter().find(|entry| path.is(&entry.path))?;
        let is_error = entry.severity == Severity::Blocks;
        let name = entry.name.replace('*', path.last());
        Some(Blocker { name, is_error, remedy: entry.remedy.to_owned() })
    }

    /// The blocker of a twin that `#[blocking]` generates. The sources contain only the async
    /// function of which it is made.
    fn twin(&self, symbol: &Symbol) -> Option<Blocker> {
        let id = symbol.path.twin_keys().iter().find_map(|key| self.by_twin.get(key))?;
        let origin = &self.functions[*id];
        let remedy = format!("call the async `{}`, and await it", origin.path.short());
        Some(Blocker { name: symbol.path.short(), is_error: true, remedy })
    }

    /// The functions that a call may run: the named one, and if it is a trait's, all that implement
    /// it.
    fn callees(&self, symbol: &Rc<Symbol>, file: usize) -> Vec<usize> {
        let mut callees = self.by_symbol.get(&symbol.name).cloned().unwrap_or_default();
        // Nested functions may share a name, and so may targets of one package: `main`, for
        // instance.
        let narrower: [&dyn Fn(&Function) -> bool; 2] =
            [&|function| function.definition == symbol.definition, &|function| {
                function.file == file
            }];
        for is_meant in narrower {
            if callees.iter().any(|id| is_meant(&self.functions[*id])) {
                callees.retain(|id| is_meant(&self.functions[*id]));
            }
        }
        callees.extend(self.implementations.get(&symbol.name).into_iter().flatten());
        callees.retain(|id| self.functions[*id].has_body);
        callees
    }
}
