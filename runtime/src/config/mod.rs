//! What can be configured: runtimes, runs, and single calls.

pub(crate) mod builder;
pub(crate) mod call_options;
#[cfg_attr(not(feature = "fiber"), path = "no_fiber/mod.rs")]
pub(crate) mod fiber;
pub(crate) mod flavor;
pub(crate) mod policy;
pub(crate) mod run_options;
pub(crate) mod settings;
pub(crate) mod stalls;
