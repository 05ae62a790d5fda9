//! The types of corosensei that switch stacks.

pub(crate) use corosensei::stack::{DefaultStack, Stack};
pub(crate) use corosensei::{Coroutine, CoroutineResult, Yielder};
