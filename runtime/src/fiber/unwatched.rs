//! Replaces `overflow.rs` on Windows, where std reports the overflow of any stack, and under Miri.

use std::ops::Range;
use std::panic::Location;

pub(crate) struct Watched;

impl Watched {
    pub(crate) fn new(_: usize, _: &Range<usize>) -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "it has the signature of the method of a watched stack")]
    pub(crate) fn begin(&self, _: &'static Location<'static>) {}
}
