//! Fibers that their run tracks, and the threads that they run on.

pub(crate) mod spawn;
pub(crate) mod threads;
