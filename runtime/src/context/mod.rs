//! What the current thread is doing.

pub(crate) mod active_call;
pub(crate) mod detect;
pub(crate) mod hand_off;
pub(crate) mod stack;
