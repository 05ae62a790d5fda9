//! Helpers of the behaviour tests: the table of contexts, deadlines, child processes, the reports
//! of calls that stall, and the bridges that people write by hand, with the traps that they fall
//! into.

pub mod bridge;
pub mod child;
pub mod contexts;
pub mod pages;
pub mod reported;
#[cfg(unix)]
pub mod system;
pub mod traps;

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// A job that takes longer counts as hung. Even on a busy machine a job takes far less.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// How a job on a thread of its own ended.
#[derive(Debug)]
pub enum Outcome<T> {
    /// The job returned this value.
    Done(T),
    /// The job panicked with this message.
    Panicked(String),
    /// The job did not end, and its thread is leaked.
    Hung,
}

/// Runs `job` on a thread of its own, so that a job that hangs doesn't block the test run.
pub fn outcome<T: Send + 'static>(
    deadline: Duration,
    job: impl FnOnce() -> T + Send + 'static,
) -> Outcome<T> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let result = panic::catch_unwind(AssertUnwindSafe(job));
        // The receiver is gone if the deadline has passed.
        let _ = send.send(result);
    });
    match receive.recv_timeout(deadline) {
        Ok(Ok(value)) => Outcome::Done(value),
        Ok(Err(payload)) => Outcome::Panicked(message(payload.as_ref())),
        Err(_) => Outcome::Hung,
    }
}

/// Runs `job`, and fails the test if it panics or hangs. `what` names the case in the message.
///
/// # Panics
///
/// If `job` panics or hangs.
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
