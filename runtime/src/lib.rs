//! Call async code from sync code, correctly from any thread.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod background;
mod call;
mod config;
mod context;
mod error;
mod fork;
mod park;
mod run;
mod runtimes;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use crate::background::configure_background;
pub use crate::config::{Builder, Flavor};
pub use crate::context::ThreadContext;
pub use crate::error::{BackgroundError, CallError, RunError};
pub use crate::run::{run, try_run};

pub use bridgehead_macros::{entry, sync_call, try_sync_call};
