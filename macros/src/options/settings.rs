//! The options of one macro call.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::Error;

use crate::diagnostics::Errors;
use crate::manifest;
use crate::options::parse::{shape, split, with_whole_lists};
use crate::options::schema::{BUILDER, CALL, Schema};
use crate::options::value::{Value, ValueKind, door};

/// An option that is set, and has passed its checks.
pub(crate) struct Setting {
    /// The user's own word, so that an editor finds the documentation of the method.
    pub(crate) name: Ident,
    pub(crate) value: Value,
}

/// The options of one macro call.
#[derive(Default)]
pub(crate) struct Settings {
    valid: Vec<Setting>,
    /// The first word of each option, including options with a fault.
    words: Vec<Ident>,
}

impl Settings {
    /// Reads `option = value, …`. An option with a fault is reported and left out.
    pub(crate) fn parse(tokens: TokenStream, schema: &Schema, errors: &mut Errors) -> Self {
        let mut named: Vec<Ident> = Vec::new();
        let mut settings = Self::default();
        for piece in with_whole_lists(split(tokens, errors)) {
            if let Some(TokenTree::Ident(word)) = piece.first() {
                settings.words.push(word.clone());
            }
            let Some((name, kind, value)) = shape(&piece, schema, errors) else { continue };
            if named.contains(&name) {
                errors.at(&name, format!("`{name}` is set twice; remove one"));
                continue;
            }
            named.push(name.clone());
            match kind.check(value) {
                Ok(value) => settings.valid.push(Setting { name, value }),
                Err(error) => errors.add(error),
            }
        }
        settings
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.valid.iter()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Setting> {
        self.iter().find(|setting| setting.name == name)
    }

    /// Whether an option is written, valid or not.
    pub(crate) fn tries(&self, name: &str) -> bool {
        self.words.iter().any(|word| word == name)
    }

    /// The value of an option that may be written without a value.
    pub(crate) fn switch(&self, name: &str) -> Option<bool> {
        match self.get(name)?.value {
            Value::Switch(is_on) => Some(is_on),
            _ => None,
        }
    }

    /// The path of the runtime crate: that of `crate = path`, or else the default.
    pub(crate) fn crate_path(&self, default: impl FnOnce() -> TokenStream) -> TokenStream {
        match self.get("crate") {
            Some(Setting { value: Value::Path(path), .. }) => path.to_token_stream(),
            _ => default(),
        }
    }

    /// Reports that the package doesn't depend on the runtime crate, unless an option names one.
    /// Returns whether there is one. `user` is the span of one of the user's own tokens.
    pub(crate) fn check_crate(&self, user: Span, errors: &mut Errors) -> bool {
        if self.tries("crate") || !manifest::is_missing() {
            return true;
        }
        let remedy = "add it with `cargo add bridgehead`, or specify its path in another crate";
        let message = format!(
            "this package doesn't depend on `bridgehead`; {remedy}: `crate = path::to::bridgehead`"
        );
        errors.add(Error::new(Span::call_site().resolved_at(user), message));
        false
    }

    /// Imports the runtime crate's hidden module into a body. All other generated tokens go through
    /// the imported name, so that the compiler reports a missing crate only once.
    pub(crate) fn import(&self) -> TokenStream {
        let krate = self.crate_path(|| manifest::crate_path(Span::call_site()));
        let last =
            krate.clone().into_iter().last().map_or_else(Span::call_site, |token| token.span());
        let door = door(last);
        let private = Ident::new("__private", last);
        quote_spanned!(last=> use #krate::#private as #door;)
    }

    /// The options that are methods of the builder, as calls of them.
    pub(crate) fn builder_calls(&self) -> TokenStream {
        self.calls(&[BUILDER], &door(Span::call_site()))
    }

    /// The options that are methods of `CallOptions`, as calls of them. `None` if none is set.
    pub(crate) fn call_options(&self, krate: &TokenStream) -> Option<TokenStream> {
        let calls = self.calls(CALL, &quote!(#krate::__private));
        (!calls.is_empty()).then_some(calls)
    }

    /// The runtime that the option `on` sets for a call.
    pub(crate) fn on(&self, krate: &TokenStream) -> Option<TokenStream> {
        let on = match &self.get("on")?.value {
            Value::Keyword(background) => {
                let background = Ident::new(background.variant, Span::call_site());
                quote!(#krate::__private::#background)
            }
            value => value.to_expr(),
        };
        Some(on)
    }

    fn calls(&self, methods: &[&[(&str, ValueKind)]], door: &impl ToTokens) -> TokenStream {
        let is_method =
            |name: &Ident| methods.iter().copied().flatten().any(|(known, _)| name == known);
        let settings = self.iter().filter(|setting| is_method(&setting.name));
        settings
            .map(|Setting { name, value }| {
                let value = value.to_expr_through(door);
                quote!(.#name(#value))
            })
            .collect()
    }

    /// The name of the flavor that is written, or else of the default. `None` if it is known only
    /// when the program runs.
    pub(crate) fn flavor(&self, default: &'static str) -> Option<&'static str> {
        match self.get("flavor") {
            None => Some(default),
            Some(Setting { value: Value::Keyword(flavor), .. }) => Some(flavor.name),
            Some(_) => None,
        }
    }
}

/// The runtime of a call, as the argument of `enter_on`.
pub(crate) fn served_by(krate: &TokenStream, on: TokenStream) -> TokenStream {
    let on = reference(on);
    quote!(&mut #krate::__private::served_by(#on))
}

/// A reference to an expression. Its first and last token have the spans of the expression's, since
/// the compiler underlines an argument from its first token to its last.
pub(crate) fn reference(expr: TokenStream) -> TokenStream {
    let tokens = || expr.clone().into_iter().map(|token| token.span());
    let first = tokens().next().unwrap_or_else(Span::call_site);
    let last = tokens().last().unwrap_or_else(Span::call_site);
    let mut group = Group::new(Delimiter::Parenthesis, expr);
    group.set_span(last);
    quote_spanned!(first=> &#group)
}
