//! What is open at a place: groups of delimiters, and what extends up to some token without having any.

use super::Scope;
use super::state::State;
use crate::place::token::Delimiter;

/// Where in the table of scopes one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id(u32);

impl Id {
    pub(super) const ITEMS: Self = Self(0);
    pub(super) const FN: Self = Self(1);
    pub(super) const CLOSURE: Self = Self(2);
    pub(super) const ASYNC_BLOCK: Self = Self(3);
    pub(super) const ASYNC_CLOSURE: Self = Self(4);
    pub(super) const CONST: Self = Self(5);
    pub(super) const STATIC: Self = Self(6);
    pub(super) const MACRO_RULES: Self = Self(7);
}

/// Every scope there was. Those without a name are there once.
#[derive(Debug)]
pub(crate) struct Table(Vec<Scope>);

impl Table {
    pub(super) fn new() -> Self {
        Self(vec![
            Scope::Items,
            Scope::Fn,
            Scope::Closure,
            Scope::AsyncBlock,
            Scope::AsyncClosure,
            Scope::Const,
            Scope::Static,
            Scope::MacroRules,
        ])
    }

    pub(super) fn add(&mut self, scope: Scope) -> Id {
        let id = u32::try_from(self.0.len()).unwrap_or(0);
        self.0.push(scope);
        Id(id)
    }

    pub(crate) fn get(&self, id: Id) -> &Scope {
        &self.0[id.0 as usize]
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) scope: Id,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Group(Group),
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
    /// A pattern and its type. That of an arm ends before `if` and `=>`, others before `=` and `in`.
    Pattern {
        of_arm: bool,
    },
    /// The type after `as`.
    Cast,
    /// An item, up to its body.
    Header(Item),
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
pub(super) struct Group {
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
pub(super) enum Item {
    Fn(Id),
    /// `impl`, `trait`, `mod`.
    Items,
    /// `struct`, `enum`, `union`.
    Fields,
    /// `use`, `type`.
    Plain,
    /// `const`, `static`.
    Value(Id),
    /// `macro_rules!`, or else `macro`.
    Macro {
        is_rules: bool,
    },
}
