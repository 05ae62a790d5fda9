//! Fibers that their run knows, and the threads that they are on.

pub(crate) mod spawn;
pub(crate) mod threads;
