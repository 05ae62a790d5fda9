//! The expansion of `#[bridgehead::test]`: a test with a runtime of its own.

use std::fmt::Write;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe, Location};
use std::process::{ExitCode, Termination};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::config::builder::Builder;
use crate::config::policy::{Handler, Unhandled};
use crate::large::is_large;
use crate::report::{Kind, Leftover, Report};
use crate::run::block_on::BlockOn;
use crate::run::shutdown;
use crate::run::signals;
use crate::run::{Run, refuse_to_nest};
use crate::runtimes::build::Built;
use crate::task::tracker::Tracker;

/// The effect of tasks and work that still run when the body of a test has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaks {
    /// Work that can't be stopped is reported, as after any run.
    Ignore,
    /// The test fails.
    Fail,
}

/// Whether a test has succeeded, by what its body returns.
#[diagnostic::on_unimplemented(
    message = "a test can't return `{Self}`",
    label = "not a return type of a test",
    note = "a test returns `()`, `ExitCode`, or `Result<_, E>` of one of them with `E: Debug`"
)]
pub trait TestValue {
    /// Reports the value as std does.
    fn report(self) -> ExitCode;
}

#[diagnostic::do_not_recommend]
impl<T: Termination> TestValue for T {
    fn report(self) -> ExitCode {
        Termination::report(self)
    }
}

/// Runs a test on this thread.
///
/// # Panics
///
/// When the test fails.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "the macro's output stays one plain call")]
pub fn test<F: Future, R>(
    builder: Builder,
    leaks: Leaks,
    future: F,
    report: impl FnOnce(F::Output) -> R,
) -> R {
    if const { is_large::<F>() } {
        test_held(&builder, leaks, Box::pin(future), report)
    } else {
        test_held(&builder, leaks, future, report)
    }
}

#[track_caller]
fn test_held<F: Future, R>(
    builder: &Builder,
    leaks: Leaks,
    future: F,
    report: impl FnOnce(F::Output) -> R,
) -> R {
    match run(builder, leaks, Location::caller(), future, report, |_| ()).result {
        Ok(output) => output,
        Err(fault) => panic!("{fault}"),
    }
}

/// Runs a test on a thread of its own, which can be abandoned after the timeout.
///
/// # Panics
///
/// When the test fails.
#[track_caller]
pub fn test_within<M, F, R, P>(
    builder: Builder,
    leaks: Leaks,
    limit: Duration,
    body: M,
    report: P,
) -> R
where
    M: FnOnce() -> F + Send + 'static,
    F: Future,
    R: Send + 'static,
    P: FnOnce(F::Output) -> R + Send + 'static,
{
    let location = Location::caller();
    if let Err(error) = refuse_to_nest(location) {
        panic!("{error}");
    }
    let policy = &builder.policy;
    let grace = policy.grace_period.min(STUCK);
    let patience =
        policy.grace_period.saturating_add(policy.shutdown_timeout).saturating_add(STUCK);
    let (send, steps) = mpsc::channel();
    // libtest names its thread after the test, and messages contain the name of the thread.
    let thread = thread::Builder::new().name(thread::current().name().unwrap_or("test").to_owned());
    let spawned = thread.spawn(move || {
        let ended = panic::catch_unwind(AssertUnwindSafe(|| {
            // The receiver is gone if the test was abandoned.
            let tell = |step| drop(send.send(step));
            if const { is_large::<F>() } {
                run(&builder, leaks, location, async { Box::pin(body()).await }, report, tell)
            } else {
                run(&builder, leaks, location, async { body().await }, report, tell)
            }
        }));
        drop(send.send(Step::Ended(ended)));
    });
    if let Err(error) = spawned {
        panic!("the test at {location} has got no thread: {error}");
    }
    let watch =
        TestWatch { steps, tracker: None, body_ended: false, location, limit, grace, patience };
    match watch.outcome() {
        Ok(Ok(Ended { result: Ok(output), .. })) => output,
        Ok(Ok(Ended { result: Err(fault), .. })) | Err(fault) => panic!("{fault}"),
        Ok(Err(payload)) => panic::resume_unwind(payload),
    }
}

/// A step in the course of a test.
enum Step<R> {
    Started(Arc<Tracker>),
    BodyEnded,
    Ended(thread::Result<Ended<R>>),
}

struct Ended<R> {
    /// The output of the body, or why the test fails.
    result: Result<R, String>,
    report: Report,
}

fn run<F: Future, R>(
    builder: &Builder,
    leaks: Leaks,
    location: &'static Location<'static>,
    body: F,
    value: impl FnOnce(F::Output) -> R,
    tell: impl Fn(Step<R>),
) -> Ended<R> {
    let failed = |fault: String| Ended { result: Err(fault), report: Report::default() };
    let builder = &reporting_by_itself(builder);
    let mut run = match Run::start(builder, location, None) {
        Ok(run) => run,
        Err(error) => return failed(error.to_string()),
    };
    tell(Step::Started(Arc::clone(&run.tracker)));
    let output = run.main(body);
    tell(Step::BodyEnded);
    let alive = match &run.runtime {
        Some(runtime) if leaks == Leaks::Fail => alive_tasks(runtime),
        _ => 0,
    };
    let Some(report) = run.close_quietly() else {
        return failed(format!("the test at {location} has ended"));
    };
    if let Some(signal) = run.tracker.signal() {
        drop(run);
        signals::raise(signal);
    }
    // The output of the body is reported before anything else, so that an error is not lost.
    let result = output.map(value).map_err(|error| error.to_string());
    let fault = if run.tracker.has_failed() {
        Some(format!("a task of the test at {location} failed{}", report.lines()))
    } else if leaks == Leaks::Fail && result.is_ok() {
        leaked(&report, &run.tracker, alive)
            .map(|what| format!("the test at {location} leaks{what}"))
    } else {
        None
    };
    if fault.is_none() && result.is_ok() {
        shutdown::report_losses(&report);
    }
    Ended { result: fault.map_or(result, Err), report }
}

