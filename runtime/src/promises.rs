#![doc = include_str!("../docs/promises.md")]
#![doc = include_str!("../docs/faults.md")]
//!
//! This module exists only in the documentation.
// The table is written by `tests/tests/faults`.
