//! What switches stacks.

pub(crate) use corosensei::stack::{DefaultStack, Stack};
pub(crate) use corosensei::{Coroutine, CoroutineResult, Yielder};
