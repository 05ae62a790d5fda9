//! A call: from where it begins to its output, or to what interrupts it.

pub(crate) mod adapter;
pub(crate) mod budget;
pub(crate) mod enter;
#[cfg(feature = "fiber")]
pub(crate) mod fiber;
pub(crate) mod io;
pub(crate) mod iter;
pub(crate) mod on_background;
pub(crate) mod park;
#[cfg(feature = "fiber")]
pub(crate) mod serve_fiber;
#[cfg(feature = "fiber")]
pub(crate) mod suspend;
pub(crate) mod wait;
