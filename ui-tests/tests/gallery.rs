//! The pages of misuse in the crate's documentation are made of the cases: each mistake, and what the compiler says of it.
//!
//! With the environment variable `GALLERY=overwrite` they are written anew.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use bridgehead_ui_tests::{Case, cases, children, package};

/// What most cases of calls begin with.
const FETCH: &str = "async fn fetch(id: u32) -> Result<String, String> {\n    Ok(id.to_string())\n}\n";

/// The page of a folder.
fn page(folder: &str, cases: &[Case]) -> String {
    let called = format!("{folder}!");
    let subject = if cases.iter().any(|case| case.code.contains(&called)) {
        called
    } else {
        format!("#[bridgehead::{folder}]")
    };
    let mut page = format!("`{subject}`: {} mistakes, and what the compiler says of each.\n", cases.len());
    if cases.iter().any(|case| code(case).is_body) {
        page.push_str("\nThe code is that of a function; where it isn't shown, `fetch` is this one:\n\n");
        push_block(&mut page, FETCH);
    }
    for case in cases {
        let _ = write!(page, "\n## {}\n\n", case.name.replace('_', " "));
        push_block(&mut page, &code(case).text);
        page.push('\n');
        push_block(&mut page, &message(case));
    }
    page
}

/// No doc test, and no highlighting, which would be that of a test.
fn push_block(page: &mut String, text: &str) {
    let _ = writeln!(page, "```text\n{}\n```", text.trim_end());
}

struct Code {
    text: String,
    /// Of `main`, without what is around it.
    is_body: bool,
}

/// What matters of a case.
fn code(case: &Case) -> Code {
    let bare = case.bare();
    let text = bare.replacen(&format!("use bridgehead::{};\n\n", case.folder), "", 1);
    let body = text.replacen(FETCH, "", 1);
    let body = body.trim_start().strip_prefix("fn main() {\n").and_then(|body| body.strip_suffix("\n}\n"));
    if let Some(body) =
        body.filter(|body| body.lines().all(|line| line.is_empty() || line.starts_with("    ")))
        && text != bare
    {
        let lines: Vec<_> = body.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
        return Code { text: lines.join("\n"), is_body: true };
    }
    // The compiler wants a `main` beside.
    let text = text.strip_suffix("\nfn main() {}\n").unwrap_or(&text).to_owned();
    Code { text, is_body: false }
}

/// What the compiler says, without the places in a file that the reader doesn't have.
fn message(case: &Case) -> String {
    let file = format!("{}/{}.rs", case.folder, case.name);
    let is_here = |line: &&str| {
        let place = line.trim_start().strip_prefix("--> ").and_then(|place| place.strip_prefix(&file));
        place.is_some_and(|place| place.starts_with(':'))
    };
    let lines: Vec<_> = case.said.lines().filter(|line| !is_here(line)).map(without_number).collect();
    let own = [
        (format!("$DIR/{file}"), "src/main.rs"),
        ("$WORKSPACE/runtime".to_owned(), "bridgehead"),
        ("$CRATE".to_owned(), "program"),
    ];
    own.iter().fold(lines.join("\n"), |text, (from, to)| text.replace(from, to))
}

/// The line without its number in the margin.
fn without_number(line: &str) -> String {
    let number = line.trim_start();
    let rest = number.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() < number.len() && [" |", " +", " -", " ~"].iter().any(|margin| rest.starts_with(margin)) {
        format!("{}{rest}", " ".repeat(line.len() - rest.len()))
    } else {
        line.to_owned()
    }
}

/// The module whose documentation the pages are.
fn module(folders: &[&String]) -> String {
    let mut module = String::from(
        "//! What the compiler says of a wrong use of the macros: each mistake, and its message.\n\
         //!\n\
         //! A mistake is one error, at the word to change, with what to write instead. Where the compiler's own words say it well, they are\n\
         //! left as they are. Every message here is compared with the compiler's in this crate's tests.\n\
         //!\n\
         //! This module is only in the documentation.\n\
         // Written by `ui-tests/tests/gallery.rs`.\n",
    );
    for folder in folders {
        let _ = write!(
            module,
            "\n#[doc = include_str!(\"../docs/misuse/{folder}.md\")]\npub mod {folder} {{}}\n"
        );
    }
    module
}

fn files() -> BTreeMap<PathBuf, String> {
    let mut folders: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for case in cases() {
        folders.entry(case.folder.clone()).or_default().push(case);
    }
    let runtime = package().join("../runtime");
    let names: Vec<_> = folders.keys().collect();
    let module = (runtime.join("src/misuse.rs"), module(&names));
    let pages = folders.iter().map(|(folder, cases)| {
        (runtime.join("docs/misuse").join(format!("{folder}.md")), page(folder, cases))
    });
    pages.chain([module]).collect()
}

#[test]
fn the_gallery_shows_what_the_compiler_says() {
    let wanted = files();
    let pages = package().join("../runtime/docs/misuse");
    let there = if pages.exists() { children(&pages) } else { Vec::new() };
    let stale: Vec<_> = there.into_iter().filter(|page| !wanted.contains_key(page)).collect();
    let is_wrong = |(path, text): &(&PathBuf, &String)| fs::read_to_string(path).ok().as_ref() != Some(text);
    let wrong: Vec<(&PathBuf, &String)> = wanted.iter().filter(is_wrong).collect();
    if env::var_os("GALLERY").is_some_and(|value| value == "overwrite") {
        fs::create_dir_all(&pages).unwrap();
        for (path, text) in wrong {
            fs::write(path, text).unwrap();
        }
        for path in stale {
            fs::remove_file(path).unwrap();
        }
        return;
    }
    let wrong: Vec<&Path> =
        wrong.into_iter().map(|(path, _)| path.as_path()).chain(stale.iter().map(PathBuf::as_path)).collect();
    assert!(
        wrong.is_empty(),
        "the messages have changed; write the pages anew with `GALLERY=overwrite`: {wrong:#?}"
    );
}
