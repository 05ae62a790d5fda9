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

#[cfg(feature = "fiber")]
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
    Tracked::<F, IsMain>::new(future, scope, Kind::Main, location)
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
    fn new(future: F, scope: &Arc<Scope>, kind: Kind, location: &'static Location<'static>) -> Self {
        Self {
            future: Some(future),
            place: Place::new(scope, kind, location),
            span: Carry::to(kind),
            look: PhantomData,
        }
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
    if scope.phase() > Phase::Open {
        return Task::turned_away(scope, Kind::Task, location);
    }
    let tracked = Tracked::<F, IsTask>::new(future, &scope, Kind::Task, location);
    let key = tracked.place.key;
    Task::new(Some(Join::Task(handle.spawn(tracked))), scope, key, Kind::Task, location)
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
    if scope.phase() > Phase::Open {
        return Task::turned_away(scope, Kind::Blocking, location);
    }
    let mut place = Place::new(&scope, Kind::Blocking, location);
    let key = place.key;
    let span = Carry::to(Kind::Blocking);
    let cancel = Cancel::default();
    let told = cancel.clone();
    let work = move || {
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
    let join = Join::Task(handle.spawn_blocking(work));
    Task::new(Some(join), scope, key, Kind::Blocking, location).cancelled_by(cancel)
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
    if scope.phase() > Phase::Open {
        return Task::turned_away(scope, Kind::Fiber, location);
    }
    let place = Place::new(&scope, Kind::Fiber, location);
    let key = place.key;
    let span = Carry::to(Kind::Fiber);
    let policy = scope.policy().fibers;
    let make = move || {
        let future = Some(Fiber::of(work, policy.stack_size, location).reserve()?);
        Ok(Tracked::<_, IsTask> { future, place, span, look: PhantomData })
    };
    match scope.fibers().start(handle, policy.threads(), make) {
        Ok(joining) => Task::new(Some(Join::Fiber(joining)), scope, key, Kind::Fiber, location),
        Err(source) => Task::refused(RunError::Build { source, location }, scope, Kind::Fiber),
    }
}
