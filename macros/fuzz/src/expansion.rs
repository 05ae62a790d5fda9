//! Expands every macro with arbitrary tokens.

use std::fmt::{self, Debug, Formatter};
use std::panic::{RefUnwindSafe, UnwindSafe};

use bolero::{TypeGenerator, ValueGenerator, check, produce};
use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::Expr;

use crate::diagnostics::Errors;
use crate::options::schema::{ENTRY, SYNC_CALL, TEST, TRY_SYNC_CALL};
use crate::options::settings::Settings;
use crate::seeds::USES;
use crate::sync_call::call::CallMacro;
use crate::tokens::{Edit, edited, shown};
use crate::{blocking, deny_blocking, entry, sync_call, test};

#[derive(Debug, Clone, Copy, PartialEq, Eq, TypeGenerator)]
pub(crate) enum Called {
    Entry,
    Test,
    SyncCall,
    TrySyncCall,
    DenyBlocking,
    Blocking,
}

impl Called {
    pub(crate) const ALL: [Self; 6] = [
        Self::Entry,
        Self::Test,
        Self::SyncCall,
        Self::TrySyncCall,
        Self::DenyBlocking,
        Self::Blocking,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Test => "test",
            Self::SyncCall => "sync_call",
            Self::TrySyncCall => "try_sync_call",
            Self::DenyBlocking => "deny_blocking",
            Self::Blocking => "blocking",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|called| called.name() == name)
    }

    pub(crate) fn expand(self, options: TokenStream, input: &TokenStream) -> TokenStream {
        match self {
            Self::Entry => entry::expand(options, input),
            Self::Test => test::expand(options, input),
            Self::SyncCall => sync_call::expand(CallMacro::SyncCall, input.clone()),
            Self::TrySyncCall => sync_call::expand(CallMacro::TrySyncCall, input.clone()),
            Self::DenyBlocking => deny_blocking::expand(&options, input.clone()),
            Self::Blocking => blocking::expand(options, input),
        }
    }
}

/// One use of a macro, with edits.
#[derive(TypeGenerator)]
struct Changed {
    seed: u16,
    /// Replaces the macro of the seed.
    called: Option<Called>,
    #[generator(few())]
    options: Vec<Edit>,
    #[generator(few())]
    input: Vec<Edit>,
}

/// A few edits: many would leave nothing of the seed.
fn few() -> impl ValueGenerator<Output = Vec<Edit>> {
    produce::<Vec<Edit>>().with().len(0..8_usize)
}

impl Changed {
    fn tokens(&self) -> (Called, TokenStream, TokenStream) {
        let seed = &USES[usize::from(self.seed) % USES.len()];
        let called = self.called.unwrap_or(seed.called);
        (called, edited(&seed.options, &self.options), edited(&seed.input, &self.input))
    }
}

impl Debug for Changed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (called, options, input) = self.tokens();
        write!(f, "{called:?}, ({}), {}", shown(options), shown(input))
    }
}

fn any_use(
    iterations: usize,
    holds: impl Fn(Called, TokenStream, TokenStream) + UnwindSafe + RefUnwindSafe,
) {
    check!().with_iterations(iterations).with_type::<Changed>().for_each(|changed| {
        let (called, options, input) = changed.tokens();
        holds(called, options, input);
        // Otherwise the spans of every input would be kept.
        proc_macro2::extra::invalidate_current_thread_spans();
    });
}

#[test]
fn every_expansion_is_rust() {
    any_use(20_000, |called, options, input| {
        let output = called.expand(options, &input);
        // If the text of the tokens can't be parsed, the compiler can't read them either.
        let text = output.to_string();
        text.parse::<TokenStream>().unwrap_or_else(|_| panic!("{text}"));
        let is_call = matches!(called, Called::SyncCall | Called::TrySyncCall);
        if is_call && syn::parse2::<Expr>(input).is_ok() {
            syn::parse2::<Expr>(output).expect("an expression");
        }
    });
}

/// Otherwise the compiler would report that the function is missing, or that there are two.
#[test]
fn a_function_stays_one() {
    any_use(20_000, |called, options, input| {
        let before = functions(&input);
        let is_one = match called {
            Called::Entry => before == ["main"],
            Called::Test => before.len() == 1,
            _ => false,
        };
        if is_one {
            let output = called.expand(options, &input);
            assert_eq!(functions(&output), before, "{input}\n{output}");
        }
    });
}

/// The names of the functions that aren't nested in something else.
fn functions(tokens: &TokenStream) -> Vec<String> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is_named = |pair: &&[TokenTree]| {
        // A keyword isn't a name, which the compiler reports itself.
        pair[0].to_string() == "fn" && syn::parse2::<Ident>(pair[1].clone().into()).is_ok()
    };
    tokens.windows(2).filter(is_named).map(|pair| pair[1].to_string()).collect()
}

#[test]
fn deny_blocking_leaves_all_as_it_is() {
    any_use(20_000, |_, options, input| {
        let output =
            Called::DenyBlocking.expand(options, &input).to_string().parse().expect("tokens");
        let (mut kept, mut wanted) = (Vec::new(), Vec::new());
        words(output, &mut kept);
        // Parsing the text drops the invisible groups.
        words(input.to_string().parse().expect("tokens"), &mut wanted);
        let mut kept = kept.into_iter();
        for word in wanted {
            assert!(kept.any(|other| other == word), "`{word}` is lost");
        }
    });
}

fn words(tokens: TokenStream, all: &mut Vec<String>) {
    for token in tokens {
        if let TokenTree::Group(group) = token {
            all.push(format!("{:?}", group.delimiter()));
            words(group.stream(), all);
        } else {
            all.push(token.to_string());
        }
    }
}

#[test]
fn options_are_read_or_refused() {
    any_use(20_000, |_, options, input| {
        // A user may also put the future of a call, or an item, in the place of the options.
        for (schema, given) in
            [(&ENTRY, &options), (&TEST, &options), (&SYNC_CALL, &input), (&TRY_SYNC_CALL, &input)]
        {
            let mut errors = Errors::default();
            let settings = Settings::parse(given.clone(), schema, &mut errors);
            let is_heard = settings.iter().next().is_some() || !errors.is_empty();
            assert!(is_heard || given.is_empty(), "{given}");
        }
    });
}
