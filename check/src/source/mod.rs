//! Finds what the index doesn't contain: the calls in a file, the function that each is in, and
//! whether that is async code.

mod allowed;
mod calls;
mod closures;
pub(crate) mod parts;
pub(crate) mod read;
mod receiver;
mod tokens;
pub(crate) mod twins;
mod visitor;
mod wrappers;
