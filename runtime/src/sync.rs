//! What threads share and wait with. It is std's; the package `models` has loom's under the same
//! names.

pub(crate) use std::sync::{Mutex, MutexGuard, PoisonError, atomic};
pub(crate) use std::thread;

/// In how many parts a table is locked. A power of two, so that a number which has started anew
/// finds the same part.
pub(crate) const SHARDS: usize = 16;
