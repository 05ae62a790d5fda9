//! Feeds what reads sources with any text, and what expands with any tokens, as half-typed code has
//! them.
//!
//! A fuzzer can't follow what runs in the compiler, so that the macros' modules are compiled into
//! these tests. Each test tries as many inputs as it says, or as `BOLERO_RANDOM_ITERATIONS` does;
//! where one fails, `BOLERO_RANDOM_SEED` brings it back.
//!
//! `names` expands what the workspace writes with the macros instead.

#![cfg(test)]

extern crate proc_macro;

#[allow(dead_code, unused_imports, reason = "the macros themselves use it all")]
#[path = "../../src"]
mod macros {
    pub(crate) mod blocking;
    pub(crate) mod deny_blocking;
    pub(crate) mod diagnostics;
    pub(crate) mod entry;
    pub(crate) mod item;
    pub(crate) mod manifest;
    pub(crate) mod options;
    pub(crate) mod source;
    pub(crate) mod sync_call;
    pub(crate) mod test;
}
// Where they look for each other.
use macros::*;

mod expansion;
mod names;
#[path = "../../tests/accuracy/tokens.rs"]
mod reference;
mod seeds;
mod text;
mod tokens;
