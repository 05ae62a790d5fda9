//! Imports go in one direction: between the rooms of a crate, which are the folders in its `src`,
//! and between files, which form no cycle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The rules for the imports of a crate. Names of files and folders that don't exist are ignored,
/// so that a room can be listed before it is built.
struct Rules {
    /// The folder of the sources, relative to the workspace.
    src: &'static str,
    /// Files directly in `src` that every file may import.
    ground: &'static [&'static str],
    /// Folders, floor by floor: each imports only itself and folders of the floors before it.
    floors: &'static [&'static [&'static str]],
    /// Files directly in `src` that may import every file.
    top: &'static [&'static str],
    /// The remaining violations. An entry has to be removed once its import is gone.
    known: &'static [(&'static str, &'static str)],
}

const RUNTIME: Rules = Rules {
    src: "runtime/src",
    ground: &[
        "error",
        "fiber_error",
        "interrupted",
        "large",
        "log",
        "os_thread",
        "report",
        "runtime_guard",
        "signal",
        "span",
        "stall_report",
        "sync",
        "thread_context",
        "thread_exit",
    ],
    floors: &[
        &["config", "fiber"],
        &["task"],
        &["runtimes"],
        &["context"],
        &["stall"],
        &["call"],
        &["run"],
    ],
    top: &["lib", "private"],
    known: &[],
};

const MACROS: Rules = Rules {
    src: "macros/src",
    ground: &["diagnostics"],
    floors: &[&["source"], &["options"], &["item"], &["sync_call", "blocking"]],
    top: &["lib", "entry", "test", "deny_blocking"],
    known: &[],
};

const CHECK: Rules = Rules {
    src: "check/src",
    ground: &["arguments", "error", "symbol", "table"],
    floors: &[
        &["config"],
        &["index", "workspace"],
        &["analyzer", "source"],
        &["program"],
        &["search"],
        &["report"],
    ],
    top: &["main", "human", "json"],
    known: &[],
};

/// The imports of each file. A file's name is its module's path, as `fiber::stack`.
type Imports = BTreeMap<String, BTreeSet<String>>;

impl Rules {
    /// The floor of a file, and its room. `None` for a file that the rules don't contain.
    fn place<'a>(&self, file: &'a str) -> Option<(usize, &'a str)> {
        let room = file.split("::").next().expect("a first part");
        if self.ground.contains(&file) {
            return Some((0, "ground"));
        }
        if self.top.contains(&file) {
            return Some((self.floors.len() + 1, "top"));
        }
        let floor = self.floors.iter().position(|floor| floor.contains(&room))?;
        Some((floor + 1, room))
    }

    fn is_upwards(&self, from: &str, to: &str) -> bool {
        let (Some((from, room)), Some((to, other))) = (self.place(from), self.place(to)) else {
            return false;
        };
        to > from || (to == from && room != other)
    }

    /// The violations of the rules.
    fn faults(&self, mut imports: Imports) -> Vec<String> {
        let mut faults = Vec::new();
        for &(from, to) in self.known {
            if !imports.get_mut(from).is_some_and(|imported| imported.remove(to)) {
                faults.push(format!("{from} no longer imports {to}: take that out of `known`"));
            }
        }
        for (from, imported) in &imports {
            for to in imported.iter().filter(|to| self.is_upwards(from, to)) {
                faults.push(format!("{from} imports {to}, which stands above it or beside it"));
            }
        }
        faults.extend(
            cycle(&imports).map(|files| format!("cycle of imports: {}", files.join(" -> "))),
        );
        faults
    }
}

