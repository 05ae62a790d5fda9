//! The item that an attribute for functions is on.

pub(crate) mod first_main;
pub(crate) mod function;
pub(crate) mod kind;
pub(crate) mod target;
