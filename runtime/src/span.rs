//! The `tracing` span that goes with a task or blocking work to the thread that runs it. Without that feature, nothing at all.

pub(crate) use carry::SpanContext;

#[cfg(feature = "tracing")]
mod carry {
    use tracing::span::{Entered, Span};

    use crate::report::Kind;

    /// The span in which something was started.
    pub(crate) struct SpanContext(Span);

    impl SpanContext {
        /// The span that is current here. The main future stays where it is current anyway.
        pub(crate) fn to(kind: Kind) -> Self {
            Self(if kind == Kind::Main { Span::none() } else { Span::current() })
        }

        /// Makes it current on this thread for as long as the guard lives.
        pub(crate) fn enter(&self) -> Entered<'_> {
            self.0.enter()
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod carry {
    use crate::report::Kind;

    pub(crate) struct SpanContext;

    const _: () = assert!(size_of::<SpanContext>() == 0);

    impl SpanContext {
        pub(crate) fn to(_: Kind) -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "it stands for a span")]
        pub(crate) fn enter(&self) -> Self {
            Self
        }
    }
}
