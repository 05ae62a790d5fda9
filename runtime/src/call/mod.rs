//! Calls: how a call begins, polls its future, blocks its thread, and returns.

pub(crate) mod adapter;
pub(crate) mod budget;
pub(crate) mod enter;
#[cfg_attr(not(feature = "fiber"), path = "no_fiber.rs")]
pub(crate) mod fiber;
pub(crate) mod guard;
pub(crate) mod io;
pub(crate) mod iter;
pub(crate) mod on;
pub(crate) mod on_background;
mod on_runner;
pub(crate) mod park;
mod timer;
pub(crate) mod twin;
pub(crate) mod wait;
mod waiting;