/// Silences the separate message about a failed task, if such a failure fails the test. The message
/// of the test contains it.
fn reporting_by_itself(builder: &Builder) -> Builder {
    let mut builder = builder.clone();
    if builder.policy.unhandled == Unhandled::Fail {
        builder.policy.handler.get_or_insert_with(|| Handler(Arc::new(|_| ())));
    }
    builder
}

/// The number of tasks that exist after the body has ended, including plain tokio tasks.
fn alive_tasks(runtime: &Built) -> usize {
    // A task that was aborted exists until its next turn. A task that was awaited, on another
    // thread, exists a moment longer than its output.
    const TURNS: usize = 16;
    const PAUSE: Duration = Duration::from_micros(100);
    let metrics = runtime.handle().metrics();
    runtime.block_on(async {
        for _ in 0..TURNS {
            if metrics.num_alive_tasks() == 0 {
                break;
            }
            tokio::task::yield_now().await;
            // Not tokio's timer, since a paused clock would advance.
            thread::sleep(PAUSE);
        }
    });
    metrics.num_alive_tasks()
}

/// The text about what was still running when the body ended, without tasks that awaited
/// `cancelled()` and finished in time.
fn leaked(report: &Report, tracker: &Tracker, alive: usize) -> Option<String> {
    let is_task = |leftover: &&Leftover| leftover.kind == Kind::Task;
    let record = [&report.finished, &report.dropped, &report.abandoned];
    let record = record.into_iter().flatten().filter(is_task).count();
    let leaks = Report {
        finished: report.finished.iter().filter(|leftover| !is_task(leftover)).cloned().collect(),
        dropped: report.dropped.clone(),
        abandoned: report.abandoned.clone(),
        ..Report::default()
    };
    let mut text = leaks.lines();
    // Plain tasks that await `cancelled()` are no leak, but their number isn't known.
    let plain = if tracker.has_graceful_untracked() { 0 } else { alive.saturating_sub(record) };
    if plain > 0 {
        let _ = write!(
            text,
            "\n  dropped:\n    plain tokio tasks: {plain} (`bridgehead::spawn` reports where each was started)"
        );
    }
    (!text.is_empty()).then_some(text)
}

/// How long a thread may take to reach an `.await`. A thread that takes longer counts as stuck.
const STUCK: Duration = Duration::from_secs(1);

/// The state of a test, on the thread that waits for it.
struct TestWatch<R> {
    steps: Receiver<Step<R>>,
    tracker: Option<Arc<Tracker>>,
    body_ended: bool,
    location: &'static Location<'static>,
    limit: Duration,
    /// How long a body that awaits `cancelled()` may take to end.
    grace: Duration,
    /// How long closing may take.
    patience: Duration,
}

impl<R> TestWatch<R> {
    /// Waits for the test. After the timeout, the test is dropped, and this returns what it was
    /// doing.
    fn outcome(mut self) -> Result<thread::Result<Ended<R>>, String> {
        if let Some(ended) = self.follow(self.limit, |_| false) {
            return Ok(ended);
        }
        let in_time = self.body_ended;
        let mut ended = None;
        if let Some(tracker) = self.tracker.clone() {
            tracker.request_shutdown();
            ended = self.follow(self.grace, |watch| watch.body_ended);
            if ended.is_none() && !self.body_ended {
                tracker.abort_rest();
                ended = self.follow(STUCK, |watch| watch.body_ended);
            }
        }
        if ended.is_none() && self.body_ended {
            ended = self.follow(self.patience, |_| false);
        }
        Err(self.too_late(in_time, ended))
    }

    /// Follows the steps until the test has ended, `limit` has passed, or `enough` returns `true`.
    fn follow(
        &mut self,
        limit: Duration,
        enough: fn(&Self) -> bool,
    ) -> Option<thread::Result<Ended<R>>> {
        let deadline = Instant::now().checked_add(limit);
        while !enough(self) {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            match self.steps.recv_timeout(left.unwrap_or(Duration::MAX)) {
                Ok(Step::Started(tracker)) => self.tracker = Some(tracker),
                Ok(Step::BodyEnded) => self.body_ended = true,
                Ok(Step::Ended(ended)) => return Some(ended),
                Err(_) => break,
            }
        }
        None
    }

    fn too_late(&self, in_time: bool, ended: Option<thread::Result<Ended<R>>>) -> String {
        let Self { location, limit, .. } = self;
        let (how, report) = match (ended, &self.tracker) {
            (Some(Ok(Ended { report, .. })), _) if in_time => {
                ("its body did, but not what it left behind", report)
            }
            (Some(Ok(Ended { report, .. })), _) => ("it waited at an `.await`", report),
            (Some(Err(_)), _) => {
                ("it panicked when it was dropped at an `.await`", Report::default())
            }
            (None, None) => ("its runtime was being built", Report::default()),
            (None, Some(tracker)) => (
                "its thread is stuck in code that doesn't `.await`, and is left behind",
                tracker.report_of_tracked(),
            ),
        };
        format!("the test at {location} did not end within {limit:?}: {how}{}", report.lines())
    }
}
