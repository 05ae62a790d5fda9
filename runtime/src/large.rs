//! Futures that are too large to be handed on by value: in a debug build each hand-over is a copy
//! on the stack.
//!
//! A function that takes a future boxes one that is large before it does anything else, and hands
//! on the box. The other branch is not even generated then, since the condition is a constant, and
//! so takes no stack.

/// The size in bytes from which tokio boxes futures, too.
const THRESHOLD: usize = if cfg!(debug_assertions) { 2048 } else { 16_384 };

/// Whether a future of this type is to be boxed.
pub(crate) const fn is_large<F>() -> bool {
    size_of::<F>() > THRESHOLD
}
