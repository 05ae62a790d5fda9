//! The scopes of a source.

/// The innermost scope around a place in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// No code: directly in a file, a module, an impl, a trait, a type.
    Items,
    /// A synchronous function.
    Fn,
    /// A synchronous closure.
    Closure,
    /// An `async fn`, with its name.
    AsyncFn(String),
    AsyncBlock,
    AsyncClosure,
    /// The value of a constant, a `const` block, the length of an array, the discriminant of an
    /// enum, a constant generic argument.
    Const,
    Static,
    /// A `const fn`, with its name.
    ConstFn(String),
    /// The definition of a macro, outside of functions, closures and async blocks in it.
    MacroRules,
}

/// The index of a scope in the table of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ScopeId(u32);

impl ScopeId {
    pub(super) const ITEMS: Self = Self(0);
    pub(super) const FN: Self = Self(1);
    pub(super) const CLOSURE: Self = Self(2);
    pub(super) const ASYNC_BLOCK: Self = Self(3);
    pub(super) const ASYNC_CLOSURE: Self = Self(4);
    pub(super) const CONST: Self = Self(5);
    pub(super) const STATIC: Self = Self(6);
    pub(super) const MACRO_RULES: Self = Self(7);
}

/// Every scope of a source. Each scope without a name has one entry.
#[derive(Debug)]
pub(crate) struct ScopeTable(Vec<Scope>);

impl ScopeTable {
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

    pub(super) fn add(&mut self, scope: Scope) -> ScopeId {
        let id = u32::try_from(self.0.len()).unwrap_or(0);
        self.0.push(scope);
        ScopeId(id)
    }

    pub(crate) fn get(&self, id: ScopeId) -> &Scope {
        &self.0[id.0 as usize]
    }
}
