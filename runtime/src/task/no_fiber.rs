//! Replaces `fiber/` while the feature `fiber` is off: there are no threads for fibers.

pub(crate) mod threads {
    use std::time::Duration;

    #[derive(Debug, Default)]
    pub(crate) struct FiberThreads {}

    #[expect(clippy::unused_self, reason = "it has the signature of the method with threads")]
    impl FiberThreads {
        pub(crate) fn close(&self) {}

        pub(crate) fn count(&self) -> usize {
            0
        }

        pub(crate) fn join(&self, _: Duration) {}
    }
}
