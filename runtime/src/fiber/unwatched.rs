//! In place of what reports a stack overflow, where std does so by itself.

use std::ops::Range;
use std::panic::Location;

pub(super) struct Watched;

impl Watched {
    pub(super) fn new(_: usize, _: &Range<usize>) -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "it stands for a stack")]
    pub(super) fn begin(&self, _: &'static Location<'static>) {}
}
