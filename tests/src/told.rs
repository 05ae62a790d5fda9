//! What is told of calls that stall.

use std::process;
use std::thread;
use std::time::Duration;

use bridgehead::{Builder, configure_background};

use crate::{DEADLINE, Outcome, child, outcome};

/// The `stall_after` of the background runtime, and of the runtimes that are not this crate's, in
/// [`told`].
pub const AFTER: Duration = Duration::from_millis(200);

/// Long enough for what is told too often to be told once more, and for a time limit that isn't to
/// be reached.
pub const LONG: Duration = Duration::from_secs(2);

/// Runs `job`, which may hang, in a process of its own, that of the test `name`, until so many
/// messages are told there, and for a while after that; gives what was told.
///
/// # Panics
///
/// When the job does.
#[must_use]
pub fn told(name: &str, count: usize, job: impl FnOnce() + Send + 'static) -> Vec<String> {
    told_with(name, count, Builder::new().stall_after(AFTER), job)
}

/// As [`told`], with a configuration for the background runtime.
///
/// # Panics
///
/// As there.
#[must_use]
pub fn told_with(
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
    let mut told = Vec::new();
    child::watch(name, |line| {
        take_note(&mut told, line);
        match told.len() {
            0 if count == 0 => LONG,
            told if told < count => DEADLINE,
            _ => 3 * AFTER,
        }
    });
    told
}

/// Adds a line to the messages. A message of several lines is indented from the second on.
fn take_note(told: &mut Vec<String>, line: Option<&str>) {
    let Some(line) = line else { return };
    if line.starts_with("bridgehead: ") {
        told.push(line.to_owned());
    } else if let (true, Some(message)) = (line.starts_with("  "), told.last_mut()) {
        message.push('\n');
        message.push_str(line);
    }
}

/// Checks that there is one message, with all of these parts.
///
/// # Panics
///
/// When there isn't.
pub fn assert_told(told: &[String], parts: &[&str]) {
    let [message] = told else { panic!("expected one message, found {told:#?}") };
    for part in parts {
        assert!(message.contains(part), "expected `{part}` in: {message}");
    }
}

/// Blocks the thread for ever.
pub fn pending_thread() -> ! {
    loop {
        thread::park();
    }
}
