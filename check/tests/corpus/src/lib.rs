//! Async code, with a comment at each call that is to be reported: `//~ BLOCKER`, by the last part
//! of its path. A call without one is not to be reported.

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
