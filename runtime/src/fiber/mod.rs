//! Switching from one stack to another, and nothing of calls or runs.
//!
//! The rest of the crate is compiled the same with and without the feature `fiber`. Each room that
//! has a part of it has a module `fiber`, and another one in its place without the feature, where
//! that is asked anything.

/// Whether there are fibers. Without them, what asks this first is compiled to nothing.
pub(crate) const ENABLED: bool = cfg!(feature = "fiber");

// Where stacks can be switched; the same in `Cargo.toml`.
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