/// A cycle, if there is one: files of which each imports the next, and the last one is the first.
fn cycle(imports: &Imports) -> Option<Vec<String>> {
    fn visit(
        file: &str,
        imports: &Imports,
        path: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> bool {
        if let Some(start) = path.iter().position(|earlier| earlier == file) {
            path.drain(..start);
            path.push(file.to_owned());
            return true;
        }
        if done.contains(file) {
            return false;
        }
        path.push(file.to_owned());
        if imports.get(file).is_some_and(|all| all.iter().any(|to| visit(to, imports, path, done)))
        {
            return true;
        }
        path.pop();
        done.insert(file.to_owned());
        false
    }

    let mut done = BTreeSet::new();
    imports.keys().find_map(|file| {
        let mut path = Vec::new();
        visit(file, imports, &mut path, &mut done).then_some(path)
    })
}

/// All files below a folder, with their texts. Unit tests are left out, since they may import
/// anything.
fn read(folder: &Path, module: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        let inner = if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") };
        if path.is_dir() {
            read(&path, &inner, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "tests" {
            let file = if name == "mod" { module } else { &inner };
            files.insert(file.to_owned(), fs::read_to_string(&path).expect("a source"));
        }
    }
}

fn imports(files: &BTreeMap<String, String>) -> Imports {
    let of = |file: &String, text: &String| {
        let paths = paths(&code(text)).into_iter().map(|path| module(&path, files));
        paths.filter(|imported| imported != file).collect()
    };
    files.iter().map(|(file, text)| (file.clone(), of(file, text))).collect()
}

/// The text without comments, and without the unit tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().expect("a first part");
    let lines = text.lines().map(|line| line.split("//").next().expect("a first part"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The file that a path from the crate's root leads to: the longest prefix of the path that is a
/// file. Without one the path is an item of the root.
fn module(path: &str, files: &BTreeMap<String, String>) -> String {
    let ends = path.match_indices("::").map(|(end, _)| end).chain([path.len()]);
    let files = ends.filter_map(|end| files.get_key_value(&path[..end]));
    files.last().map_or("lib", |(file, _)| file).to_owned()
}

/// Every path after `crate::`, with each path of a group on its own. A visibility is no import.
fn paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, word) in code.match_indices("crate::") {
        let before = code[..at].trim_end();
        let is_longer_word =
            code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
        if !is_longer_word && !before.ends_with("(in") {
            tree("", &code[at + word.len()..], &mut found);
        }
    }
    found
}

/// Reads a tree of imports from the beginning of the text, and returns what follows it.
fn tree<'a>(prefix: &str, text: &'a str, found: &mut Vec<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        while !rest.trim_start().starts_with('}') {
            rest = tree(prefix, rest, found);
            // Skips a name that is given with `as`.
            rest = &rest[rest.find([',', '}']).expect("the end of a group")..];
            rest = rest.strip_prefix(',').unwrap_or(rest);
        }
        return rest.trim_start().strip_prefix('}').expect("the end of the group");
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let path = if prefix.is_empty() {
        text[..end].to_owned()
    } else {
        format!("{prefix}::{}", &text[..end])
    };
    if let Some(rest) = text[end..].strip_prefix("::") {
        return tree(&path, rest, found);
    }
    found.push(path);
    &text[end..]
}

fn check(rules: &Rules) {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let mut files = BTreeMap::new();
    read(&workspace.join(rules.src), "", &mut files);
    let faults = rules.faults(imports(&files));
    assert!(faults.is_empty(), "{}:\n{}", rules.src, faults.join("\n"));
}

#[test]
fn of_the_runtime() {
    check(&RUNTIME);
}

#[test]
fn of_the_macros() {
    check(&MACROS);
}

#[test]
fn of_the_check() {
    check(&CHECK);
}

/// Checks that the check finds violations.
#[test]
fn an_import_against_the_direction_is_found() {
    let files: BTreeMap<_, _> = [
        ("lib", "pub use crate::call::Call;"),
        ("error", "use crate::{fmt, task::{self, Task as T, table::Key}};"),
        ("task", "// use crate::run;\npub(in crate::run) fn spawn() {}"),
        ("task::table", "use crate::error::Error;"),
        ("config", "fn f() { crate::fiber::enter() }"),
        ("fiber", ""),
        ("elsewhere", "use crate::run;"),
        ("run", "use crate::call;"),
        ("call", "use crate::Own;"),
    ]
    .map(|(file, text)| (file.to_owned(), text.to_owned()))
    .into();
    let rules = Rules { known: &[], ..RUNTIME };
    let faults = rules.faults(imports(&files));
    let expected = [
        "call imports lib, which stands above it or beside it",
        "config imports fiber, which stands above it or beside it",
        "error imports lib, which stands above it or beside it",
        "error imports task, which stands above it or beside it",
        "error imports task::table, which stands above it or beside it",
        "cycle of imports: call -> lib -> call",
    ];
    assert_eq!(faults, expected);
}
