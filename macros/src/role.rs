//! The two roles that an attribute gives to an async function, and what is checked alike for both.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Safety, Signature};

use crate::errors::Errors;
use crate::function::Function;
use crate::options::Settings;
use crate::values::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Of `#[entry]`.
    Main,
    /// Of `#[bridgehead::test]`.
    Test,
}

impl Role {
    /// For messages.
    fn subject(self) -> &'static str {
        match self {
            Self::Main => "`main`",
            Self::Test => "a test",
        }
    }

    /// The flavor that the expansion asks for if the user doesn't.
    pub(crate) fn default_flavor(self) -> &'static str {
        match self {
            Self::Main => "multi_thread",
            Self::Test => "current_thread",
        }
    }

    pub(crate) fn check_settings(self, settings: &Settings, errors: &mut Errors) {
        let flavor = settings.flavor(self.default_flavor());
        if let (Some(setting), Some(flavor @ ("current_thread" | "local"))) =
            (settings.get("worker_threads"), flavor)
        {
            let message = if settings.get("flavor").is_some() {
                format!("`worker_threads` has no effect with `flavor = \"{flavor}\"`; remove it")
            } else {
                "`worker_threads` has no effect on one thread; add `flavor = \"multi_thread\"`".to_owned()
            };
            errors.at(&setting.name, message);
        }
        if let (Some(setting), Some("multi_thread")) = (settings.get("start_paused"), flavor) {
            let is_on = matches!(&setting.value, Value::Expr(value) if value.to_string() == "true");
            if is_on {
                let message =
                    "`start_paused` needs a single thread; add `flavor = \"current_thread\"` or `\"local\"`";
                errors.at(&setting.name, message);
            }
        }
    }

    pub(crate) fn check_attributes(self, attrs: &[Attribute], errors: &mut Errors) {
        for attr in attrs {
            let Some(claim) = Claim::of(attr) else { continue };
            let path = path(attr);
            let message = match (self, claim) {
                (Self::Main, Claim::Entry) => "`#[entry]` is given twice; remove one".to_owned(),
                (Self::Main, Claim::Main) => {
                    format!("`#[{path}]` runs `main`, as `#[entry]` does; remove it")
                }
                (Self::Main, Claim::Test) => {
                    format!("`#[{path}]` is for tests, and `#[entry]` for the program's `main`; remove one")
                }
                (Self::Test, Claim::Test) if path.starts_with("bridgehead::") => {
                    format!("`#[{path}]` is given twice; remove one")
                }
                (Self::Test, Claim::Test) => {
                    format!("`#[{path}]` makes a test of it, as `#[bridgehead::test]` does; remove it")
                }
                (Self::Test, Claim::Entry | Claim::Main) => format!(
                    "`#[{path}]` is for the program's `main`, and `#[bridgehead::test]` for tests; remove one"
                ),
            };
            errors.at(attr, message);
        }
    }

    /// All but the arguments and the generics.
    pub(crate) fn check_signature(self, function: &Function, errors: &mut Errors) {
        let subject = self.subject();
        let Signature { constness, asyncness, safety, abi, fn_token, ident, variadic, .. } = &function.sig;
        if runs_already(function) {
            let message = match self {
                Self::Main => {
                    "this `main` runs a runtime already; remove `#[tokio::main]`, or make it async and remove `block_on`"
                }
                Self::Test => {
                    "this test runs a runtime already; remove `#[tokio::test]`, or make it async and remove `block_on`"
                }
            };
            errors.at(fn_token, message);
        } else if asyncness.is_none() {
            let instead = if self == Self::Test { ", or use std's `#[test]`" } else { "" };
            errors.at(
                fn_token,
                format!("expected `async fn {ident}`, found `fn {ident}`; add `async`{instead}"),
            );
        }
        if constness.is_some() {
            errors.at(constness, format!("{subject} can't be `const`; remove it"));
        }
        if let Safety::Unsafe(unsafe_token) = safety {
            errors.at(unsafe_token, format!("{subject} can't be `unsafe`; remove it"));
        }
        if abi.is_some() {
            errors.at(abi, format!("{subject} can't have another ABI; remove it"));
        }
        if variadic.is_some() {
            let message = format!("{subject} takes no arguments; remove `...`");
            errors.at(variadic, message);
        }
        if let Some(semicolon) = &function.semicolon {
            errors.at(semicolon, format!("expected `{{ … }}`, found `;`; {subject} needs a body"));
        }
    }

    pub(crate) fn check_generics(self, function: &Function, errors: &mut Errors) {
        let subject = self.subject();
        let generics = &function.sig.generics;
        if !generics.params.is_empty() {
            errors.at(generics, format!("{subject} can't be generic; remove the parameters"));
        }
        if generics.where_clause.is_some() {
            let message = format!("{subject} can't have a `where` clause; remove it");
            errors.at(&generics.where_clause, message);
        }
    }
}

/// An attribute that claims the function for itself.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Claim {
    Entry,
    Main,
    Test,
}

impl Claim {
    pub(crate) fn of(attr: &Attribute) -> Option<Self> {
        let name = &attr.path().segments.last()?.ident;
        match () {
            () if name == "entry" => Some(Self::Entry),
            () if name == "main" => Some(Self::Main),
            () if name == "test" => Some(Self::Test),
            () => None,
        }
    }
}

/// As one would write it.
fn path(attr: &Attribute) -> String {
    attr.path().to_token_stream().to_string().replace(' ', "")
}

/// Another attribute, above this one, has expanded already and has made an ordinary function of it. Or the user has.
pub(crate) fn runs_already(function: &Function) -> bool {
    function.sig.asyncness.is_none() && function.mentions("block_on")
}

/// The word that says what kind of item it is, if it is no function.
pub(crate) fn keyword(item: &TokenStream) -> Option<TokenTree> {
    let kinds = "const enum extern impl macro_rules mod static struct trait type union use";
    let is_kind = |token: &TokenTree| kinds.split(' ').any(|kind| token.to_string() == kind);
    let is_fn = |token: &TokenTree| token.to_string() == "fn";
    item.clone().into_iter().take_while(|token| !is_fn(token)).find(is_kind)
}
