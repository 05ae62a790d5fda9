//! The reports of calls that stall, as a child process emits them.

use std::process;
use std::thread;
use std::time::Duration;

use bridgehead::{Builder, configure_background};

use crate::{DEADLINE, Outcome, child, outcome};

/// The `stall_after` in [`reported`], for the background runtime and the runtimes that this crate
/// didn't build.
pub const AFTER: Duration = Duration::from_millis(200);

/// Long enough for a report that is repeated by mistake to be repeated, and for a time limit that
/// must not be reached.
pub const LONG: Duration = Duration::from_secs(2);

/// Runs `job`, which may hang, in a child process of the test `name`, until it has emitted `count`
/// reports and for a while after that. Returns the reports.
///
/// # Panics
///
/// If the job panics.
#[must_use]
pub fn reported(name: &str, count: usize, job: impl FnOnce() + Send + 'static) -> Vec<String> {
    reported_with(name, count, Builder::new().stall_after(AFTER), job)
}

/// As [`reported`], with a configuration for the background runtime.
///
/// # Panics
///
/// If the job panics.
#[must_use]
pub fn reported_with(
    name: &str,
    count: usize,
    builder: Builder,
    job: impl FnOnce() + Send + 'static,
) -> Vec<String> {
    if child::is_child(name) {
        configure_background(builder.worker_threads(2)).expect("nobody else does");
        match outcome(DEADLINE, job) {
            Outcome::Hung | Outcome::Done(()) => process::exit(0),
            Outcome::Panicked(message) => panic!("{message}"),
        }
    }
    let mut reported = Vec::new();
    child::watch(name, |line| {
        take_note(&mut reported, line);
        match reported.len() {
            0 if count == 0 => LONG,
            reported if reported < count => DEADLINE,
            _ => 3 * AFTER,
        }
    });
    reported
}

/// Adds a line to the reports. The further lines of a report are indented.
fn take_note(reported: &mut Vec<String>, line: Option<&str>) {
    let Some(line) = line else { return };
    if line.starts_with("bridgehead: ") {
        reported.push(line.to_owned());
    } else if let (true, Some(message)) = (line.starts_with("  "), reported.last_mut()) {
        message.push('\n');
        message.push_str(line);
    }
}

/// Checks that there is exactly one report, and that it contains all `parts`.
///
/// # Panics
///
/// If the number of reports is another one, or if a part is missing.
pub fn assert_reported(reported: &[String], parts: &[&str]) {
    let [message] = reported else { panic!("expected one message, found {reported:#?}") };
    for part in parts {
        assert!(message.contains(part), "expected `{part}` in: {message}");
    }
}

/// Blocks the thread without end.
pub fn pending_thread() -> ! {
    loop {
        thread::park();
    }
}
