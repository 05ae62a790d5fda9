//! The attributes that a twin takes from its async function, and the twin's documentation.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Token};

const LINTS: &[&str] = &["allow", "deny", "expect", "forbid", "warn"];
const OF_CALLERS: &[&str] = &["cold", "deprecated", "inline", "must_use"];

/// The attributes for the compiler and for callers, without the docs. Attributes of other macros,
/// such as `#[instrument]`, are only for the async function.
pub(crate) fn carried(attrs: &[Attribute]) -> TokenStream {
    carried_but(attrs, "")
}

pub(crate) fn carried_but(attrs: &[Attribute], left_out: &str) -> TokenStream {
    picked(attrs, &|name| {
        name != left_out
            && (name == "cfg"
                || name == "doc"
                || LINTS.contains(&name)
                || OF_CALLERS.contains(&name))
    })
}

/// The attributes of the function in a trait's impl: its `cfg` conditions, and the lint levels for
/// its body.
pub(crate) fn conditions(attrs: &[Attribute]) -> TokenStream {
    picked(attrs, &|name| name == "cfg" || LINTS.contains(&name))
}

/// Whether there is a `cfg` condition.
pub(crate) fn is_conditional(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("cfg"))
}

fn picked(attrs: &[Attribute], is_picked: &dyn Fn(&str) -> bool) -> TokenStream {
    // `Docs` handles the documentation, except for lines in a `cfg_attr`.
    let others = attrs.iter().filter(|attr| !attr.path().is_ident("doc"));
    let metas = others.filter_map(|attr| self::meta(&attr.meta, is_picked));
    let picked: TokenStream = metas.map(|meta| quote!(#[#meta])).collect();
    // The twin calls the deprecated function.
    let is_deprecated =
        attrs.iter().any(|attr| attr.to_token_stream().to_string().contains("deprecated"));
    let allow = is_deprecated.then(|| quote!(#[allow(deprecated)]));
    quote!(#picked #allow)
}

fn meta(meta: &Meta, is_picked: &dyn Fn(&str) -> bool) -> Option<TokenStream> {
    let name = meta.path().get_ident()?.to_string();
    match (name.as_str(), meta) {
        ("cfg_attr", Meta::List(list)) => {
            let all = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
            let mut all = all.iter();
            let condition = all.next()?;
            let picked: Vec<_> = all.filter_map(|attr| self::meta(attr, is_picked)).collect();
            (!picked.is_empty()).then(|| quote!(cfg_attr(#condition, #(#picked),*)))
        }
        (name, _) if !is_picked(name) => None,
        // The twin's short body may not fulfil the expectation.
        ("expect", Meta::List(list)) => {
            let lints = &list.tokens;
            Some(quote!(allow(#lints)))
        }
        (_, meta) => Some(meta.to_token_stream()),
    }
}

/// The documentation of a twin: that of the async function, with a line that names the async
/// function.
pub(crate) fn docs(attrs: &[Attribute], line: &str) -> TokenStream {
    let mut docs = Docs::read(attrs);
    docs.insert(line);
    docs.into_tokens()
}

/// The documentation of a twin with a timeout. `link` is the link to the twin without one.
pub(crate) fn docs_of_timeout(
    attrs: &[Attribute],
    link: &str,
    timeout: &Ident,
    krate: &TokenStream,
) -> TokenStream {
    let krate = krate.to_string().replace(' ', "");
    let krate = krate.trim_start_matches("::");
    let mut docs = Docs::read(attrs);
    docs.insert(&format!("As {link}, but waits no longer than `{timeout}`."));
    docs.append("# Errors");
    docs.append(&format!(
        "[`CallError`]({krate}::__private::CallError), if it takes longer or can't be made."
    ));
    docs.into_tokens()
}

/// A line of docs, or a macro that expands to docs.
struct Line {
    attr: TokenStream,
    /// The text of a line. `None` for a macro.
    text: Option<String>,
}

struct Docs {
    lines: Vec<Line>,
    /// The index of the first heading.
    heading: usize,
}

impl Docs {
    /// Reads all docs except for examples, which are async code.
    fn read(attrs: &[Attribute]) -> Self {
        let mut lines = Vec::new();
        let mut heading = None;
        let (mut in_code, mut in_example) = (false, false);
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("doc")) {
            let text = doc_text(attr);
            let line = text.as_deref().unwrap_or_default().trim();
            in_code ^= line.starts_with("```");
            if !in_code && line.starts_with('#') {
                in_example = matches!(line.trim_start_matches('#').trim(), "Example" | "Examples");
                heading = heading.or((!in_example).then_some(lines.len()));
            }
            if text.is_none() || !in_example {
                lines.push(Line { attr: attr.to_token_stream(), text });
            }
        }
        let mut docs = Self { heading: heading.unwrap_or(lines.len()), lines };
        // Removes the empty lines before the heading: `insert` adds its own.
        while docs.heading > 0 && docs.is_empty(docs.heading - 1) {
            docs.heading -= 1;
            docs.lines.remove(docs.heading);
        }
        docs
    }

    fn is_empty(&self, at: usize) -> bool {
        self.lines[at].text.as_ref().is_some_and(|text| text.trim().is_empty())
    }

    /// Inserts a paragraph before the first heading.
    fn insert(&mut self, paragraph: &str) {
        let is_first = self.heading == 0;
        let is_last = self.heading == self.lines.len();
        let before = (!is_first).then(Line::empty);
        let behind = (!is_last).then(Line::empty);
        let paragraph = before.into_iter().chain([Line::of(paragraph)]).chain(behind);
        self.lines.splice(self.heading..self.heading, paragraph);
    }

    fn append(&mut self, paragraph: &str) {
        self.lines.extend([Line::empty(), Line::of(paragraph)]);
    }

    fn into_tokens(self) -> TokenStream {
        self.lines.into_iter().map(|line| line.attr).collect()
    }
}

impl Line {
    fn of(text: &str) -> Self {
        let line = format!(" {text}");
        Self { attr: quote!(#[doc = #line]), text: Some(line) }
    }

    fn empty() -> Self {
        Self { attr: quote!(#[doc = ""]), text: Some(String::new()) }
    }
}

fn doc_text(attr: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attr.meta else { return None };
    match &pair.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twin(docs: &str) -> Vec<String> {
        let lines = docs.lines();
        let attrs = quote!(#(#[doc = #lines])*);
        let attrs = syn::parse::Parser::parse2(Attribute::parse_outer, attrs).unwrap();
        let mut docs = Docs::read(&attrs);
        docs.insert("TWIN");
        docs.append("END");
        docs.lines.into_iter().map(|line| line.text.unwrap().trim().to_owned()).collect()
    }

    #[test]
    fn the_line_is_before_the_first_heading() {
        assert_eq!(twin(""), ["TWIN", "", "END"]);
        assert_eq!(twin("First.\n\nSecond."), ["First.", "", "Second.", "", "TWIN", "", "END"]);
        assert_eq!(
            twin("First.\n\n# Errors\n\nE."),
            ["First.", "", "TWIN", "", "# Errors", "", "E.", "", "END"]
        );
        assert_eq!(twin("# Safety\n\nS."), ["TWIN", "", "# Safety", "", "S.", "", "END"]);
    }

    #[test]
    fn examples_are_left_out() {
        let code = "```\n# let hidden = 1;\nfetch().await;\n```";
        let docs = format!("First.\n\n# Examples\n\n{code}\n\n# Errors\n\nE.");
        assert_eq!(twin(&docs), ["First.", "", "TWIN", "", "# Errors", "", "E.", "", "END"]);
        assert_eq!(
            twin(&format!("First.\n\n## Example\n\n{code}")),
            ["First.", "", "TWIN", "", "END"]
        );
        let kept = twin(&format!("First.\n\n{code}"));
        assert_eq!(kept[2..6], ["```", "# let hidden = 1;", "fetch().await;", "```"]);
    }
}
