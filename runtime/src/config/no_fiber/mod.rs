//! Replaces `fiber/` while the feature `fiber` is off: fibers have no options then.

mod options;

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fibers {}

#[expect(clippy::unused_self, reason = "it has the signature of the method with fibers")]
impl Fibers {
    pub(crate) fn stack_of_main(self) -> Option<usize> {
        None
    }
}
