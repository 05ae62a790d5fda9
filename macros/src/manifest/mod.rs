//! Finds the name of the runtime crate in the package that uses an attribute: a dependency may be
//! renamed in `Cargo.toml`.
//!
//! `sync_call!` doesn't need the name: it is a `macro_rules!` macro, which has `$crate`. An
//! attribute can't be one.

mod toml;

use std::path::{Path, PathBuf};
use std::{env, fs};

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use crate::manifest::toml::{Entry, entries};

const PACKAGE: &str = "bridgehead";

/// The tables of dependencies, beginning with the one that all targets of the package can use.
const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// The path of the runtime crate if no option sets it.
pub(crate) fn crate_path(span: Span) -> TokenStream {
    let name = match name() {
        Name::Known(name) => name.replace('-', "_"),
        Name::Missing | Name::Unknown => PACKAGE.to_owned(),
    };
    let name = Ident::new(&name, span);
    quote_spanned!(span=> ::#name)
}

/// Whether the package doesn't depend on the runtime crate.
pub(crate) fn is_missing() -> bool {
    matches!(name(), Name::Missing)
}

#[derive(Debug, PartialEq, Eq)]
enum Name {
    Known(String),
    /// The package doesn't depend on the runtime crate.
    Missing,
    /// The manifest can't be found or read; another build system may build the package.
    Unknown,
}

fn name() -> Name {
    if !proc_macro::is_available() {
        return Name::Unknown;
    }
    let Some(path) = manifest_path() else { return Name::Unknown };
    let Ok(manifest) = fs::read_to_string(&path) else { return Name::Unknown };
    match name_in(&entries(&manifest), || workspace(path.parent()?, &manifest)) {
        // Another build system has its own list of dependencies.
        Name::Missing if env::var_os("CARGO").is_none() => Name::Unknown,
        name => name,
    }
}

/// `None` for a script, which contains its manifest. That one isn't read.
fn manifest_path() -> Option<PathBuf> {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?);
    let path =
        env::var_os("CARGO_MANIFEST_PATH").map_or_else(|| folder.join("Cargo.toml"), PathBuf::from);
    path.extension().is_some_and(|extension| extension == "toml").then_some(path)
}

fn name_in(entries: &[Entry], workspace: impl FnOnce() -> Option<Vec<Entry>>) -> Name {
    let itself = (vec!["package".to_owned(), "name".to_owned()], PACKAGE.to_owned());
    if entries.contains(&itself) {
        return Name::Known(PACKAGE.to_owned());
    }
    let found = |is_it: &dyn Fn(&str, Option<&str>, &str) -> bool| {
        let names = TABLES.iter().flat_map(|table| {
            entries.iter().filter_map(|(keys, value)| {
                let (name, option) = dependency(table, keys)?;
                is_it(name, option, value).then(|| name.to_owned())
            })
        });
        names.min_by_key(|name| name != PACKAGE)
    };
    let is_other = |name: &str| {
        found(&|other, option, value| {
            other == name && option == Some("package") && value != PACKAGE
        })
        .is_some()
    };
    let by_name = found(&|name, _, _| name == PACKAGE).filter(|name| !is_other(name));
    let renamed = || found(&|_, option, value| option == Some("package") && value == PACKAGE);
    if let Some(name) = by_name.or_else(renamed) {
        return Name::Known(name);
    }
    let inherits =
        |option: Option<&str>, value: &str| option == Some("workspace") && value == "true";
    if found(&|_, option, value| inherits(option, value)).is_none() {
        return Name::Missing;
    }
    let Some(workspace) = workspace() else { return Name::Unknown };
    let is_renamed = |name: &str| {
        workspace.iter().any(|(keys, value)| {
            let keys: Vec<_> = keys.iter().map(String::as_str).collect();
            keys == ["workspace", "dependencies", name, "package"] && value == PACKAGE
        })
    };
    found(&|name, option, value| inherits(option, value) && is_renamed(name))
        .map_or(Name::Missing, Name::Known)
}

/// The name of a dependency in the table, and the key of its option. A dependency with only a
/// version has no such key.
fn dependency<'a>(table: &str, keys: &'a [String]) -> Option<(&'a str, Option<&'a str>)> {
    let keys = match keys {
        [target, _, keys @ ..] if target == "target" => keys,
        keys => keys,
    };
    match keys {
        [first, name, rest @ ..] if first == table => {
            Some((name, rest.first().map(String::as_str)))
        }
        _ => None,
    }
}

/// The manifest of the workspace that a package in the folder belongs to.
fn workspace(folder: &Path, manifest: &str) -> Option<Vec<Entry>> {
    let named = entries(manifest).into_iter().find(|(keys, _)| keys == &["package", "workspace"]);
    let folders: Vec<_> = match &named {
        Some((_, path)) => vec![folder.join(path)],
        None => folder.ancestors().map(Path::to_owned).collect(),
    };
    let manifests =
        folders.iter().filter_map(|folder| fs::read_to_string(folder.join("Cargo.toml")).ok());
    let mut workspaces = manifests.map(|text| entries(&text)).filter(|entries| {
        entries.iter().any(|(keys, _)| keys.first().is_some_and(|first| first == "workspace"))
    });
    workspaces.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(manifest: &str) -> Name {
        let workspace =
            "[workspace.dependencies]\nw = { path = 'a', package = 'bridgehead' }\nother = '1'";
        name_in(&entries(manifest), || Some(entries(workspace)))
    }

    #[test]
    fn a_dependency_is_found_wherever_it_is() {
        for (manifest, expected) in [
            ("[dependencies]\nbridgehead = '1'", "bridgehead"),
            ("[dependencies]\nbridgehead = { path = 'a' }", "bridgehead"),
            ("[dependencies]\nbridgehead.workspace = true", "bridgehead"),
            ("[dependencies]\na = { package = 'bridgehead', version = '1' }", "a"),
            ("[dependencies]\na.package = 'bridgehead'", "a"),
            ("[dependencies.a]\npackage = 'bridgehead'", "a"),
            ("[dev-dependencies]\na = { package = 'bridgehead' }", "a"),
            ("[build-dependencies]\na = { package = 'bridgehead' }", "a"),
            ("[target.'cfg(unix)'.dependencies]\na = { package = 'bridgehead' }", "a"),
            ("[target.'cfg(unix)'.dependencies.a]\npackage = 'bridgehead'", "a"),
            ("[dependencies]\nw.workspace = true", "w"),
            (
                "[dependencies]\nother.workspace = true\nw = { workspace = true, features = [] }",
                "w",
            ),
            (
                "[dev-dependencies]\na.package = 'bridgehead'\n[dependencies]\nbridgehead = '1'",
                "bridgehead",
            ),
            ("[dependencies]\nbridgehead.package = 'other'\na.package = 'bridgehead'", "a"),
            ("[package]\nname = 'bridgehead'\n[dependencies]\nother = '1'", "bridgehead"),
        ] {
            assert_eq!(name(manifest), Name::Known(expected.to_owned()), "{manifest}");
        }
        for manifest in
            ["", "[dependencies]\nother = '1'\nmore.workspace = true", "[package]\nname = 'other'"]
        {
            assert_eq!(name(manifest), Name::Missing, "{manifest}");
        }
    }
}
