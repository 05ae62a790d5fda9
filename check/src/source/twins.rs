//! The names of the twins that `#[blocking]` generates. The sources don't contain the twins.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Meta};

/// The name of an async function's twin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Twin {
    /// Its type or trait, if that isn't the function's own.
    pub(crate) parent: Option<String>,
    pub(crate) name: String,
}

/// The options of an attribute `#[blocking]`.
#[derive(Debug, Clone, Default)]
pub(super) struct Naming {
    options: BTreeMap<String, String>,
    /// The twin of the trait around.
    trait_twin: Option<String>,
}

impl Naming {
    /// The options of an item with these attributes, inside of an item with the options `outer`.
    /// `None` if nothing in it has a twin.
    pub(super) fn of(attributes: &[Attribute], outer: Option<&Self>) -> Option<Self> {
        let own = attributes.iter().find_map(options);
        if own.as_ref().is_some_and(|options| options.contains_key("skip")) {
            return None;
        }
        let mut naming = outer.cloned();
        if let Some(own) = own {
            naming.get_or_insert_default().options.extend(own);
        }
        naming
    }

    /// The options within the trait `ident`.
    pub(super) fn in_trait(mut self, ident: &str) -> Self {
        let twin = self.get("name").map_or_else(
            || {
                let (prefix, suffix) = self.parts();
                format!("{}{ident}{}", camel_case(prefix), camel_case(suffix))
            },
            str::to_owned,
        );
        self.options.remove("name");
        self.trait_twin = Some(twin);
        self
    }

    pub(super) fn twin(&self, function: &str) -> Twin {
        let name = self.get("name").map_or_else(
            || {
                let (prefix, suffix) = self.parts();
                format!("{prefix}{function}{suffix}")
            },
            str::to_owned,
        );
        Twin {
            parent: self.get("type").map(str::to_owned).or_else(|| self.trait_twin.clone()),
            name,
        }
    }

    fn get(&self, option: &str) -> Option<&str> {
        self.options.get(option).map(String::as_str)
    }

    fn parts(&self) -> (&str, &str) {
        let (prefix, suffix) = (self.get("prefix"), self.get("suffix"));
        let is_kept = ["suffix", "type", "module"].iter().any(|option| self.get(option).is_some());
        let default = if is_kept { "" } else { "blocking_" };
        (prefix.unwrap_or(default), suffix.unwrap_or_default())
    }
}

/// The options, if the attribute is `#[blocking]`. An option without a value has an empty one.
fn options(attribute: &Attribute) -> Option<BTreeMap<String, String>> {
    attribute.path().segments.last().filter(|segment| segment.ident == "blocking")?;
    let Meta::List(list) = &attribute.meta else { return Some(BTreeMap::new()) };
    Some(pairs(list.tokens.clone()))
}

fn pairs(tokens: TokenStream) -> BTreeMap<String, String> {
    let mut pairs = BTreeMap::new();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        let TokenTree::Ident(option) = token else { continue };
        let mut value = String::new();
        for token in tokens.by_ref() {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ',' => break,
                TokenTree::Punct(punct) if punct.as_char() == '=' => {}
                token => value += token.to_string().trim_matches('"'),
            }
        }
        pairs.insert(option.to_string(), value);
    }
    pairs
}

/// `sync_io_` is `SyncIo` in the name of a trait.
fn camel_case(text: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        first.to_uppercase() + rest
    };
    text.split('_').map(word).collect()
}

#[cfg(test)]
mod tests {
    use syn::ItemImpl;

    use super::Naming;

    fn twin(attributes: &str, member: &str) -> Option<(Option<String>, String)> {
        let item: ItemImpl = syn::parse_str(&format!("{attributes} impl X {{}}")).unwrap();
        let member: syn::ItemFn = syn::parse_str(&format!("{member} fn get() {{}}")).unwrap();
        let outer = Naming::of(&item.attrs, None);
        let twin = Naming::of(&member.attrs, outer.as_ref())?.twin("get");
        Some((twin.parent, twin.name))
    }

    #[test]
    fn names_are_those_of_the_macro() {
        let own = |name: &str| Some((None, name.to_owned()));
        assert_eq!(twin("", ""), None);
        assert_eq!(twin("#[blocking]", ""), own("blocking_get"));
        assert_eq!(twin("#[blocking]", "#[blocking(skip)]"), None);
        assert_eq!(twin("#[bridgehead::blocking(prefix = \"sync_\")]", ""), own("sync_get"));
        assert_eq!(twin("#[blocking(suffix = \"_now\", timeout)]", ""), own("get_now"));
        assert_eq!(twin("#[blocking]", "#[blocking(name = \"fetch\")]"), own("fetch"));
        let of_type = |name: &str| Some((Some("Twin".to_owned()), name.to_owned()));
        assert_eq!(twin("#[blocking(type = Twin, forward)]", ""), of_type("get"));
        let naming = |attribute: &str| {
            Naming::of(&[syn::parse_quote!(#[blocking(prefix = "sync_io_")])], None)
                .map(|naming| naming.in_trait(attribute))
        };
        assert_eq!(naming("Store").unwrap().twin("get").parent.unwrap(), "SyncIoStore");
        assert_eq!(naming("Store").unwrap().twin("get").name, "sync_io_get");
    }
}
