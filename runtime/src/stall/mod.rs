//! Finding out why a call is blocked for long.

pub(crate) mod detector;
pub(crate) mod diagnosis;
