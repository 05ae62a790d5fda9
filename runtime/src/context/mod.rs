//! Detecting what the current thread is doing, and handing off its worker.

pub(crate) mod active_call;
pub(crate) mod detect;
pub(crate) mod hand_off;
pub(crate) mod stack;
