//! Switching from one stack to another, and nothing of calls or runs.

// Where stacks can be switched; the same in `Cargo.toml`.
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
pub(crate) mod current;
#[cfg(all(unix, not(miri)))]
mod overflow;
#[cfg(not(all(unix, not(miri))))]
#[path = "unwatched.rs"]
mod overflow;
pub(crate) mod stack;
pub(crate) mod switch;
