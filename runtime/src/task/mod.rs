//! Tasks, blocking work and fibers that their run tracks.

pub(crate) mod blocking_task;
#[cfg_attr(not(feature = "fiber"), path = "no_fiber.rs")]
pub(crate) mod fiber;
pub(crate) mod handle;
pub(crate) mod join;
pub(crate) mod table;
pub(crate) mod threads;
pub(crate) mod token;
pub(crate) mod tracked;
pub(crate) mod tracker;
