//! Detecting that a call is blocked for a long time, and why.

pub(crate) mod detector;
pub(crate) mod diagnosis;
