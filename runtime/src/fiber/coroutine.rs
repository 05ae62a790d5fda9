//! What switches stacks.

pub(super) use corosensei::stack::{DefaultStack, Stack};
pub(super) use corosensei::{Coroutine, CoroutineResult, Yielder};
