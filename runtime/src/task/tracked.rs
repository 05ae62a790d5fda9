//! Tracked tasks and blocking work. The tracker records where each was started, and how it ended.

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
use tokio::task;

use crate::error::RunError;
use crate::log::panic_message;
use crate::report::Kind;
use crate::span::SpanContext;
use crate::task::blocking_task::{Cancel, Working};
use crate::task::handle::Task;
use crate::task::join::Join;
use crate::task::table::{Key, Polled};
use crate::task::tracker::entries::{Admission, End};
use crate::task::tracker::{Phase, Tracker};

/// How the output of a future is inspected for an error.
trait Look<T> {
    fn any(output: &T) -> Option<&dyn Any>;
}

/// A task, whose output may be an error that no code awaits.
pub(super) struct IsTask;

impl<T: 'static> Look<T> for IsTask {
    fn any(output: &T) -> Option<&dyn Any> {
        Some(output)
    }
}

/// The main future. Its output is not inspected, since it is returned to the caller and may borrow.
struct IsMain;

impl<T> Look<T> for IsMain {
    fn any(_: &T) -> Option<&dyn Any> {
        None
    }
}

pin_project! {
    /// A future whose start, polls and end are recorded in its tracker. The output is `None` if the
    /// run was closed first.
    pub(super) struct Tracked<F, L> {
        #[pin]
        future: Option<F>,
        registration: Registration,
        span: SpanContext,
        look: PhantomData<fn(L)>,
    }
}

/// The main future of a run. The output is `None` if the run was closed first.
pub(crate) fn main<F: Future>(
    future: F,
    tracker: &Arc<Tracker>,
    location: &'static Location<'static>,
) -> impl Future<Output = Option<F::Output>> {
    Tracked::<F, IsMain>::new(
        future,
        Registration::new(tracker, Kind::Main, location),
        SpanContext::to(Kind::Main),
    )
}

/// The entry of a future in its tracker. The drop records that the future was dropped, unless its
/// end has been recorded.
pub(super) struct Registration {
    tracker: Arc<Tracker>,
    key: Key,
    admitted: bool,
    ended: bool,
}

impl Registration {
    fn new(tracker: &Arc<Tracker>, kind: Kind, location: &'static Location<'static>) -> Self {
        let key = tracker.enter(kind, location);
        Self { tracker: Arc::clone(tracker), key, admitted: false, ended: false }
    }

    fn leave(&mut self, end: &End<'_>) {
        self.ended = true;
        self.tracker.leave(self.key, end);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if !self.ended {
            self.leave(&End::Dropped);
        }
    }
}

impl<F, L> Tracked<F, L> {
    pub(super) fn new(future: F, registration: Registration, span: SpanContext) -> Self {
        Self { future: Some(future), registration, span, look: PhantomData }
    }
}

impl<F: Future, L: Look<F::Output>> Future for Tracked<F, L> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let registration = this.registration;
        let _span = this.span.enter();
        if registration.tracker.phase() > Phase::Open
            && registration.tracker.admit(registration.key, cx.waker()) == Admission::Drop
        {
            return end_early(this.future, registration);
        }
        let polled = Polled::enter(registration.tracker.address(), registration.key);
        let began = registration.tracker.policy().slow_poll_threshold.map(|_| Instant::now());
        let poll = || poll_to_its_end(this.future.as_mut(), cx);
        let result = panic::catch_unwind(AssertUnwindSafe(poll));
        if let Some(began) = began {
            registration.tracker.look_at_poll(registration.key, began.elapsed());
        }
        drop(polled);
        match result {
            // The waker is recorded when the task first waits, and not before, since many tasks
            // never wait.
            Ok(Poll::Pending) if !registration.admitted => {
                registration.admitted = true;
                match registration.tracker.admit(registration.key, cx.waker()) {
                    Admission::Poll => Poll::Pending,
                    // The run has begun to close meanwhile.
                    Admission::Drop => end_early(this.future, registration),
                }
            }
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => {
                registration.leave(&End::Done(output.as_ref().and_then(L::any)));
                Poll::Ready(output)
            }
            Err(payload) => {
                // A further panic, of the future's drop, is ignored.
                let _ = panic::catch_unwind(AssertUnwindSafe(|| this.future.set(None)));
                registration.leave(&End::Panicked(payload.as_ref()));
                panic::resume_unwind(payload)
            }
        }
    }
}

