//! Guides. Each page answers one question. The table on the [front page](crate#guides) lists them.
//!
//! This module exists only in the documentation.

#[doc = include_str!("../docs/guide/choose.md")]
pub mod choose {}

#[doc = include_str!("../docs/guide/from_tokio.md")]
pub mod from_tokio {}

#[doc = include_str!("../docs/guide/from_asyncio.md")]
pub mod from_asyncio {}

#[doc = include_str!("../docs/guide/blocking.md")]
pub mod blocking {}

#[doc = include_str!("../docs/guide/contexts.md")]
pub mod contexts {}

#[doc = include_str!("../docs/guide/shutdown.md")]
pub mod shutdown {}

#[doc = include_str!("../docs/guide/stalls.md")]
pub mod stalls {}

#[doc = include_str!("../docs/guide/fibers.md")]
pub mod fibers {}

#[doc = include_str!("../docs/guide/python.md")]
pub mod python {}

#[doc = include_str!("../docs/guide/actix_web.md")]
pub mod actix_web {}

#[doc = include_str!("../docs/guide/recipes.md")]
pub mod recipes {}

#[doc = include_str!("../docs/guide/check.md")]
pub mod check {}

// The tables are written by `scripts/compare`.
#[doc = include_str!("../docs/guide/compared.md")]
#[doc = include_str!("../docs/compared.md")]
pub mod compared {}

// The plot and the table are written by `scripts/bench-plots`.
#[doc = include_str!("../docs/guide/performance.md")]
#[doc = include_str!("../docs/performance.md")]
pub mod performance {}

#[doc = include_str!("../docs/guide/testing.md")]
pub mod testing {}

#[doc = include_str!("../docs/guide/observability.md")]
pub mod observability {}

#[doc = include_str!("../docs/guide/limits.md")]
pub mod limits {}

#[doc = include_str!("../docs/guide/faq.md")]
pub mod faq {}
