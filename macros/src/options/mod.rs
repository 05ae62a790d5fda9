//! The options of the macros, and the `option = value` syntax.

mod check;
pub(crate) mod duration;
pub(crate) mod keywords;
mod names;
mod parse;
pub(crate) mod schema;
pub(crate) mod settings;
mod signals;
#[cfg(test)]
mod tests;
pub(crate) mod value;
