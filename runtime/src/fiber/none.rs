//! Replaces `current.rs` without the feature `fiber`: no thread is on a fiber.

use std::io;
use std::ops::Range;
use std::rc::Rc;

use tokio::runtime::{Handle, Id};

pub(crate) fn count() -> usize {
    0
}

pub(crate) fn stack() -> Option<Range<usize>> {
    None
}

pub(crate) fn must_block(_: impl Fn() -> bool) -> bool {
    true
}

pub(crate) fn ends_with_runtime() -> bool {
    false
}

pub(crate) fn is_on_driver() -> bool {
    false
}

#[inline]
pub(crate) fn runtime() -> Option<Id> {
    None
}

#[expect(clippy::unnecessary_wraps, reason = "it has the signature of the function that may fail")]
pub(crate) fn serve(_: impl Fn() -> io::Result<Rc<Handle>>) -> io::Result<()> {
    Ok(())
}
