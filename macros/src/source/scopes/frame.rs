//! What is open at a place: groups, and parts of the grammar that end with some token and not with
//! a delimiter.

use crate::source::scopes::scope::ScopeId;
use crate::source::scopes::state::State;
use crate::source::token::Delimiter;

#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) kind: FrameKind,
    pub(super) scope: ScopeId,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum FrameKind {
    Group(GroupFrame),
    Angles(Angles),
    /// `|…|`
    Params {
        is_async: bool,
    },
    /// The body of a closure, and the return type before it.
    Closure {
        returns: bool,
    },
    /// `if …`, `while …`, `for …`, `match …`, up to its braces.
    Head {
        is_match: bool,
    },
    /// A pattern and its type. The pattern of an arm ends before `if` and `=>`, other patterns
    /// before `=` and `in`.
    Pattern {
        of_arm: bool,
    },
    /// The type after `as`.
    Cast,
    /// An item, up to its body.
    Header(HeaderKind),
    /// The value of a constant, a static, a variant or a field.
    Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Angles {
    /// Generics of a type or a function. Only in these, braces are the values of constants.
    Generics,
    /// `<T as Trait>::NAME`
    Qualified,
    /// `for<'a> |…| …`
    Binder,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct GroupFrame {
    /// `None` for the file itself.
    pub(super) delimiter: Option<Delimiter>,
    pub(super) content: Content,
    /// Whether what follows a `;` is the length of an array.
    pub(super) is_array: bool,
    /// Whether the current statement ends with its braces.
    pub(super) is_blocklike: bool,
    pub(super) after: After,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Items, statements, expressions.
    Code,
    /// Code in the arguments of a macro.
    Arguments,
    /// The arms of a `match`.
    Arms,
    /// Types and patterns. There are no closures there, and every `<` is closed by a `>`.
    Types,
    /// The fields or variants of a type.
    Fields,
    /// An attribute.
    Soup,
}

/// What follows the end of a group.
#[derive(Debug, Clone, Copy)]
pub(super) enum After {
    /// The group is an operand, which an operator may follow.
    Operand,
    /// The state before the group goes on.
    Same(State),
    /// A new item or statement.
    Start,
    /// A new statement, if the group ends the current one; otherwise an operator may follow.
    Block,
    /// The group also ends its closure.
    Closure,
    /// `$(…)*`: what may follow is what may be in its place.
    Repeated(State),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum HeaderKind {
    Fn(ScopeId),
    /// `impl`, `trait`, `mod`.
    Items,
    /// `struct`, `enum`, `union`.
    Fields,
    /// `use`, `type`.
    Plain,
    /// `const`, `static`.
    Value(ScopeId),
    /// `macro_rules!`, or else `macro`.
    Macro {
        is_rules: bool,
    },
}
