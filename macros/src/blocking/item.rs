//! The item that the attribute is on.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{
    Attribute, Error, Generics, Ident, ImplItem, ItemEnum, ItemImpl, ItemStruct, ItemTrait, Macro,
    TraitItem, TraitItemType, Visibility, parse_quote,
};

use crate::blocking::own_attributes::{last_of, own_settings, without_own_attributes};
use crate::diagnostics::Errors;
use crate::item::function::Function;
use crate::item::kind::ItemKind;
use crate::options::schema::{self, Schema};
use crate::options::settings::Settings;

pub(crate) enum Item {
    Function(Box<Method>),
    /// The head lacks what is between the braces.
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

/// A struct or an enum. Its fields and variants don't matter.
pub(crate) struct TypeItem {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
}

impl Item {
    pub(crate) fn parse(tokens: &TokenStream, errors: &mut Errors) -> syn::Result<Self> {
        if is_function(tokens.clone()) {
            let function = syn::parse2(tokens.clone())?;
            return Ok(Self::Function(Box::new(Method::new(function, Settings::default()))));
        }
        match keyword(tokens).as_str() {
            "impl" => {
                let (head, body) = open(tokens);
                let head = Box::new(syn::parse2(head)?);
                Ok(Self::Impl { head, members: Members::parse(body, of_impl, errors)? })
            }
            "trait" => {
                let (head, body) = open(tokens);
                let head = Box::new(syn::parse2(head)?);
                Ok(Self::Trait { head, members: Members::parse(body, of_trait, errors)? })
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

    pub(crate) fn schema(&self) -> &'static Schema {
        match self {
            Self::Function(_) => &schema::BLOCKING_FUNCTION,
            Self::Impl { .. } => &schema::BLOCKING_IMPL,
            Self::Trait { .. } => &schema::BLOCKING_TRAIT,
            Self::Type(_) => &schema::BLOCKING_TYPE,
        }
    }

    /// The tokens of the item, without this macro's attributes of its functions, which the compiler
    /// would expand once more.
    pub(crate) fn untouched(&self, tokens: &TokenStream) -> TokenStream {
        match self {
            Self::Function(_) | Self::Type(_) => tokens.clone(),
            Self::Impl { .. } | Self::Trait { .. } => with_body(tokens, without_own_attributes),
        }
    }
}

/// The first word behind attributes and visibility, which may be in the invisible delimiters of a
/// `macro_rules!` fragment.
fn keyword(tokens: &TokenStream) -> String {
    let mut words = tokens.clone().into_iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    words.find(|word| !["pub", "unsafe", "default"].contains(&word.as_str())).unwrap_or_default()
}

fn refused(tokens: &TokenStream) -> Error {
    const EXPECTED: &str =
        "expected an `async fn`, an `impl`, a `trait`, a `struct` or an `enum`, found";
    match ItemKind::of(tokens) {
        ItemKind::Other(keyword) => Error::new_spanned(&keyword, format!("{EXPECTED} `{keyword}`")),
        ItemKind::MacroCall(name) => {
            Error::new_spanned(name, format!("{EXPECTED} a call of a macro"))
        }
        ItemKind::FaultyFunction | ItemKind::Function | ItemKind::Statement => {
            Error::new_spanned(tokens, format!("{EXPECTED} something else"))
        }
    }
}

/// The item with empty braces, which is quick to parse, and the tokens between them.
fn open(tokens: &TokenStream) -> (TokenStream, TokenStream) {
    let mut body = TokenStream::new();
    let head = with_body(tokens, |tokens| {
        body = tokens;
        TokenStream::new()
    });
    (head, body)
}

fn with_body(
    tokens: &TokenStream,
    conversion: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    match tokens.pop() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let mut changed = Group::new(Delimiter::Brace, conversion(group.stream()));
            changed.set_span(group.span());
            tokens.push(changed.into());
        }
        last => tokens.extend(last),
    }
    tokens.into_iter().map(TokenTree::into_token_stream).collect()
}

/// A function, and the options of its own attribute.
pub(crate) struct Method {
    pub(crate) function: Function,
    pub(crate) own: Settings,
    /// This is the function once more, for the case that the condition of its options isn't met.
    /// Its faults aren't reported, since that case can't occur if the whole item has the same
    /// condition.
    pub(crate) is_alternative: bool,
    /// The function's options are in a `cfg_attr`.
    pub(crate) has_condition: bool,
}

impl Method {
    fn new(function: Function, own: Settings) -> Self {
        Self { function, own, is_alternative: false, has_condition: false }
    }
}

#[derive(Default)]
pub(crate) struct Members {
    pub(crate) methods: Vec<Method>,
    /// A trait's associated types.
    pub(crate) types: Vec<TraitItemType>,
    /// The associated types and constants of a trait's impl.
    pub(crate) assigned: Vec<Ident>,
}

impl Members {
    pub(crate) fn parse(
        body: TokenStream,
        other: fn(&mut Self, ParseStream<'_>, &mut Errors) -> syn::Result<()>,
        errors: &mut Errors,
    ) -> syn::Result<Self> {
        let parser = |input: ParseStream<'_>| {
            let mut members = Self::default();
            while !input.is_empty() {
                if is_function(input.cursor().token_stream()) {
                    let again = input.fork();
                    let function: Function = input.parse()?;
                    let (own, condition) = own_settings(&function.attrs, errors);
                    let mut method = Method::new(function, own);
                    if let Some(condition) = condition {
                        let mut other = Method::new(again.parse()?, Settings::default());
                        other.is_alternative = true;
                        (other.has_condition, method.has_condition) = (true, true);
                        other.function.attrs.push(parse_quote!(#[cfg(not(#condition))]));
                        method.function.attrs.push(parse_quote!(#[cfg(#condition)]));
                        members.methods.push(other);
                    }
                    members.methods.push(method);
                } else {
                    other(&mut members, input, errors)?;
                }
            }
            Ok(members)
        };
        parser.parse2(opened(body))
    }
}

/// Removes the invisible delimiters in which an `$item:item` of a `macro_rules!` macro arrives.
/// Those of other fragments stay.
fn opened(body: TokenStream) -> TokenStream {
    let tokens = body.into_iter().map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            let inner = opened(group.stream());
            if ends_as_item(&inner) { inner } else { group.into_token_stream() }
        }
        token => token.into(),
    });
    tokens.collect()
}

/// Whether the tokens end as an item does, unlike a type or a visibility.
fn ends_as_item(tokens: &TokenStream) -> bool {
    match tokens.clone().into_iter().last() {
        Some(TokenTree::Punct(punct)) => punct.as_char() == ';',
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        _ => false,
    }
}

pub(crate) fn of_impl(
    members: &mut Members,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<()> {
    match input.parse()? {
        ImplItem::Type(item) => members.assigned.push(item.ident),
        ImplItem::Const(item) => members.assigned.push(item.ident),
        ImplItem::Macro(item) => unseen(&item.mac, errors),
        _ => {}
    }
    Ok(())
}

pub(crate) fn of_trait(
    members: &mut Members,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<()> {
    match input.parse()? {
        TraitItem::Type(item) => members.types.push(item),
        TraitItem::Macro(item) => unseen(&item.mac, errors),
        _ => {}
    }
    Ok(())
}

fn unseen(item: &Macro, errors: &mut Errors) {
    let name = last_of(&item.path).map(ToString::to_string).unwrap_or_default();
    let remedy = "write it out, or move it to another impl";
    errors.at(&item.path, format!("`#[blocking]` can't see what `{name}!` expands to; {remedy}"));
}

/// Whether the tokens begin with a function: its attributes, and then the word `fn` behind words
/// that may precede it.
pub(crate) fn is_function(tokens: TokenStream) -> bool {
    const BEFORE: [&str; 7] = ["pub", "default", "const", "async", "unsafe", "safe", "extern"];
    let mut rest = tokens.into_iter().skip_while(|token| match token {
        TokenTree::Ident(word) => BEFORE.iter().any(|known| word == known),
        // An attribute. Its brackets are a group, as is a `macro_rules!` fragment.
        TokenTree::Punct(punct) => punct.as_char() == '#',
        // This also skips the rest of `pub(crate)` and `extern "C"`.
        TokenTree::Group(_) | TokenTree::Literal(_) => true,
    });
    rest.next().is_some_and(|token| matches!(token, TokenTree::Ident(word) if word == "fn"))
}
