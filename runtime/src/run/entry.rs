//! The run of `#[entry]`.

use std::future::Future;
use std::panic::{self, AssertUnwindSafe, Location};
use std::process::{self, ExitCode, Termination};
use std::sync::Arc;
use std::thread;

use crate::config::builder::Builder;
use crate::config::policy::SignalStatus;
use crate::large::is_large;
use crate::log;
use crate::run::{Run, signals};
use crate::task::tracker::Tracker;

/// The expansion of `#[entry]`: a run whose runtime also serves calls on the program's plain
/// threads. After a signal it ends the process by that signal, unless the exit status is to be that
/// of `main` ([`SignalStatus::FromMain`](crate::SignalStatus::FromMain)). It exits with the status
/// 1 if a task has failed under [`Unhandled::Fail`](crate::Unhandled::Fail). `report` converts the
/// value that `main` returns to an exit status.
///
/// # Panics
///
/// If [`try_run`](crate::try_run()) would return an error, or if the future panics.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "the macro's output stays one plain call")]
pub fn entry<F: Future, R>(builder: Builder, future: F, report: impl FnOnce(F::Output) -> R) -> R {
    if const { is_large::<F>() } {
        entry_held(&builder, Box::pin(future), report)
    } else {
        entry_held(&builder, future, report)
    }
}

#[track_caller]
fn entry_held<F: Future, R>(
    builder: &Builder,
    future: F,
    report: impl FnOnce(F::Output) -> R,
) -> R {
    let location = Location::caller();
    // There is no check for a free thread. The check would take half as long as building the
    // runtime, and without a thread the outcome is a panic in any case.
    let note = OnPanic { location };
    let started = Run::start(builder, location, Some(end_process));
    drop(note);
    let mut run = match started {
        Ok(run) => run,
        Err(error) => panic!("{error}"),
    };
    // A runtime that only the main thread drives makes no progress while that thread blocks, so it
    // serves no other thread.
    if builder.is_multi_thread() {
        run.serve_plain_threads();
    }
    let output = panic::catch_unwind(AssertUnwindSafe(|| run.main(future)));
    let tracker = Arc::clone(&run.tracker);
    // Closes the run, and stops watching for signals. A signal that has come is recorded in the
    // tracker. A later signal has the effect that it had before the run.
    drop(run);
    // An error that `main` returns is printed here, whatever the status.
    let status = output.map(|output| output.ok().map(report));
    if let Some(signal) = tracker.signal() {
        match (&status, tracker.policy().signal_status) {
            (Ok(Some(_)) | Err(_), SignalStatus::FromMain) => {}
            _ => signals::raise(signal),
        }
    }
    match status {
        Ok(Some(status)) if !tracker.has_failed() => status,
        // The reason has been reported by now.
        Ok(_) => process::exit(1),
        Err(payload) => panic::resume_unwind(payload),
    }
}

/// Exits the process when a run has not ended within its time limits.
fn end_process(tracker: &Tracker) -> ! {
    let periods = tracker.policy().grace_period.saturating_add(tracker.policy().shutdown_timeout);
    let headline = format!(
        "the run started at {} did not end within {periods:?}, its grace period and shutdown timeout; the process ends now",
        tracker.started()
    );
    if let Some(text) = tracker.report_of_tracked().losses(&headline) {
        log::warn(text);
    }
    match tracker.signal() {
        Some(signal) => signals::raise(signal),
        None => process::exit(1),
    }
}

/// Reports the run's file and line if tokio panics while it builds the runtime.
struct OnPanic {
    location: &'static Location<'static>,
}

impl Drop for OnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            let location = self.location;
            log::print(format_args!("the run at {location} could not be started"));
        }
    }
}

/// The outputs of `main`, which all convert to an exit status.
#[diagnostic::on_unimplemented(
    message = "`main` can't return `{Self}`",
    label = "not a return type of `main`",
    note = "`main` returns `()`, `ExitCode`, or `Result<_, E>` of one of them with `E: Debug`"
)]
pub trait ExitValue {
    /// Reports the value as std does.
    fn report(self) -> ExitCode;
}

#[diagnostic::do_not_recommend]
impl<T: Termination> ExitValue for T {
    fn report(self) -> ExitCode {
        Termination::report(self)
    }
}
