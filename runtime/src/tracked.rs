//! Tasks and blocking work that are tracked: by where they were started, and to their end.

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::{self, AssertUnwindSafe, Location};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use pin_project_lite::pin_project;
use tokio::runtime::Handle;

use crate::error::RunError;
#[cfg(feature = "fiber")]
use crate::fiber::Fiber;
use crate::join::Join;
use crate::report::Kind;
use crate::scope::{End, Phase, Scope, Verdict};
use crate::span::Carry;
use crate::table::{Key, Polled};
use crate::task::Task;
use crate::work::{Cancel, Working};

/// What is done with the output of a future: looked at, if it can be detached.
trait Look<T> {
    fn any(output: &T) -> Option<&dyn Any>;
}

/// A task, whose output may be an error that nobody awaits.
struct IsTask;

impl<T: 'static> Look<T> for IsTask {
    fn any(output: &T) -> Option<&dyn Any> {
        Some(output)
    }
}

/// The main future, whose output goes to the caller and may borrow.
struct IsMain;

impl<T> Look<T> for IsMain {
    fn any(_: &T) -> Option<&dyn Any> {
        None
    }
}

pin_project! {
    /// A future whose start, polls and end its scope knows. `None` where the run was closed first.
    struct Tracked<F, L> {
        #[pin]
        future: Option<F>,
        place: Place,
        span: Carry,
        look: PhantomData<fn(L)>,
    }
}

/// The main future of a run. `None` where the run was closed first.
pub(crate) fn main<F: Future>(
    future: F,
    scope: &Arc<Scope>,
    location: &'static Location<'static>,
) -> impl Future<Output = Option<F::Output>> {
    Tracked::<F, IsMain>::new(future, Place::new(scope, Kind::Main, location), Carry::to(Kind::Main))
}

/// Says that the future was dropped, unless it has ended.
struct Place {
    scope: Arc<Scope>,
    key: Key,
    admitted: bool,
    ended: bool,
}

impl Place {
    fn new(scope: &Arc<Scope>, kind: Kind, location: &'static Location<'static>) -> Self {
        let key = scope.enter(kind, location);
        Self { scope: Arc::clone(scope), key, admitted: false, ended: false }
    }

    fn leave(&mut self, end: &End<'_>) {
        self.ended = true;
        self.scope.leave(self.key, end);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.ended {
            self.leave(&End::Dropped);
        }
    }
}

impl<F, L> Tracked<F, L> {
    fn new(future: F, place: Place, span: Carry) -> Self {
        Self { future: Some(future), place, span, look: PhantomData }
    }
}

impl<F: Future, L: Look<F::Output>> Future for Tracked<F, L> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let place = this.place;
        let _span = this.span.enter();
        if place.scope.phase() > Phase::Open && place.scope.admit(place.key, cx.waker()) == Verdict::Drop {
            return end_early(this.future, place);
        }
        let polled = Polled::enter(place.scope.address(), place.key);
        let began = place.scope.policy().slow_poll_threshold.map(|_| Instant::now());
        let poll = || poll_to_its_end(this.future.as_mut(), cx);
        let result = panic::catch_unwind(AssertUnwindSafe(poll));
        if let Some(began) = began {
            place.scope.look_at_poll(place.key, began.elapsed());
        }
        drop(polled);
        match result {
            // The scope learns how to wake it when it first waits, and not before: many tasks never do.
            Ok(Poll::Pending) if !place.admitted => {
                place.admitted = true;
                match place.scope.admit(place.key, cx.waker()) {
                    Verdict::Poll => Poll::Pending,
                    // The run has begun to close meanwhile.
                    Verdict::Drop => end_early(this.future, place),
                }
            }
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => {
                place.leave(&End::Done(output.as_ref().and_then(L::any)));
                Poll::Ready(output)
            }
            Err(payload) => {
                // One panic is enough.
                let _ = panic::catch_unwind(AssertUnwindSafe(|| this.future.set(None)));
                place.leave(&End::Panicked(payload.as_ref()));
                panic::resume_unwind(payload)
            }
        }
    }
}

/// Drops a future that its run doesn't wait for.
fn end_early<F, T>(mut slot: Pin<&mut Option<F>>, place: &mut Place) -> Poll<Option<T>> {
    match panic::catch_unwind(AssertUnwindSafe(|| slot.set(None))) {
        Ok(()) => {
            place.leave(&End::Dropped);
            Poll::Ready(None)
        }
        Err(payload) => {
            place.leave(&End::Panicked(payload.as_ref()));
            panic::resume_unwind(payload)
        }
    }
}

