//! Async code, with a comment at each call that is to be reported: `//~ BLOCKER`, the last part of
//! the blocker's path. A call without a comment is not to be reported.

#![allow(unused, clippy::all)]

mod allowed;
mod blockers;
mod bodies;
mod chains;
mod elsewhere;
mod macros;
mod only_tests;
mod packages;
mod twins;

pub mod config;
