//! What threads share and wait with. It is std's; the package `models` has loom's under the same names.

pub(crate) use std::sync::{Mutex, MutexGuard, PoisonError, atomic};
pub(crate) use std::thread;
