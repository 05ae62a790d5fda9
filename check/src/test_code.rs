//! Finds code that is only for tests, benchmarks and examples.

use std::path::Path;

use cargo_metadata::TargetKind;
use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Meta};

use crate::workspace::Workspace;

/// Whether the attributes restrict an item to tests: `#[test]`, `#[tokio::test]`, `#[cfg(test)]`.
pub(crate) fn are_of_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let name = attribute.path().segments.last().map(|segment| segment.ident.to_string());
        match (name.as_deref(), &attribute.meta) {
            (Some("test" | "bench" | "rstest"), _) => true,
            (Some("cfg"), Meta::List(list)) => asks_for_test(&list.tokens),
            _ => false,
        }
    })
}

/// Whether a `cfg` requires `test`.
fn asks_for_test(tokens: &TokenStream) -> bool {
    let mut tokens = tokens.clone().into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(name) if name == "test" => return true,
            TokenTree::Ident(name) if name == "not" || name == "any" => drop(tokens.next()),
            TokenTree::Group(group) if asks_for_test(&group.stream()) => return true,
            _ => {}
        }
    }
    false
}

/// Whether a file belongs to a test, a benchmark or an example. Its path is relative to the root.
pub(crate) fn is_of_test(workspace: &Workspace, file: &str) -> bool {
    let Some(package) = workspace.package(file) else { return false };
    let path = workspace.root.join(file);
    let is_test = |kind: &TargetKind| {
        matches!(kind, TargetKind::Test | TargetKind::Bench | TargetKind::Example)
    };
    if let Some(target) = package.targets.iter().find(|target| target.src_path == path) {
        return target.kind.iter().any(is_test);
    }
    let folder = package.manifest_path.parent().map(|folder| folder.as_std_path().to_owned());
    let inner = folder.and_then(|folder| path.strip_prefix(folder).ok());
    inner.is_some_and(|inner| {
        ["tests", "benches", "examples"].iter().any(|name| inner.starts_with(name))
    })
}

/// Whether `file` contains the module `name` that `parent` declares, or a module in that.
pub(crate) fn is_in_module(file: &str, parent: &str, name: &str) -> bool {
    let parent = Path::new(parent);
    let stem = parent.file_stem().unwrap_or_default();
    let folder = parent.parent().unwrap_or(Path::new(""));
    let folder = if stem == "lib" || stem == "main" || stem == "mod" {
        folder.to_owned()
    } else {
        folder.join(stem)
    };
    let file = Path::new(file);
    file == folder.join(format!("{name}.rs")) || file.starts_with(folder.join(name))
}

#[cfg(test)]
mod tests {
    use super::{are_of_test, is_in_module};

    #[test]
    fn attributes_of_tests() {
        let is_test = |text: &str| are_of_test(&syn::parse_str::<syn::ItemFn>(text).unwrap().attrs);
        for text in [
            "#[test] fn f() {}",
            "#[tokio::test(flavor = \"x\")] async fn f() {}",
            "#[cfg(all(unix, test))] fn f() {}",
        ] {
            assert!(is_test(text), "{text}");
        }
        for text in [
            "#[inline] fn f() {}",
            "#[cfg(not(test))] fn f() {}",
            "#[cfg(any(unix, test))] fn f() {}",
            "#[cfg(feature = \"test\")] fn f() {}",
        ] {
            assert!(!is_test(text), "{text}");
        }
    }

    #[test]
    fn modules_of_tests() {
        assert!(is_in_module("src/tests.rs", "src/lib.rs", "tests"));
        assert!(is_in_module("src/store/tests/slow.rs", "src/store.rs", "tests"));
        assert!(is_in_module("src/store/tests.rs", "src/store/mod.rs", "tests"));
        assert!(!is_in_module("src/tests.rs", "src/store.rs", "tests"));
    }
}
