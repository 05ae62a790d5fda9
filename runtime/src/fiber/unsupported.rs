//! Replaces `coroutine.rs` on a target without stack switching, so that the `compile_error!` below
//! is the only error.

use std::io;
use std::marker::PhantomData;
use std::num::NonZero;

// On wasm, the `compile_error!` in `lib.rs` is the only error.
#[cfg(not(target_family = "wasm"))]
compile_error!(
    "the feature `fiber` of `bridgehead` is not there for this target, see the table of targets in the documentation of `fiber`; turn it off"
);

pub(crate) trait Stack {
    fn base(&self) -> NonZero<usize> {
        unreachable!()
    }

    fn limit(&self) -> NonZero<usize> {
        unreachable!()
    }
}

pub(crate) struct DefaultStack;

impl DefaultStack {
    pub(crate) fn new(_: usize) -> io::Result<Self> {
        unreachable!()
    }
}

impl Stack for DefaultStack {}

pub(crate) struct Coroutine<Input, Yield, Return, Stack>(
    PhantomData<fn(Input, Yield, Return, Stack)>,
);

impl<Input, Yield, Return, Stack> Coroutine<Input, Yield, Return, Stack> {
    pub(crate) fn with_stack_unchecked(
        _: Stack,
        _: impl FnOnce(&Yielder<Input, Yield>, Input) -> Return,
    ) -> Self {
        unreachable!()
    }

    pub(crate) fn resume(&mut self, _: Input) -> CoroutineResult<Yield, Return> {
        unreachable!()
    }

    pub(crate) fn into_stack(self) -> Stack {
        unreachable!()
    }
}

pub(crate) enum CoroutineResult<Yield, Return> {
    Yield(Yield),
    Return(Return),
}

pub(crate) struct Yielder<Input, Yield>(PhantomData<fn(Input, Yield)>);

impl<Input, Yield> Yielder<Input, Yield> {
    pub(crate) fn suspend(&self, _: Yield) -> Input {
        unreachable!()
    }
}
