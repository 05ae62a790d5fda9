//! What is told of calls that stall.

use std::process;
use std::thread;
use std::time::Duration;

use bridgehead::{Builder, configure_background};

use crate::{Outcome, child, outcome};

/// The `stall_after` of the background runtime, and of the runtimes that are not this crate's, in [`told`].
pub const AFTER: Duration = Duration::from_millis(200);

/// Long enough for whatever is to be told to be told, also on a busy machine.
pub const LONG: Duration = Duration::from_secs(2);

/// Runs `job`, which may hang, for a [`LONG`] time in a process of its own, that of the test `name`; gives what was told there.
///
/// # Panics
///
/// When the job does.
#[must_use]
pub fn told(name: &str, job: impl FnOnce() + Send + 'static) -> Vec<String> {
    told_with(name, Builder::new().stall_after(AFTER), job)
}

/// As [`told`], with a configuration for the background runtime.
///
/// # Panics
///
/// As there.
#[must_use]
pub fn told_with(name: &str, builder: Builder, job: impl FnOnce() + Send + 'static) -> Vec<String> {
    if child::is_child(name) {
        configure_background(builder.worker_threads(2)).expect("nobody else does");
        match outcome(LONG, job) {
            Outcome::Hung | Outcome::Done(()) => process::exit(0),
            Outcome::Panicked(message) => panic!("{message}"),
        }
    }
    let output = child::run(name);
    child::assert_success(name, &output);
    let text = child::stderr(&output);
    text.lines().filter(|line| line.starts_with("bridgehead: ")).map(str::to_owned).collect()
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
