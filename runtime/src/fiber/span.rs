//! Exits the `tracing` spans that a fiber has entered while the fiber is suspended, so that other
//! tasks of the thread don't run in them. Without the feature `tracing` this does nothing.

pub(crate) use leave::{Left, Outside};

#[cfg(feature = "tracing")]
mod leave {
    use tracing::span::{Id, Span};

    /// The span of the code that polls a fiber.
    #[derive(Debug, Clone, PartialEq)]
    pub(crate) struct Outside(Option<Id>);

    impl Outside {
        pub(crate) fn current() -> Self {
            Self(Span::current().id())
        }
    }

    /// The spans that were exited, the innermost first.
    pub(crate) struct Left(Vec<Span>);

    impl Left {
        /// Exits all spans inside `outside`.
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
                // This subscriber keeps only one span, which stays current after the exit.
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

#[cfg(not(feature = "tracing"))]
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

        #[expect(clippy::unused_self, reason = "it has the signature of the method with spans")]
        pub(crate) fn enter_again(self) {}
    }
}
