//! What an attribute for functions stands at.

pub(crate) mod first_main;
pub(crate) mod function;
pub(crate) mod kind;
pub(crate) mod target;
