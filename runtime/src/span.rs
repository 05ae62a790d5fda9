//! The `tracing` span that goes with a task or blocking work to the thread that runs it. Without that feature, nothing at all.

pub(crate) use carry::SpanContext;
#[cfg(feature = "fiber")]
pub(crate) use leave::{Left, Outside};

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

/// A fiber that is suspended takes along the spans that it is in: what has the thread meanwhile isn't in them.
#[cfg(all(feature = "fiber", feature = "tracing"))]
mod leave {
    use tracing::span::{Id, Span};

    /// The span that whoever polls a fiber is in.
    #[derive(Debug, Clone, PartialEq)]
    pub(crate) struct Outside(Option<Id>);

    impl Outside {
        pub(crate) fn current() -> Self {
            Self(Span::current().id())
        }
    }

    /// The spans that were left, the innermost first.
    pub(crate) struct Left(Vec<Span>);

    impl Left {
        /// Leaves all spans up to that one.
        pub(crate) fn leave(outside: &Outside) -> Self {
            let mut left = Vec::new();
            loop {
                let span = Span::current();
                let id = span.id();
                if id.is_none() || id == outside.0 {
                    break;
                }
                span.with_subscriber(|(id, subscriber)| subscriber.exit(id));
                left.push(span);
                // A subscriber that knows of one span only.
                if Span::current().id() == id {
                    break;
                }
            }
            Self(left)
        }

        pub(crate) fn enter_again(self) {
            for span in self.0.iter().rev() {
                span.with_subscriber(|(id, subscriber)| subscriber.enter(id));
            }
        }
    }
}

#[cfg(all(feature = "fiber", not(feature = "tracing")))]
mod leave {
    #[derive(Debug, Clone)]
    pub(crate) struct Outside;

    impl Outside {
        pub(crate) fn current() -> Self {
            Self
        }
    }

    pub(crate) struct Left;

    impl Left {
        pub(crate) fn leave(_: &Outside) -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "it stands for spans")]
        pub(crate) fn enter_again(self) {}
    }
}
