//! Numbers of calls, threads and tasks.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use tokio::runtime::Id;

use crate::fiber::current;
use crate::report::Kind;
use crate::runtimes::{self, RuntimeRecord, waiting_calls};
use crate::stall::diagnosis;
use crate::task::tracker::Phase;
use crate::thread_context::ThreadContext;

/// The numbers of waiting calls, threads, tasks and stalls in this process at one moment.
/// [`metrics`] returns them. A *call* is a [`sync_call!`](crate::sync_call) or
/// [`try_sync_call!`](crate::try_sync_call).
///
/// The values are read one after the other, so they may be from slightly different moments.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Metrics {
    /// The number of calls that wait now. A call whose future is ready at once never waits.
    pub waiting_calls: usize,
    /// The number of waiting calls for each kind of thread. A call inside another call is counted
    /// with the kind of thread of the outermost call.
    ///
    /// There are two exceptions, since an exact result would cost each such call a microsecond. A
    /// call in the `block_on` of a multi-thread runtime counts as
    /// [`Entered`](ThreadContext::Entered). A call in the second `block_on` of a current-thread
    /// runtime counts as [`EnteredCurrentThread`](ThreadContext::EnteredCurrentThread).
    pub waiting_calls_by_context: Vec<(ThreadContext, usize)>,
    /// The number of threads of this crate, in all runtimes, that take over workers whose threads
    /// wait in calls.
    pub spare_threads: usize,
    /// The number of threads, in all runtimes, that run the fibers of `spawn_fiber`.
    pub fiber_threads: usize,
    /// The number of fibers that have begun and not ended. In a forked child this includes the
    /// fibers of the parent.
    pub fibers: usize,
    /// The number of [stalls](crate::guide::stalls) since the process began that were reported, or
    /// that ended a call.
    pub stalls: u64,
    /// The runtimes that run now: those of runs, the background runtime, and others that a call or
    /// [`spawn`](crate::spawn) has used.
    pub runtimes: Vec<RuntimeMetrics>,
}

impl Metrics {
    /// Returns the number of calls that wait on this kind of thread.
    ///
    /// ```
    /// use bridgehead::{ThreadContext, metrics};
    ///
    /// assert_eq!(metrics().waiting_calls_in(ThreadContext::Worker), 0);
    /// ```
    #[must_use]
    pub fn waiting_calls_in(&self, context: ThreadContext) -> usize {
        let found = self.waiting_calls_by_context.iter().find(|(of, _)| *of == context);
        found.map_or(0, |(_, count)| *count)
    }
}

/// The numbers of the tasks, the blocking work and the threads of one runtime that were started and
/// have not ended. The `Display` output is the name of the runtime in reports.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RuntimeMetrics {
    /// The runtime's id in tokio.
    pub id: Id,
    /// The [name](crate::Builder::name) of the runtime, if it has one.
    pub name: Option<String>,
    /// The file and line where the run or the [`Runner`](crate::Runner) of the runtime was started.
    /// `None` for the background runtime, and for a runtime that this crate did not start.
    pub started: Option<&'static Location<'static>>,
    /// Whether this is the background runtime, which serves calls on threads without a runtime.
    pub is_background: bool,
    /// Whether the shutdown of the runtime has begun. No tracked task is started there any more.
    pub is_closing: bool,
    /// The number of tasks of [`spawn`](crate::spawn) and [`spawn_local`](crate::spawn_local). The
    /// number of all tasks is in tokio's [`RuntimeMetrics`](tokio::runtime::RuntimeMetrics).
    pub tasks: usize,
    /// The number of functions of [`to_thread`](crate::to_thread).
    pub blocking_work: usize,
    /// The number of fibers of `spawn_fiber`.
    pub fibers: usize,
    /// The number of threads that run these fibers.
    pub fiber_threads: usize,
    /// The number of threads of this crate that take over workers whose threads wait in calls.
    pub spare_threads: usize,
    label: String,
}

impl fmt::Display for RuntimeMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

/// Returns the numbers of waiting calls, threads, tasks and stalls in this process. Use it for a
/// metrics endpoint, a health check, or a log line when a program hangs.
///
/// ```
/// use std::sync::mpsc;
/// use std::time::Duration;
///
/// use bridgehead::{Builder, ThreadContext, metrics, spawn, sync_call};
/// use tokio::time::sleep;
///
/// /// Synchronous.
/// fn wait() {
///     sync_call!(sleep(Duration::from_millis(200)));
/// }
///
/// Builder::new().name("of-the-example").worker_threads(1).run(async {
///     let task = spawn(async { wait() });
///     sleep(Duration::from_millis(100)).await;
///
///     let now = metrics();
///     assert_eq!(now.waiting_calls_in(ThreadContext::Worker), 1);
///     let runtime = now.runtimes.iter().find(|of| of.name.as_deref() == Some("of-the-example"));
///     let runtime = runtime.expect("it runs");
///     assert_eq!((runtime.tasks, runtime.blocking_work), (1, 0));
///     assert_eq!(runtime.spare_threads, 1);
///     println!("{runtime} has {} tasks", runtime.tasks);
///     task.await.unwrap();
/// });
/// ```
///
/// You may call this function on any thread, and often. It takes time in proportion to the number
/// of runtimes, not of tasks or calls, and holds locks only while it reads a few numbers. A call
/// whose future is ready at once isn't counted, and the counting costs it nothing. The number of
/// tasks of `tokio::spawn` is in [`Handle::metrics`](tokio::runtime::Handle::metrics).
///
/// With the feature `tracing`, each waiting call is also a span, which contains the file and line
/// of the call. See [the guide](crate::guide::observability).
#[must_use]
pub fn metrics() -> Metrics {
    let by_context: Vec<_> = ThreadContext::ALL
        .into_iter()
        // No call is counted in these two, see `Metrics::waiting_calls_by_context`.
        .filter(|context| *context != ThreadContext::InCall && *context != ThreadContext::BlockOn)
        .map(|context| (context, waiting_calls::count(context)))
        .collect();
    let runtimes: Vec<_> =
        runtimes::alive().into_iter().map(|(id, record)| RuntimeMetrics::of(id, &record)).collect();
    Metrics {
        waiting_calls: by_context.iter().map(|(_, count)| count).sum(),
        waiting_calls_by_context: by_context,
        spare_threads: runtimes.iter().map(|runtime| runtime.spare_threads).sum(),
        fiber_threads: runtimes.iter().map(|runtime| runtime.fiber_threads).sum(),
        fibers: current::count(),
        stalls: diagnosis::count_stalls(),
        runtimes,
    }
}

impl RuntimeMetrics {
    fn of(id: Id, record: &Arc<RuntimeRecord>) -> Self {
        let tracker = record.tracker();
        Self {
            id,
            name: record.handle().and_then(|handle| handle.name().map(str::to_owned)),
            started: record.is_managed().then(|| tracker.started()),
            is_background: record.is_background(),
            is_closing: tracker.phase() > Phase::Open,
            tasks: tracker.count(Kind::Task),
            blocking_work: tracker.count(Kind::Blocking),
            fibers: tracker.count(Kind::Fiber),
            fiber_threads: tracker.fibers().count(),
            spare_threads: record.spare_threads().count(),
            label: runtimes::name(id),
        }
    }
}
