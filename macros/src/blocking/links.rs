//! Adds a line to the docs of an async item, which links its twin. An item without docs gets none,
//! so that `missing_docs` still reports it.

use std::collections::HashMap;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::{Expr, ExprLit, Lit, Meta};

use crate::source::tokens::is_group;

/// The twins, as rustdoc links them.
#[derive(Default)]
pub(crate) struct Links {
    /// The twin of the item itself.
    pub(crate) item: Option<String>,
    /// The twins of its functions, by the functions' names.
    pub(crate) functions: HashMap<String, String>,
}

impl Links {
    /// The item with a line in its docs, and in those of its functions.
    pub(crate) fn add_to(&self, item: TokenStream) -> TokenStream {
        let mut output = Output::default();
        let mut tokens = item.into_iter().peekable();
        while let Some(token) = tokens.next() {
            if is_hash(&token)
                && let Some(attribute) = tokens.next_if(|next| is_group(next, Delimiter::Bracket))
            {
                output.attribute(token, attribute);
                continue;
            }
            if let Some(link) = self.item.as_ref().filter(|_| !output.is_item) {
                output.insert(link);
            }
            output.is_item = true;
            match token {
                TokenTree::Group(group)
                    if tokens.peek().is_none() && !self.functions.is_empty() =>
                {
                    output.tokens.push(respanned(&group, self.add_to_functions(group.stream())));
                }
                token => output.tokens.push(token),
            }
        }
        output.tokens.into_iter().collect()
    }

    fn add_to_functions(&self, body: TokenStream) -> TokenStream {
        let mut output = Output::default();
        let mut tokens = body.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match (token, tokens.peek()) {
                (hash, Some(next)) if is_hash(&hash) && is_group(next, Delimiter::Bracket) => {
                    let attribute = tokens.next().into_iter();
                    attribute.for_each(|attribute| output.attribute(hash.clone(), attribute));
                }
                (TokenTree::Ident(word), Some(TokenTree::Ident(name))) if word == "fn" => {
                    if let Some(link) = self.functions.get(&name.to_string()) {
                        output.insert(link);
                    }
                    output.tokens.push(word.into());
                }
                // An item that is a `macro_rules!` fragment.
                (TokenTree::Group(group), _) if group.delimiter() == Delimiter::None => {
                    output.tokens.push(respanned(&group, self.add_to_functions(group.stream())));
                }
                (token, _) => {
                    let is_end = is_group(&token, Delimiter::Brace) || token.to_string() == ";";
                    output.tokens.push(token);
                    if is_end {
                        output.docs.clear();
                    }
                }
            }
        }
        output.tokens.into_iter().collect()
    }
}

fn is_hash(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '#')
}

fn respanned(group: &Group, stream: TokenStream) -> TokenTree {
    let mut inner = Group::new(group.delimiter(), stream);
    inner.set_span(group.span());
    inner.into()
}

#[derive(Default)]
struct Output {
    tokens: Vec<TokenTree>,
    /// The doc lines of the current item.
    docs: Vec<Doc>,
    /// The attributes of the current item have ended.
    is_item: bool,
}

/// A line of docs: where its attribute ends, and its text if that is known.
struct Doc {
    end: usize,
    text: Option<String>,
}

impl Doc {
    fn is_empty(&self) -> bool {
        self.text.as_ref().is_some_and(|text| text.trim().is_empty())
    }
}

impl Output {
    fn attribute(&mut self, hash: TokenTree, attribute: TokenTree) {
        let meta = match &attribute {
            TokenTree::Group(group) => syn::parse2::<Meta>(group.stream()).ok(),
            _ => None,
        };
        self.tokens.extend([hash, attribute]);
        if let Some(Meta::NameValue(pair)) = meta
            && pair.path.is_ident("doc")
        {
            let text = match pair.value {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
                _ => None,
            };
            self.docs.push(Doc { end: self.tokens.len(), text });
        }
    }

    /// Puts a paragraph in front of the first heading.
    fn insert(&mut self, twin: &str) {
        let docs = std::mem::take(&mut self.docs);
        let mut in_code = false;
        let heading = docs.iter().position(|doc| {
            let text = doc.text.as_deref().unwrap_or_default().trim();
            in_code ^= text.starts_with("```");
            !in_code && text.starts_with('#')
        });
        let before = &docs[..heading.unwrap_or(docs.len())];
        // Docs that begin with a heading are left alone.
        let Some(last) = before.iter().rposition(|doc| !doc.is_empty()) else { return };
        let line = format!(" Its blocking twin is {twin}.");
        let end = before[last].end;
        let paragraph = quote!(#[doc = ""] #[doc = #line]);
        let behind = heading.filter(|heading| *heading == last + 1).map(|_| quote!(#[doc = ""]));
        self.tokens.splice(end..end, quote!(#paragraph #behind));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_added_to_docs() {
        let links = Links {
            item: Some("[`Twin`]".to_owned()),
            functions: [("get".to_owned(), "[`Twin::get`]".to_owned())].into(),
        };
        let written = quote! {
            /// First.
            #[cfg(unix)]
            /// # Errors
            /// E.
            impl Client {
                /// Any.
                const F: fn() = f;
                /// First.
                ///
                /// # Panics
                pub async fn get(&self) {}
                async fn get(&self) {}
                /// Other.
                async fn set(&self) {}
            }
        };
        let expected = quote! {
            /// First.
            #[doc = ""]
            #[doc = " Its blocking twin is [`Twin`]."]
            #[doc = ""]
            #[cfg(unix)]
            /// # Errors
            /// E.
            impl Client {
                /// Any.
                const F: fn() = f;
                /// First.
                #[doc = ""]
                #[doc = " Its blocking twin is [`Twin::get`]."]
                ///
                /// # Panics
                pub async fn get(&self) {}
                async fn get(&self) {}
                /// Other.
                async fn set(&self) {}
            }
        };
        assert_eq!(links.add_to(written).to_string(), expected.to_string());
    }
}
