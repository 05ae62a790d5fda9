//! Feeds the readers of sources with arbitrary text, and the expansions with arbitrary tokens, such
//! as those of half-typed code.
//!
//! A fuzzer can't instrument code that runs in the compiler, so the macros' modules are compiled
//! into these tests. Each test sets its number of inputs, which `BOLERO_RANDOM_ITERATIONS`
//! overrides. `BOLERO_RANDOM_SEED` reproduces a failure.
//!
//! `names` expands the uses of the macros in the workspace instead.

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
// The modules refer to each other by `crate::…`.
use macros::*;

mod expansion;
mod names;
#[path = "../../tests/accuracy/tokens.rs"]
mod reference;
mod seeds;
mod text;
mod tokens;
