//! Finds the innermost scope around a place in a source file, such as an `async fn` or a closure.
//!
//! A macro gets only its own tokens, but it knows their file, line and column. So [`call_site`]
//! reads the file again, [`lexer`] splits it into tokens, and [`scopes`] follows them and finds for
//! each the innermost function, closure, block or constant.

pub(crate) mod call_site;
pub(crate) mod file;
pub(crate) mod invocations;
pub(crate) mod lexer;
pub(crate) mod scopes;
pub(crate) mod steps;
#[cfg(test)]
mod tests;
pub(crate) mod token;
pub(crate) mod tokens;
