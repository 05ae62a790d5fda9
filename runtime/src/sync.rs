//! The synchronization primitives of this crate. They are std's; the package `models` compiles the
//! same code with loom's.

pub(crate) use std::sync::{Mutex, MutexGuard, PoisonError, atomic};
pub(crate) use std::thread;

/// The number of shards of a table, each with a lock. It is a power of two, so that the shards stay
/// evenly filled when the number of the next entry wraps around.
pub(crate) const SHARDS: usize = 16;
