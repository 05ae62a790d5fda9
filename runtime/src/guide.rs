//! Guides, each from the beginning of a piece of work to its end.
//!
//! This module is only in the documentation.

#[doc = include_str!("../docs/guide/blocking.md")]
pub mod blocking {}

#[doc = include_str!("../docs/guide/python.md")]
pub mod python {}

#[doc = include_str!("../docs/guide/recipes.md")]
pub mod recipes {}
