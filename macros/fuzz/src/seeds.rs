//! The seeds, which are changed at random: the cases of `ui-tests`, and files that are hard to
//! read.

use std::path::Path;
use std::sync::LazyLock;
use std::{env, fs};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::expansion::Called;

/// The bytes of all files, in a stable order.
pub(crate) static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut files = Vec::new();
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["seeds", "../../ui-tests"] {
        collect(&package.join(folder), &mut files);
    }
    assert!(files.len() > 300, "the cases of ui-tests aren't where they were");
    files
});

fn collect(folder: &Path, files: &mut Vec<Vec<u8>>) {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> =
        entries.filter(|path| !path.ends_with("wip") && !path.ends_with("target")).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(fs::read(path).unwrap());
        }
    }
}

/// One use of a macro.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    pub(crate) called: Called,
    /// The options of an attribute.
    pub(crate) options: String,
    /// The item that the attribute is on, or the input of a macro call.
    pub(crate) input: String,
}

/// All uses in the files.
pub(crate) static USES: LazyLock<Vec<Use>> = LazyLock::new(|| {
    let mut uses = Vec::new();
    for file in &*FILES {
        let text = String::from_utf8_lossy(file);
        if let Ok(tokens) = text.trim_start_matches('\u{FEFF}').parse() {
            find(tokens, &mut uses);
        }
    }
    for called in Called::ALL {
        assert!(
            uses.iter().filter(|found| found.called == called).count() > 5,
            "too few of {called:?}"
        );
    }
    uses
});

fn find(tokens: TokenStream, uses: &mut Vec<Use>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let before = tokens[..at].last().map(ToString::to_string);
        let behind = &tokens[at + 1..];
        match before.as_deref() {
            Some("#") => uses.extend(attribute(group.stream(), behind)),
            Some("!") if at >= 2 => {
                let called = Called::ALL
                    .into_iter()
                    .find(|called| tokens[at - 2].to_string() == called.name());
                let input = group.stream().to_string();
                uses.extend(called.map(|called| Use { called, options: String::new(), input }));
            }
            _ => {}
        }
        find(group.stream(), uses);
    }
}

fn attribute(inside: TokenStream, behind: &[TokenTree]) -> Option<Use> {
    let inside: Vec<TokenTree> = inside.into_iter().collect();
    let name =
        inside.iter().take_while(|token| !matches!(token, TokenTree::Group(_))).last()?.to_string();
    let called = Called::of(&name)?;
    let options = match inside.last()? {
        TokenTree::Group(options) => options.stream().to_string(),
        _ => String::new(),
    };
    let ends_item = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        token => token.to_string() == ";",
    };
    let end = behind.iter().position(ends_item).map_or(behind.len(), |last| last + 1);
    let input = behind[..end].iter().cloned().collect::<TokenStream>().to_string();
    Some(Use { called, options, input })
}
