//! In place of the options of fibers: what they ask for can't be given.

use crate::config::builder::Builder;

impl Builder {
    /// In place of the real ones, so that the compiler names the missing feature.
    #[doc(hidden)]
    pub fn fiber(self, _: impl NeedsFiber) -> Self {
        self
    }

    #[doc(hidden)]
    pub fn fiber_stack_size(self, _: impl NeedsFiber) -> Self {
        self
    }

    #[doc(hidden)]
    pub fn fiber_threads(self, _: impl NeedsFiber) -> Self {
        self
    }
}

/// Implemented by nothing: what the options of fibers ask of their arguments while the feature is
/// off.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the options of fibers need the feature `fiber` of `bridgehead`",
    label = "not available",
    note = "in Cargo.toml: `bridgehead = {{ version = \"…\", features = [\"fiber\"] }}`"
)]
pub trait NeedsFiber {}
