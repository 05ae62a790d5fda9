//! Futures that are too large to be passed by value: in a debug build, passing a value copies it on
//! the stack.
//!
//! A function that takes a future boxes a large one before it does anything else, and passes on the
//! box. The condition is a constant, so the other branch isn't compiled and takes no stack.

/// The size in bytes above which a future is boxed. tokio has the same threshold.
const THRESHOLD: usize = if cfg!(debug_assertions) { 2048 } else { 16_384 };

/// Whether a future of this type must be boxed.
pub(crate) const fn is_large<F>() -> bool {
    size_of::<F>() > THRESHOLD
}
