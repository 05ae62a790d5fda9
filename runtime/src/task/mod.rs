//! Tasks, blocking work and fibers that their run knows.

pub(crate) mod blocking_task;
#[cfg(feature = "fiber")]
pub(crate) mod fiber_threads;
pub(crate) mod handle;
pub(crate) mod join;
pub(crate) mod table;
pub(crate) mod threads;
pub(crate) mod tracked;
pub(crate) mod tracker;
