//! String literals that name the variants of an enum.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Error, ExprPath, LitStr};

use crate::diagnostics::{fold, nearest};

/// All keywords that an option takes.
pub(crate) struct Keywords {
    /// How messages name a keyword.
    noun: &'static str,
    /// The runtime crate's enum.
    ty: &'static str,
    /// The keywords, each with the variant that it names. The first keyword of a variant is the one
    /// to propose.
    known: &'static [(&'static str, &'static str)],
    /// Other words that users may write, each with the keyword to propose.
    foreign: &'static [(&'static str, &'static str)],
}

pub(crate) const FLAVOR: Keywords = Keywords {
    noun: "flavor",
    ty: "Flavor",
    known: &[
        ("multi_thread", "MultiThread"),
        ("current_thread", "CurrentThread"),
        ("local", "Local"),
    ],
    foreign: &[
        ("threaded_scheduler", "multi_thread"),
        ("multi", "multi_thread"),
        ("threaded", "multi_thread"),
        ("basic_scheduler", "current_thread"),
        ("current", "current_thread"),
        ("single", "current_thread"),
        ("single_thread", "current_thread"),
        ("single_threaded", "current_thread"),
        ("local_set", "local"),
    ],
};

pub(crate) const UNHANDLED: Keywords = Keywords {
    noun: "value",
    ty: "Unhandled",
    known: &[("report", "Report"), ("fail", "Fail")],
    foreign: &[
        ("ignore", "report"),
        ("log", "report"),
        ("warn", "report"),
        ("shutdown_runtime", "fail"),
        ("shutdown", "fail"),
        ("panic", "fail"),
        ("abort", "fail"),
        ("exit", "fail"),
    ],
};

pub(crate) const SIGNAL_STATUS: Keywords = Keywords {
    noun: "value",
    ty: "SignalStatus",
    known: &[("signal", "FromSignal"), ("main", "FromMain")],
    foreign: &[
        ("default", "signal"),
        ("own", "main"),
        ("success", "main"),
        ("zero", "main"),
        ("clean", "main"),
    ],
};

pub(crate) const ON_STALL: Keywords = Keywords {
    noun: "value",
    ty: "OnStall",
    known: &[("report", "Report"), ("panic", "Panic"), ("ignore", "Ignore")],
    foreign: &[
        ("log", "report"),
        ("warn", "report"),
        ("tell", "report"),
        ("error", "panic"),
        ("fail", "panic"),
        ("abort", "panic"),
        ("off", "ignore"),
        ("allow", "ignore"),
        ("none", "ignore"),
        ("wait", "ignore"),
    ],
};

pub(crate) const ON: Keywords = Keywords {
    noun: "runtime",
    ty: "Background",
    known: &[("background", "Background")],
    foreign: &[("shared", "background"), ("global", "background"), ("default", "background")],
};

pub(crate) const LEAKS: Keywords = Keywords {
    noun: "value",
    ty: "Leaks",
    known: &[("fail", "Fail"), ("ignore", "Ignore")],
    foreign: &[
        ("deny", "fail"),
        ("panic", "fail"),
        ("error", "fail"),
        ("allow", "ignore"),
        ("warn", "ignore"),
    ],
};

pub(crate) const SIGNAL: Keywords = Keywords {
    noun: "signal",
    ty: "Signal",
    known: &[
        ("SIGINT", "Interrupt"),
        ("SIGTERM", "Terminate"),
        ("SIGHUP", "Hangup"),
        ("interrupt", "Interrupt"),
        ("terminate", "Terminate"),
        ("hangup", "Hangup"),
    ],
    foreign: &[
        ("int", "SIGINT"),
        ("ctrl_c", "SIGINT"),
        ("ctrl+c", "SIGINT"),
        ("ctrlc", "SIGINT"),
        ("term", "SIGTERM"),
        ("hup", "SIGHUP"),
    ],
};

/// One keyword of an option.
#[derive(Clone, Copy)]
pub(crate) struct Keyword {
    ty: &'static str,
    pub(crate) name: &'static str,
    pub(crate) variant: &'static str,
}

impl Keyword {
    pub(crate) fn to_expr(self, door: &impl ToTokens) -> TokenStream {
        let [ty, variant] = [self.ty, self.variant].map(|name| Ident::new(name, Span::call_site()));
        quote!(#door::#ty::#variant)
    }
}

impl Keywords {
    pub(crate) fn named(&self, name: &str) -> Option<Keyword> {
        let (name, variant) = self.known.iter().find(|(known, _)| *known == name)?;
        Some(Keyword { ty: self.ty, name, variant })
    }

    /// The keyword in the literal, or the error about it.
    pub(crate) fn read(&self, text: &LitStr, expected: &str) -> Result<Keyword, Error> {
        let name = text.value();
        if name.is_empty() {
            return Err(Error::new_spanned(text, format!("{expected}, found an empty string")));
        }
        self.named(&name).ok_or_else(|| {
            let noun = self.noun;
            let message = match self.meant(&name) {
                Some(meant) => format!("unknown {noun} `{name}`; did you mean `\"{meant}\"`?"),
                None => format!("unknown {noun} `{name}`; {expected}"),
            };
            Error::new_spanned(text, message)
        })
    }

    /// The keyword to propose for a word, which may be the word itself.
    pub(crate) fn meant(&self, name: &str) -> Option<&'static str> {
        let foreign = self
            .foreign
            .iter()
            .find(|(foreign, _)| *foreign == fold(name))
            .map(|(_, meant)| *meant);
        foreign.or_else(|| nearest(name, self.known.iter().map(|(known, _)| *known)))
    }

    /// The keyword that is written without its quotes, and the error about that. `None` if the path
    /// names a constant or a variant, whose name isn't in lower case.
    pub(crate) fn bare(&self, path: &ExprPath) -> Option<(&'static str, Error)> {
        let name = path.path.get_ident()?.to_string();
        if let Some(word) = self.named(&name) {
            let message = format!("expected `\"{name}\"`, found `{name}`; add the quotes");
            return Some((word.name, Error::new_spanned(path, message)));
        }
        let meant = self.meant(&name).filter(|_| name == name.to_lowercase())?;
        let message = format!("expected `\"{meant}\"`, found `{name}`");
        Some((meant, Error::new_spanned(path, message)))
    }
}
