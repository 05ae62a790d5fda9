//! What an attribute makes of an async function, the program's `main` or a test, and the checks
//! that both need.

use proc_macro2::TokenTree;
use quote::{ToTokens, quote};
use syn::{Attribute, Error, FnArg, Safety, Signature};

use crate::diagnostics::Errors;
use crate::item::function::Function;
use crate::options::settings::Settings;
use crate::options::value::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// The program's `main`, by `#[entry]`.
    Main,
    /// A test, by `#[bridgehead::test]`.
    Test,
}

impl Target {
    /// How messages name the function.
    fn subject(self) -> &'static str {
        match self {
            Self::Main => "`main`",
            Self::Test => "a test",
        }
    }

    /// The runtime's flavor if the user sets none.
    pub(crate) fn default_flavor(self) -> &'static str {
        match self {
            Self::Main => "multi_thread",
            Self::Test => "current_thread",
        }
    }

    pub(crate) fn check_settings(self, settings: &Settings, errors: &mut Errors) {
        for setting in settings.iter() {
            check_value(&setting.value, errors);
        }
        let flavor = settings.flavor(self.default_flavor());
        if let (Some(setting), Some(flavor @ ("current_thread" | "local"))) =
            (settings.get("worker_threads"), flavor)
        {
            let message = if settings.get("flavor").is_some() {
                format!("`worker_threads` has no effect with `flavor = \"{flavor}\"`; remove it")
            } else {
                "`worker_threads` has no effect on one thread; add `flavor = \"multi_thread\"`"
                    .to_owned()
            };
            errors.at(&setting.name, message);
        }
        for name in ["start_paused", "fiber"] {
            if let (Some(setting), Some("multi_thread")) = (settings.get(name), flavor) {
                let is_on =
                    matches!(&setting.value, Value::Expr(value) if value.to_string() == "true");
                if is_on {
                    let message = format!(
                        "`{name}` needs a single thread; add `flavor = \"current_thread\"` or `\"local\"`"
                    );
                    errors.at(&setting.name, message);
                }
            }
        }
    }

    pub(crate) fn check_attributes(self, function: &Function, errors: &mut Errors) {
        if let Some((span, path)) = function.made_by() {
            let claim = path.rsplit("::").next().and_then(Claim::of_name).unwrap_or(Claim::Main);
            errors.add(Error::new(span, self.clash(claim, &path)));
            // Attributes that its expansion added to the function aren't the user's.
            return;
        }
        for attr in &function.attrs {
            if let Some(claim) = Claim::of(attr) {
                let path = attr.path().to_token_stream().to_string().replace(' ', "");
                errors.at(attr, self.clash(claim, &path));
            }
        }
    }

    fn clash(self, claim: Claim, path: &str) -> String {
        match (self, claim) {
            (Self::Main, Claim::Entry) => "`#[entry]` is given twice; remove one".to_owned(),
            (Self::Main, Claim::Main) => {
                format!("`#[{path}]` runs `main`, as `#[entry]` does; remove `#[{path}]`")
            }
            (Self::Main, Claim::Test) => {
                format!(
                    "`#[{path}]` is for tests, and `#[entry]` for the program's `main`; remove one"
                )
            }
            (Self::Test, Claim::Test) if path.starts_with("bridgehead::") => {
                format!("`#[{path}]` is given twice; remove one")
            }
            (Self::Test, Claim::Test) => {
                format!(
                    "`#[{path}]` makes this function a test, as `#[bridgehead::test]` does; remove `#[{path}]`"
                )
            }
            (Self::Test, Claim::Entry | Claim::Main) => format!(
                "`#[{path}]` is for the program's `main`, and `#[bridgehead::test]` for tests; remove one"
            ),
        }
    }

    /// Checks the signature except for its generics and for arguments other than `self`.
    pub(crate) fn check_signature(self, function: &Function, errors: &mut Errors) {
        let subject = self.subject();
        let Signature { constness, asyncness, safety, abi, fn_token, ident, variadic, .. } =
            &function.sig;
        if asyncness.is_none() && function.made_by().is_none() {
            let and = if function.mentions("block_on") { " and remove `block_on`" } else { "" };
            let or = if self == Self::Test { ", or use std's `#[test]`" } else { "" };
            let message =
                format!("expected `async fn {ident}`, found `fn {ident}`; add `async`{and}{or}");
            errors.at(fn_token, message);
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
        let receiver = match function.sig.inputs.first() {
            Some(FnArg::Receiver(receiver)) => Some(receiver),
            _ => None,
        };
        if let Some(receiver) = receiver {
            errors.at(
                receiver,
                format!("{subject} can't be a method; move it out, and remove `self`"),
            );
        } else if let Some(semicolon) = &function.semicolon {
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

/// Reports a `?` or an `.await` at the end of a value, since options are evaluated outside of the
/// async function.
fn check_value(value: &Value, errors: &mut Errors) {
    let Value::Expr(value) = value else { return };
    let tokens: Vec<TokenTree> = value.clone().into_iter().collect();
    match tokens.as_slice() {
        [.., TokenTree::Punct(last)] if last.as_char() == '?' => {
            errors
                .at(last, "options are evaluated before the run; write `.unwrap()` instead of `?`");
        }
        [.., TokenTree::Punct(dot), TokenTree::Ident(last)]
            if dot.as_char() == '.' && last == "await" =>
        {
            let message =
                "options are evaluated before the run; compute the value without `.await`";
            errors.at(quote!(#dot #last), message);
        }
        _ => {}
    }
}

/// An attribute that makes a `main` or a test of the function itself, so that two of them conflict.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Claim {
    Entry,
    Main,
    Test,
}

impl Claim {
    pub(crate) fn of(attr: &Attribute) -> Option<Self> {
        Self::of_name(&attr.path().segments.last()?.ident.to_string())
    }

    fn of_name(name: &str) -> Option<Self> {
        match name {
            "entry" => Some(Self::Entry),
            "main" => Some(Self::Main),
            "test" => Some(Self::Test),
            _ => None,
        }
    }
}
