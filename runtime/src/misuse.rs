//! What the compiler says of a wrong use of the macros: each mistake, and its message.
//!
//! A mistake is one error, at the word to change, with what to write instead. Where the compiler's own words say it well, they are
//! left as they are. Every message here is compared with the compiler's in this crate's tests.
//!
//! This module is only in the documentation.
// Written by `ui-tests/tests/gallery.rs`.

#[doc = include_str!("../docs/misuse/blocking.md")]
pub mod blocking {}

#[doc = include_str!("../docs/misuse/deny_blocking.md")]
pub mod deny_blocking {}

#[doc = include_str!("../docs/misuse/entry.md")]
pub mod entry {}

#[doc = include_str!("../docs/misuse/sync_call.md")]
pub mod sync_call {}

#[doc = include_str!("../docs/misuse/test.md")]
pub mod test {}

#[doc = include_str!("../docs/misuse/try_sync_call.md")]
pub mod try_sync_call {}
