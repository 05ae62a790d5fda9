//! Replaces the options of fibers while the feature `fiber` is off. No argument has the type that
//! they require.

use crate::config::builder::Builder;

impl Builder {
    /// Replaces the real method, so that the compiler error names the missing feature.
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

/// No type implements this trait. It is the bound on the arguments of the options of fibers while
/// the feature is off.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the options of fibers need the feature `fiber` of `bridgehead`",
    label = "not available",
    note = "in Cargo.toml: `bridgehead = {{ version = \"…\", features = [\"fiber\"] }}`"
)]
pub trait NeedsFiber {}
