//! A call: from where it begins to its output, or to what interrupts it.

pub(crate) mod adapter;
pub(crate) mod budget;
pub(crate) mod enter;
#[cfg_attr(not(feature = "fiber"), path = "no_fiber.rs")]
pub(crate) mod fiber;
pub(crate) mod io;
pub(crate) mod iter;
pub(crate) mod on_background;
pub(crate) mod park;
pub(crate) mod wait;
mod waiting;
