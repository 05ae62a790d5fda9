//! What the macros' output names. Not for use by hand: it changes with any version.

pub use std::process::ExitCode;

pub use crate::call::{Callable, Entered, enter, try_enter, try_wait, try_wait_for, wait};
pub use crate::config::{Builder, Flavor};
pub use crate::error::CallError;
pub use crate::run::{ExitValue, entry};
