//! The state that the preceding tokens leave.

/// The last token, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// No token: a statement, an item, a group or an arm's expression begins here.
    Start,
    /// The `}` that ends a statement, unless `else`, `.` or `?` follows.
    BlockEnd,
    /// `'a` at the beginning of a statement.
    Label,
    /// Anything that an expression can end with.
    Operand,
    /// Anything else.
    Operator,
    /// `m!`
    Bang,
    /// `#` of an attribute, or of `quote!`.
    Hash,
    /// `#!`
    HashBang,
    /// `$`
    Dollar,
    /// `$(…)`
    Repeated,
    Pub,
    /// `macro_rules`
    MacroRules,
    For,
    Let,
    Dot,
    /// `..`
    DotDot,
    /// `..`, if another mark follows directly.
    DotDotMark,
    /// `:`, if another mark follows directly.
    Colon,
    /// `::`
    PathSep,
    /// The `|` that ends the parameters of a closure.
    ParamsEnd,
    /// A `-` directly after the parameters of a closure.
    ParamsMinus,
    /// `-`, if another mark follows directly. The same is true of the next four.
    Minus,
    Equals,
    Less,
    /// A `<` that opens generics, a qualified path or a binder.
    Angle,
    Bar,
    /// The `'` of a lifetime in a token stream.
    Quote,
}

impl Last {
    /// Whether an expression can end with it.
    pub(super) fn is_operand(self) -> bool {
        matches!(
            self,
            Self::Operand | Self::DotDot | Self::DotDotMark | Self::Repeated | Self::MacroRules
        )
    }
}

/// Keywords that change the meaning of what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Modifiers(u8);

impl Modifiers {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ASYNC: Self = Self(1);
    pub(super) const CONST: Self = Self(1 << 1);
    /// `const` or `static` where an item can begin.
    pub(super) const CONST_ITEM: Self = Self(1 << 2);
    pub(super) const STATIC_ITEM: Self = Self(1 << 3);
    pub(super) const EXTERN: Self = Self(1 << 4);
    pub(super) const FN: Self = Self(1 << 5);
    pub(super) const UNION: Self = Self(1 << 6);
    pub(super) const MACRO: Self = Self(1 << 7);

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether any of the others is set.
    pub(super) fn have(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) last: Last,
    /// Whether an item can begin here.
    pub(super) item: bool,
    pub(super) modifiers: Modifiers,
}

impl State {
    pub(super) const START: Self =
        Self { last: Last::Start, item: true, modifiers: Modifiers::NONE };

    pub(super) fn after(last: Last) -> Self {
        Self { last, item: false, modifiers: Modifiers::NONE }
    }
}
