//! Switching between stacks. The code here is independent of calls and runs.
//!
//! The rest of the crate is the same with and without the feature `fiber`. Each directory that
//! contains a part of the feature has a module `fiber`. Without the feature, stubs replace the
//! modules that other code uses.

/// Whether the feature `fiber` is on. If it is off, code behind this constant is compiled to
/// nothing.
pub(crate) const ENABLED: bool = cfg!(feature = "fiber");

// The targets on which stacks can be switched. `Cargo.toml` has the same list.
#[cfg(feature = "fiber")]
#[cfg_attr(
    not(any(
        all(
            unix,
            not(target_vendor = "apple"),
            any(
                target_arch = "x86_64",
                target_arch = "x86",
                target_arch = "aarch64",
                target_arch = "arm",
                target_arch = "riscv64",
                target_arch = "loongarch64"
            )
        ),
        all(target_vendor = "apple", any(target_arch = "x86_64", target_arch = "aarch64")),
        all(windows, any(target_arch = "x86_64", target_arch = "x86"))
    )),
    path = "unsupported.rs"
)]
mod coroutine;
#[cfg_attr(not(feature = "fiber"), path = "none.rs")]
pub(crate) mod current;
#[cfg(feature = "fiber")]
#[cfg_attr(not(all(unix, not(miri))), path = "unwatched.rs")]
mod overflow;
#[cfg(feature = "fiber")]
pub(crate) mod span;
#[cfg(feature = "fiber")]
pub(crate) mod stack;
#[cfg(feature = "fiber")]
pub(crate) mod switch;
