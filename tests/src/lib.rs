//! Helpers of the behaviour tests: the table of contexts, deadlines, child processes, what is told
//! of calls that stall, and the bridges that people write by hand, with the traps that they fall
//! into.

pub mod bridge;
pub mod child;
pub mod contexts;
pub mod pages;
#[cfg(unix)]
pub mod system;
pub mod told;
pub mod traps;

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long anything may take here before it counts as hung. Far more than it needs on a busy
/// machine.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// How a job on a thread of its own ended.
#[derive(Debug)]
pub enum Outcome<T> {
    /// With a value.
    Done(T),
    /// With a panic, whose message this is.
    Panicked(String),
    /// Not at all; its thread is left behind.
    Hung,
}

/// Runs `job` on a thread of its own, so that a hang is an outcome and no stuck test run.
pub fn outcome<T: Send + 'static>(
    deadline: Duration,
    job: impl FnOnce() -> T + Send + 'static,
) -> Outcome<T> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let result = panic::catch_unwind(AssertUnwindSafe(job));
        // Nobody listens any more when the deadline has passed.
        let _ = send.send(result);
    });
    match receive.recv_timeout(deadline) {
        Ok(Ok(value)) => Outcome::Done(value),
        Ok(Err(payload)) => Outcome::Panicked(message(payload.as_ref())),
        Err(_) => Outcome::Hung,
    }
}

/// Runs `job` and fails the test if it panics or hangs; `what` says which case it was.
///
/// # Panics
///
/// Then.
pub fn within<T: Send + 'static>(what: &str, job: impl FnOnce() -> T + Send + 'static) -> T {
    match outcome(DEADLINE, job) {
        Outcome::Done(value) => value,
        Outcome::Panicked(message) => panic!("{what}: panicked: {message}"),
        Outcome::Hung => panic!("{what}: hung"),
    }
}

/// The message of a panic.
#[must_use]
pub fn message(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a payload that is no text".to_owned())
}

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[derive(Debug)]
pub struct Readme;
