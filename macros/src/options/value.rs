//! The values of options.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Error, Expr, Path};

use crate::options::keywords::{self, Keyword, Keywords};
use crate::source::call_site::as_written;

/// The type of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueKind {
    /// A `Flavor`, or its name.
    Flavor,
    /// A `usize` of at least 1.
    Count,
    /// A `u32` of at least 1.
    Ticks,
    /// A string without NUL.
    Text,
    /// A `Duration`, or its text.
    Duration,
    Bool,
    /// A path, or its text. Not an expression.
    Path,
    /// An `Unhandled`, or its name.
    Unhandled,
    /// A function that is called with each failure.
    Handler,
    /// A `bool`, a list of `Signal`s or their names, or whatever else is `Into<Signals>`.
    Signals,
    /// The name of a variant of `Leaks`; no expression.
    Leaks,
    /// No value: the option is only its name.
    Flag,
    /// No value, or `true` or `false`.
    Switch,
    /// A part of a function's name, in quotes.
    Name,
    /// A type's path, without generics.
    TypeName,
    Module,
    Type,
    Visibility,
    /// Pairs of types in parentheses, which are parsed later.
    TypePairs,
    /// An `OnStall`, or its name.
    OnStall,
    /// A `SignalStatus`, or its name.
    SignalStatus,
    /// The runtime of calls: an expression, or `"background"`.
    On,
    /// A function without arguments that returns a `bool`.
    Question,
}

pub(crate) enum Value {
    /// Emitted as it was given.
    Expr(TokenStream),
    Keyword(Keyword),
    Duration(Duration),
    Signals(Vec<Value>),
    Path(Path),
    Switch(bool),
    /// A name, or a part of one.
    Name(String),
}

impl ValueKind {
    /// An example of a value, for messages.
    pub(crate) fn example(self) -> &'static str {
        match self {
            Self::Flavor => "\"current_thread\"",
            Self::Count => "4",
            Self::Ticks => "61",
            Self::Text => "\"worker\"",
            Self::Duration => "\"5s\"",
            Self::Bool | Self::Switch => "true",
            Self::Path => "path::to::bridgehead",
            Self::Unhandled | Self::Leaks => "\"fail\"",
            Self::OnStall => "\"ignore\"",
            Self::SignalStatus => "\"main\"",
            Self::On => "\"background\"",
            Self::Question => "|| is_cancelled()",
            Self::Handler => "|failure| eprintln!(\"{failure}\")",
            Self::Signals => "[\"SIGINT\", \"SIGTERM\"]",
            Self::Flag => "",
            Self::Name => "\"blocking_\"",
            Self::TypeName => "BlockingClient",
            Self::Module => "blocking",
            Self::Type => "Type",
            Self::Visibility => "pub(crate)",
            Self::TypePairs => "(Transaction = BlockingTransaction)",
        }
    }

    pub(super) fn keywords(self) -> Option<&'static Keywords> {
        match self {
            Self::Flavor => Some(&keywords::FLAVOR),
            Self::Unhandled => Some(&keywords::UNHANDLED),
            Self::Leaks => Some(&keywords::LEAKS),
            Self::OnStall => Some(&keywords::ON_STALL),
            Self::SignalStatus => Some(&keywords::SIGNAL_STATUS),
            Self::On => Some(&keywords::ON),
            _ => None,
        }
    }

    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Flavor => "expected `\"multi_thread\"`, `\"current_thread\"` or `\"local\"`",
            Self::Count | Self::Ticks => "expected a number",
            Self::Text => "expected a string",
            Self::Duration => "expected a duration with its unit, such as `\"5s\"`",
            Self::Bool | Self::Switch => "expected `true` or `false`",
            Self::Path => "expected a path, such as `path::to::bridgehead`",
            Self::Unhandled => "expected `\"report\"` or `\"fail\"`",
            Self::Leaks => "expected `\"fail\"` or `\"ignore\"`",
            Self::OnStall => "expected `\"report\"`, `\"panic\"` or `\"ignore\"`",
            Self::SignalStatus => "expected `\"signal\"` or `\"main\"`",
            Self::On => "expected a `Handle`, a `Runner` or `\"background\"`",
            Self::Question => {
                "expected a function that returns a `bool`, such as `|| is_cancelled()`"
            }
            Self::Handler => {
                "expected a function of a `&Failure`, such as `|failure| eprintln!(\"{failure}\")`"
            }
            Self::Signals => {
                "expected `true`, `false` or a list such as `[\"SIGINT\", \"SIGTERM\"]`"
            }
            Self::Flag => "expected no value",
            Self::Name => "expected a name, or a part of one, in quotes",
            Self::TypeName => "expected a type's name without generics, such as `BlockingClient`",
            Self::Module => "expected a module's name, such as `blocking`",
            Self::Type => "expected a type",
            Self::Visibility => "expected a visibility, such as `pub` or `pub(crate)`",
            Self::TypePairs => {
                "expected pairs of types, such as `(Transaction = BlockingTransaction)`"
            }
        }
    }

    pub(super) fn negative(self, tokens: &TokenStream) -> Error {
        let found = as_written(tokens);
        match self {
            Self::Count | Self::Ticks => {
                Error::new_spanned(tokens, format!("expected at least 1, found `{found}`"))
            }
            _ => Error::new_spanned(tokens, format!("{}, found `{found}`", self.expected())),
        }
    }

    pub(super) fn unexpected(self, tokens: &TokenStream) -> Error {
        Error::new_spanned(tokens, format!("{}, found `{}`", self.expected(), as_written(tokens)))
    }
}

impl Value {
    /// The tokens of the value, for a body that
    /// [imports](crate::options::settings::Settings::import) the hidden module, or for a value that
    /// doesn't need it.
    pub(crate) fn to_expr(&self) -> TokenStream {
        self.to_expr_through(&door(Span::call_site()))
    }

    /// The tokens of the value. `door` is the path of the runtime crate's hidden module, or the
    /// name by which it is imported.
    pub(super) fn to_expr_through(&self, door: &impl ToTokens) -> TokenStream {
        match self {
            Self::Expr(tokens) => tokens.clone(),
            Self::Keyword(word) => word.to_expr(door),
            Self::Signals(signals) => {
                let signals = signals.iter().map(|signal| signal.to_expr_through(door));
                quote!([#(#signals),*])
            }
            Self::Duration(duration) => {
                let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
                quote!(::core::time::Duration::new(#seconds, #nanos))
            }
            Self::Path(path) => path.to_token_stream(),
            Self::Switch(is_on) => is_on.to_token_stream(),
            Self::Name(name) => name.to_token_stream(),
        }
    }
}

/// The name by which [`Settings::import`](crate::options::settings::Settings::import) imports the
/// hidden module.
pub(crate) fn door(span: Span) -> Ident {
    Ident::new("__bridgehead", span)
}

/// The expression without its parentheses: neither those of the user nor the invisible ones in
/// which a `macro_rules!` fragment arrives.
pub(crate) fn ungroup(mut expr: &Expr) -> &Expr {
    loop {
        expr = match expr {
            Expr::Group(group) => &group.expr,
            Expr::Paren(paren) => &paren.expr,
            _ => return expr,
        };
    }
}
