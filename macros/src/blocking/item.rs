//! What the attribute stands on.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Error, Generics, Ident, ItemEnum, ItemImpl, ItemStruct, ItemTrait, Visibility};

use super::members::{self, Members, Method};
use super::tables;
use crate::errors::Errors;
use crate::item::Item as Found;
use crate::options::Settings;
use crate::tables::Table;

pub(crate) enum Item {
    Function(Box<Method>),
    /// What stands between the braces is left out of the head.
    Impl {
        head: Box<ItemImpl>,
        members: Members,
    },
    Trait {
        head: Box<ItemTrait>,
        members: Members,
    },
    Type(Box<TypeItem>),
}

/// A struct or an enum. What it consists of doesn't matter.
pub(crate) struct TypeItem {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
}

impl Item {
    pub(crate) fn parse(tokens: &TokenStream, errors: &mut Errors) -> syn::Result<Self> {
        if members::is_function(tokens.clone()) {
            let function = syn::parse2(tokens.clone())?;
            return Ok(Self::Function(Box::new(Method { function, own: Settings::default() })));
        }
        match keyword(tokens).as_str() {
            "impl" => {
                let (head, body) = open(tokens);
                let head = Box::new(syn::parse2(head)?);
                Ok(Self::Impl { head, members: Members::parse(body, members::of_impl, errors)? })
            }
            "trait" => {
                let (head, body) = open(tokens);
                let head = Box::new(syn::parse2(head)?);
                Ok(Self::Trait { head, members: Members::parse(body, members::of_trait, errors)? })
            }
            "struct" => {
                let ItemStruct { attrs, vis, ident, generics, .. } = syn::parse2(tokens.clone())?;
                Ok(Self::Type(Box::new(TypeItem { attrs, vis, ident, generics })))
            }
            "enum" => {
                let ItemEnum { attrs, vis, ident, generics, .. } = syn::parse2(tokens.clone())?;
                Ok(Self::Type(Box::new(TypeItem { attrs, vis, ident, generics })))
            }
            _ => Err(refused(tokens)),
        }
    }

    pub(crate) fn table(&self) -> &'static Table {
        match self {
            Self::Function(_) => &tables::FUNCTION,
            Self::Impl { .. } => &tables::IMPL,
            Self::Trait { .. } => &tables::TRAIT,
            Self::Type(_) => &tables::TYPE_ITEM,
        }
    }

    /// The tokens of the item, without the attributes of its functions that are this macro's own: the compiler would expand them
    /// once more.
    pub(crate) fn untouched(&self, tokens: &TokenStream) -> TokenStream {
        match self {
            Self::Function(_) | Self::Type(_) => tokens.clone(),
            Self::Impl { .. } | Self::Trait { .. } => with_body(tokens, members::without_own_attributes),
        }
    }
}

/// The first word behind attributes and visibility, which may be in the invisible delimiters of a `macro_rules!` fragment.
fn keyword(tokens: &TokenStream) -> String {
    let mut words = tokens.clone().into_iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    words.find(|word| !["pub", "unsafe", "default"].contains(&word.as_str())).unwrap_or_default()
}

fn refused(tokens: &TokenStream) -> Error {
    const EXPECTED: &str = "expected an `async fn`, an `impl`, a `trait`, a `struct` or an `enum`, found";
    match Found::of(tokens) {
        Found::Other(keyword) => Error::new_spanned(&keyword, format!("{EXPECTED} `{keyword}`")),
        Found::Call(name) => Error::new_spanned(name, format!("{EXPECTED} a call of a macro")),
        Found::FaultyFunction | Found::Function | Found::Statement => {
            Error::new_spanned(tokens, format!("{EXPECTED} something else"))
        }
    }
}

/// The item with nothing between its braces, which is quick to parse, and what stands there.
fn open(tokens: &TokenStream) -> (TokenStream, TokenStream) {
    let mut body = TokenStream::new();
    let head = with_body(tokens, |tokens| {
        body = tokens;
        TokenStream::new()
    });
    (head, body)
}

fn with_body(tokens: &TokenStream, change: impl FnOnce(TokenStream) -> TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    match tokens.pop() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let mut changed = Group::new(Delimiter::Brace, change(group.stream()));
            changed.set_span(group.span());
            tokens.push(changed.into());
        }
        last => tokens.extend(last),
    }
    tokens.into_iter().map(TokenTree::into_token_stream).collect()
}
