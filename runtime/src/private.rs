//! The items that the macros' output uses. They are no public API, and may change in any version.

pub use std::process::ExitCode;

pub use bridgehead_macros::{sync_call, try_sync_call};

pub use crate::call::enter::{Entered, enter, try_enter};
pub use crate::call::guard::enter as make_current;
pub use crate::call::iter::{Iter, iter};
pub use crate::call::on::{Background, enter_on, served_by, try_enter_on};
pub use crate::call::twin::Twin;
pub use crate::call::wait::{Callable, try_wait, try_wait_unless, wait, wait_with};
pub use crate::config::builder::Builder;
pub use crate::config::call_options::CallOptions;
pub use crate::config::flavor::Flavor;
pub use crate::config::policy::{SignalStatus, Unhandled};
pub use crate::config::stalls::OnStall;
pub use crate::error::CallError;
pub use crate::run::entry::{ExitValue, entry};
pub use crate::run::test::{Leaks, TestValue, test, test_within};
pub use crate::signal::Signal;
