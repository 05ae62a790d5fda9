//! What the index doesn't know: which calls a file has, in which function each stands, and whether
//! in async code.

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
