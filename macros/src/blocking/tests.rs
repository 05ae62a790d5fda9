use std::fs;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The code behind a heading, as a reader sees it.
fn shown<'a>(docs: &'a str, heading: &str) -> impl Iterator<Item = String> + use<'a> {
    let (_, part) = docs.split_once(&format!("\n# {heading}\n")).unwrap();
    let is_shown = |line: &&str| line.trim() != "#" && !line.trim_start().starts_with("# ");
    part.split("```").skip(1).step_by(2).map(move |block| {
        let lines = block.lines().skip(1).filter(is_shown);
        lines.collect::<Vec<_>>().join("\n")
    })
}

/// The item behind `#[blocking]`.
fn item(shown: &str) -> TokenStream {
    shown.split_once("#[blocking]").unwrap().1.parse().unwrap()
}

/// What is added, as `cargo expand` has it.
fn added(item: &TokenStream) -> String {
    let mut file: syn::File = syn::parse2(super::expand(TokenStream::new(), item)).unwrap();
    let untouched = syn::parse2::<syn::Item>(item.clone()).unwrap().to_token_stream();
    assert_eq!(file.items.remove(0).to_token_stream().to_string(), untouched.to_string());
    prettyplease::unparse(&file)
}

#[test]
fn the_docs_show_the_expansion() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime/docs/blocking.md");
    let docs = fs::read_to_string(docs).unwrap();
    let mut shown = shown(&docs, "What it expands to");
    let added = added(&item(&shown.next().unwrap()));
    assert!(added.trim_end() == shown.next().unwrap(), "write into the docs:\n{added}");
}
