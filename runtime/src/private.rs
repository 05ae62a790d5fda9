//! What the macros' output names. Not for use by hand: it changes with any version.

pub use std::process::ExitCode;

pub use crate::call::{Callable, try_wait, try_wait_with, wait, wait_with};
pub use crate::config::{Builder, Flavor};
pub use crate::enter::{Entered, enter, try_enter};
pub use crate::error::CallError;
pub use crate::iter::{Iter, iter};
pub use crate::options::CallOptions;
pub use crate::policy::{OnStall, Signal, SignalStatus, Unhandled};
pub use crate::run::{ExitValue, entry};
pub use crate::testing::{Leaks, TestValue, test, test_within};