/// Drops a future that its run doesn't wait for.
fn end_early<F, T>(
    mut slot: Pin<&mut Option<F>>,
    registration: &mut Registration,
) -> Poll<Option<T>> {
    match panic::catch_unwind(AssertUnwindSafe(|| slot.set(None))) {
        Ok(()) => {
            registration.leave(&End::Dropped);
            Poll::Ready(None)
        }
        Err(payload) => {
            registration.leave(&End::Panicked(payload.as_ref()));
            panic::resume_unwind(payload)
        }
    }
}

/// Polls the future. When it is ready, it is dropped before its end is recorded, so that a panic of
/// its drop counts as a panic of the task.
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

/// Starts a task, a fiber or blocking work that `tracker` tracks, by calling `begin` with its
/// registration and its span. Nothing is started if the run is closing.
pub(super) fn start<T>(
    tracker: Arc<Tracker>,
    kind: Kind,
    location: &'static Location<'static>,
    begin: impl FnOnce(Registration, SpanContext) -> Result<Join<T>, RunError>,
) -> Task<T> {
    if tracker.phase() > Phase::Open {
        return Task::turned_away(tracker, kind, location);
    }
    let registration = Registration::new(&tracker, kind, location);
    let key = registration.key;
    match begin(registration, SpanContext::to(kind)) {
        Ok(join) => Task::new(Some(join), tracker, key, kind, location),
        Err(error) => Task::refused(error, tracker, kind),
    }
}

/// Spawns a task on `handle`, tracked by `tracker`.
pub(crate) fn spawn<F>(
    handle: &Handle,
    tracker: Arc<Tracker>,
    future: F,
    location: &'static Location<'static>,
) -> Task<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    start(tracker, Kind::Task, location, |registration, span| {
        Ok(Join::Task(handle.spawn(Tracked::<F, IsTask>::new(future, registration, span))))
    })
}

/// Why no local task can be spawned here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotLocal {
    /// Nothing on this thread runs local tasks.
    Outside,
    /// The current runtime runs local tasks on another thread.
    OtherThread,
}

/// Spawns a task that stays on this thread, tracked by `tracker`. It runs in the current
/// `LocalSet`, or on the local runtime.
pub(crate) fn spawn_local<F>(
    tracker: Arc<Tracker>,
    future: F,
    location: &'static Location<'static>,
) -> Result<Task<F::Output>, NotLocal>
where
    F: Future<Output: 'static> + 'static,
{
    let spawn = || {
        start(tracker, Kind::Task, location, |registration, span| {
            Ok(Join::Task(task::spawn_local(Tracked::<F, IsTask>::new(future, registration, span))))
        })
    };
    // tokio has no function that returns whether there is a `LocalSet`.
    panic::catch_unwind(AssertUnwindSafe(spawn)).map_err(|payload| {
        let message = panic_message(payload.as_ref());
        if message.contains("called from outside of a `task::LocalSet`") {
            NotLocal::Outside
        } else if message.contains("can only be spawned on a LocalRuntime from the thread") {
            NotLocal::OtherThread
        } else {
            panic::resume_unwind(payload)
        }
    })
}

/// Work that has not begun, and may never begin. If it is dropped, `work` is dropped before its
/// registration. What it owns may take long to drop, and only afterwards the work has ended.
pub(super) struct Unbegun<W> {
    pub(super) work: W,
    pub(super) registration: Registration,
}

impl<W> Unbegun<W> {
    /// A closure that calls this method captures the whole struct, and not each field separately.
    pub(super) fn begin(self) -> (W, Registration) {
        (self.work, self.registration)
    }
}

/// Starts blocking work on `handle`, tracked by `tracker`.
pub(crate) fn to_thread<T, W>(
    handle: &Handle,
    tracker: Arc<Tracker>,
    work: W,
    location: &'static Location<'static>,
) -> Task<T>
where
    T: Send + 'static,
    W: FnOnce() -> T + Send + 'static,
{
    let cancel = Cancel::default();
    let cancelled = cancel.clone();
    let task = start(tracker, Kind::Blocking, location, |registration, span| {
        let unbegun = Unbegun { work, registration };
        let work = move || {
            let (work, mut registration) = unbegun.begin();
            let _span = span.enter();
            let working = Working::enter(&registration.tracker, registration.key, cancelled);
            let result = panic::catch_unwind(AssertUnwindSafe(work));
            drop(working);
            match result {
                Ok(output) => {
                    registration.leave(&End::Done(Some(&output)));
                    Some(output)
                }
                Err(payload) => {
                    registration.leave(&End::Panicked(payload.as_ref()));
                    panic::resume_unwind(payload)
                }
            }
        };
        Ok(Join::Task(handle.spawn_blocking(work)))
    });
    task.cancelled_by(cancel)
}
