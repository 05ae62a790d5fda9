//! The numbers of what was compared, and of what differs.

use std::fmt::{self, Display, Formatter};

use crate::source::scopes::scope::Scope;

const EXAMPLES: usize = 20;

#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) files: usize,
    /// Files that the parser rejects.
    pub(crate) unparsed: usize,
    /// Files in which the tokens differ.
    pub(crate) lexed_otherwise: usize,
    pub(crate) positions: usize,
    wrong: usize,
    /// How many positions there are in each kind of scope.
    kinds: [usize; KINDS.len()],
    examples: Vec<String>,
}

impl Figures {
    pub(crate) fn position(
        &mut self,
        place: impl Display,
        expected: &Scope,
        found: Option<&Scope>,
    ) {
        self.positions += 1;
        self.kinds[kind(expected)] += 1;
        if found != Some(expected) {
            self.wrong += 1;
            self.example(place, expected, found);
        }
    }

    pub(crate) fn tokens<T: PartialEq + fmt::Debug>(
        &mut self,
        place: impl Display,
        expected: &[T],
        found: &[T],
    ) {
        if expected != found {
            self.lexed_otherwise += 1;
            let alike = expected
                .iter()
                .zip(found)
                .take_while(|(expected, found)| expected == found)
                .count();
            self.example(place, expected.get(alike), found.get(alike));
        }
    }

    fn example(&mut self, place: impl Display, expected: impl fmt::Debug, found: impl fmt::Debug) {
        if self.examples.len() < EXAMPLES {
            self.examples.push(format!("{place}: expected {expected:?}, found {found:?}"));
        }
    }

    pub(crate) fn and(mut self, other: Self) -> Self {
        self.files += other.files;
        self.unparsed += other.unparsed;
        self.lexed_otherwise += other.lexed_otherwise;
        self.positions += other.positions;
        self.wrong += other.wrong;
        for (sum, count) in self.kinds.iter_mut().zip(other.kinds) {
            *sum += count;
        }
        self.examples.extend(other.examples);
        self
    }

    #[allow(clippy::cast_precision_loss, reason = "there aren't that many files in the world")]
    pub(crate) fn percent(&self) -> f64 {
        100.0 * self.wrong as f64 / self.positions as f64
    }
}

impl Display for Figures {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { files, unparsed, lexed_otherwise, positions, wrong, kinds, examples } = self;
        writeln!(
            f,
            "{files} files, and {unparsed} that the parser doesn't take; {lexed_otherwise} lexed otherwise"
        )?;
        writeln!(f, "{positions} positions, {wrong} wrong: {:.4} %", self.percent())?;
        let kinds: Vec<_> =
            KINDS.iter().zip(kinds).map(|(kind, count)| format!("{kind} {count}")).collect();
        writeln!(f, "by scope: {}", kinds.join(", "))?;
        examples.iter().take(EXAMPLES).try_for_each(|example| writeln!(f, "{example}"))
    }
}

/// The names of the kinds of scopes.
const KINDS: [&str; 10] = [
    "items",
    "fn",
    "closure",
    "async fn",
    "async block",
    "async closure",
    "const",
    "static",
    "const fn",
    "macro_rules",
];

fn kind(scope: &Scope) -> usize {
    match scope {
        Scope::Items => 0,
        Scope::Fn => 1,
        Scope::Closure => 2,
        Scope::AsyncFn(_) => 3,
        Scope::AsyncBlock => 4,
        Scope::AsyncClosure => 5,
        Scope::Const => 6,
        Scope::Static => 7,
        Scope::ConstFn(_) => 8,
        Scope::MacroRules => 9,
    }
}
