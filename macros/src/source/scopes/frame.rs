//! What is open at a place: groups of delimiters, and what extends up to some token without having
//! any.

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
    /// The body of a closure, with what it returns before that.
    Closure {
        returns: bool,
    },
    /// `if …`, `while …`, `for …`, `match …`, up to its braces.
    Head {
        is_match: bool,
    },
    /// A pattern and its type. That of an arm ends before `if` and `=>`, others before `=` and
    /// `in`.
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
    /// Of a type or a function. Braces are the values of constants there, unlike in others.
    Generics,
    /// `<T as Trait>::NAME`
    Qualified,
    /// `for<'a> |…| …`
    Binder,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct GroupFrame {
    /// The file has got none.
    pub(super) delimiter: Option<Delimiter>,
    pub(super) content: Content,
    /// Whether what follows a `;` is the length of an array.
    pub(super) is_array: bool,
    /// Whether the statement that is read ends with its braces.
    pub(super) is_blocklike: bool,
    pub(super) after: After,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Items, statements, expressions.
    Code,
    /// The same, as the arguments of a macro.
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

/// What comes after the end of a group.
#[derive(Debug, Clone, Copy)]
pub(super) enum After {
    /// An operator, if anything.
    Operand,
    /// As before the group.
    Same(State),
    /// A new item or statement.
    Start,
    /// The same, if the statement is one that ends with its braces.
    Block,
    /// The end of the closure.
    Closure,
    /// `$(…)*`, so that what may follow is what might have stood in its place.
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
