//! What a file is made of, as far as calls are concerned.

use std::ops::Range;
use std::rc::Rc;

use crate::index::Symbol;
use crate::source::twins::Twin;

/// How the code around a position is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// By the function that it stands in, on the thread that calls this.
    Sync,
    /// By the task that polls it.
    Async(Body),
    /// On a thread that may block: in a closure for `spawn_blocking`, for instance. Also in one
    /// that is only kept, and called elsewhere.
    Offloaded,
}

/// What async code stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    Function,
    Block,
    Closure,
    /// A function that is polled, such as `Future::poll`.
    Poll,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(crate) struct Function {
    pub(crate) symbol: Rc<Symbol>,
    pub(crate) is_async: bool,
    /// Not of a trait's method that each `impl` has to define.
    pub(crate) has_body: bool,
    /// The index' name of the trait's method that this one implements.
    pub(crate) implements: Option<String>,
    /// Whether a comment allows it to block.
    pub(crate) allowed: bool,
    /// Whether only tests have it.
    pub(crate) is_test: bool,
    /// The twin that `#[blocking]` makes of it.
    pub(crate) twin: Option<Twin>,
}

/// A call, or a function that is given to one.
#[derive(Debug)]
pub(crate) struct Call {
    /// The function that is called.
    pub(crate) symbol: Rc<Symbol>,
    /// Where its name stands.
    pub(crate) at: usize,
    /// The whole expression, if it is known.
    pub(crate) expression: Range<usize>,
    /// The innermost function around it, as an index of `functions`. None in a constant.
    pub(crate) function: Option<usize>,
    pub(crate) place: Place,
    pub(crate) in_closure: bool,
}

/// What a file defines and calls.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) functions: Vec<Function>,
    pub(crate) calls: Vec<Call>,
    /// The names of modules in files of their own that only tests have.
    pub(crate) test_modules: Vec<String>,
}