/// Polls the future, and drops it before anybody is told that it has ended: a panic of that drop is the task's.
fn poll_to_its_end<F: Future>(
    mut slot: Pin<&mut Option<F>>,
    cx: &mut Context<'_>,
) -> Poll<Option<F::Output>> {
    let Some(future) = slot.as_mut().as_pin_mut() else { return Poll::Ready(None) };
    let poll = future.poll(cx).map(Some);
    if poll.is_ready() {
        slot.set(None);
    }
    poll
}

/// Starts something in `scope`: what `begin` begins with its place and its span. Nothing is begun where the run closes.
fn start<T>(
    scope: Arc<Scope>,
    kind: Kind,
    location: &'static Location<'static>,
    begin: impl FnOnce(Place, Carry) -> Result<Join<T>, RunError>,
) -> Task<T> {
    if scope.phase() > Phase::Open {
        return Task::turned_away(scope, kind, location);
    }
    let place = Place::new(&scope, kind, location);
    let key = place.key;
    match begin(place, Carry::to(kind)) {
        Ok(join) => Task::new(Some(join), scope, key, kind, location),
        Err(error) => Task::refused(error, scope, kind),
    }
}

/// Starts a task on `handle`, in `scope`.
pub(crate) fn spawn<F>(
    handle: &Handle,
    scope: Arc<Scope>,
    future: F,
    location: &'static Location<'static>,
) -> Task<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    start(scope, Kind::Task, location, |place, span| {
        Ok(Join::Task(handle.spawn(Tracked::<F, IsTask>::new(future, place, span))))
    })
}

/// Work that may never begin. Then it is dropped before its place, since what it holds may take its time to be dropped, and only after that
/// the work has ended.
struct Unbegun<W> {
    work: W,
    place: Place,
}

impl<W> Unbegun<W> {
    /// A closure that calls this captures the whole, and doesn't capture the fields one by one.
    fn begin(self) -> (W, Place) {
        (self.work, self.place)
    }
}

/// Starts blocking work on `handle`, in `scope`.
pub(crate) fn to_thread<T, W>(
    handle: &Handle,
    scope: Arc<Scope>,
    work: W,
    location: &'static Location<'static>,
) -> Task<T>
where
    T: Send + 'static,
    W: FnOnce() -> T + Send + 'static,
{
    let cancel = Cancel::default();
    let told = cancel.clone();
    let task = start(scope, Kind::Blocking, location, |place, span| {
        let unbegun = Unbegun { work, place };
        let work = move || {
            let (work, mut place) = unbegun.begin();
            let _span = span.enter();
            let working = Working::enter(&place.scope, place.key, told);
            let result = panic::catch_unwind(AssertUnwindSafe(work));
            drop(working);
            match result {
                Ok(output) => {
                    place.leave(&End::Done(Some(&output)));
                    Some(output)
                }
                Err(payload) => {
                    place.leave(&End::Panicked(payload.as_ref()));
                    panic::resume_unwind(payload)
                }
            }
        };
        Ok(Join::Task(handle.spawn_blocking(work)))
    });
    task.cancelled_by(cancel)
}

/// Starts a fiber on one of the scope's threads for that. Calls there are served by `handle`.
#[cfg(feature = "fiber")]
pub(crate) fn spawn_fiber<T, W>(
    handle: &Handle,
    scope: Arc<Scope>,
    work: W,
    location: &'static Location<'static>,
) -> Task<T>
where
    T: Send + 'static,
    W: FnOnce() -> T + Send + 'static,
{
    let own = Arc::clone(&scope);
    start(scope, Kind::Fiber, location, |place, span| {
        let policy = own.policy().fibers;
        let unbegun = Unbegun { work, place };
        let make = move || {
            let (work, place) = unbegun.begin();
            let fiber = Fiber::of(work, policy.stack_size, location).reserve()?;
            Ok(Tracked::<_, IsTask>::new(fiber, place, span))
        };
        let joining = own.fibers().start(handle, policy.threads(), make);
        joining.map(Join::Fiber).map_err(|source| RunError::Build { source, location })
    })
}
