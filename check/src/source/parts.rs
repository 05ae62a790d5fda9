//! The functions and calls of a file.

use std::ops::Range;
use std::rc::Rc;

use crate::index::Symbol;
use crate::source::twins::Twin;

/// What runs the code at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The function that it is in, on the thread that calls this function.
    Sync,
    /// The task that polls it.
    Async(Body),
    /// A thread that may block: the code is in a closure for `spawn_blocking`, for instance. A
    /// closure that is only stored, and called elsewhere, is treated alike.
    Offloaded,
}

/// The kind of async code.
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
    /// False for a trait's method that each `impl` has to define.
    pub(crate) has_body: bool,
    /// The name in the index of the trait's method that this one implements.
    pub(crate) implements: Option<String>,
    /// Whether a comment allows it to block.
    pub(crate) allowed: bool,
    /// Whether only tests contain it.
    pub(crate) is_test: bool,
    /// The twin that `#[blocking]` makes of it.
    pub(crate) twin: Option<Twin>,
}

/// A call, or a function that is passed to one.
#[derive(Debug)]
pub(crate) struct Call {
    /// The function that is called.
    pub(crate) symbol: Rc<Symbol>,
    /// The byte at which its name begins.
    pub(crate) at: usize,
    /// The whole expression, if it is known.
    pub(crate) expression: Range<usize>,
    /// The innermost function around it, as an index of `functions`. `None` in a constant.
    pub(crate) function: Option<usize>,
    pub(crate) place: Place,
    pub(crate) in_closure: bool,
}

/// What a file defines and calls.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) functions: Vec<Function>,
    pub(crate) calls: Vec<Call>,
    /// The names of modules with files of their own that only tests contain.
    pub(crate) test_modules: Vec<String>,
}
