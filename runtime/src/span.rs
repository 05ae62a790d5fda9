//! The `tracing` span of a task or blocking work, which is entered on the thread that runs the
//! work, and the span of a call that waits. Without the feature `tracing` this does nothing.

pub(crate) use carry::{CallSpan, SpanContext};

#[cfg(feature = "tracing")]
mod carry {
    use std::future::{Future, poll_fn};
    use std::panic::{self, AssertUnwindSafe, Location};
    use std::pin::Pin;

    use tracing::debug_span;
    use tracing::span::{Entered, Span};

    use crate::report::Kind;
    use crate::thread_context::ThreadContext;

    /// The span in which a task or blocking work was started.
    pub(crate) struct SpanContext(Span);

    impl SpanContext {
        /// Captures the current span. The main future needs none, since it is polled in that span
        /// anyway.
        pub(crate) fn to(kind: Kind) -> Self {
            Self(if kind == Kind::Main { Span::none() } else { Span::current() })
        }

        /// Enters the span on this thread until the guard is dropped.
        pub(crate) fn enter(&self) -> Entered<'_> {
            self.0.enter()
        }
    }

    /// The span of a call that waits.
    pub(crate) struct CallSpan(Span);

    impl CallSpan {
        /// `runtime` returns the name of the runtime that serves the call. It is called only if a
        /// subscriber enables the span.
        pub(crate) fn new(
            location: &'static Location<'static>,
            context: ThreadContext,
            runtime: impl Fn() -> String,
        ) -> Self {
            let make = || debug_span!(target: "bridgehead", "sync_call", %location, ?context, runtime = runtime());
            // A panic of the subscriber must not end the call.
            Self(panic::catch_unwind(AssertUnwindSafe(make)).unwrap_or_else(|_| Span::none()))
        }

        /// Wraps the future so that it is polled in the span.
        pub(crate) fn around<F: Future>(
            self,
            mut future: Pin<&mut F>,
        ) -> impl Future<Output = F::Output> {
            poll_fn(move |cx| {
                let _entered = self.0.enter();
                future.as_mut().poll(cx)
            })
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod carry {
    use std::panic::Location;
    use std::pin::Pin;

    use crate::report::Kind;
    use crate::thread_context::ThreadContext;

    pub(crate) struct SpanContext;

    const _: () = assert!(size_of::<SpanContext>() == 0);

    impl SpanContext {
        pub(crate) fn to(_: Kind) -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "it has the signature of the method with spans")]
        pub(crate) fn enter(&self) -> Self {
            Self
        }
    }

    pub(crate) struct CallSpan;

    impl CallSpan {
        pub(crate) fn new(
            _: &'static Location<'static>,
            _: ThreadContext,
            _: impl Fn() -> String,
        ) -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "it has the signature of the method with spans")]
        pub(crate) fn around<F>(self, future: Pin<&mut F>) -> Pin<&mut F> {
            future
        }
    }
}
