//! Starting threads of this crate's own.

use std::io;
use std::thread::{Builder, JoinHandle};

/// Starts a thread. The work is boxed, so that std's code for it is compiled once for all of them.
///
/// # Errors
///
/// Where the system has no thread.
pub(crate) fn start(name: &str, work: Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).spawn(work)
}

/// Starts a thread that does nothing, to find out whether the system has one.
///
/// # Errors
///
/// Where it has none.
pub(crate) fn check() -> io::Result<JoinHandle<()>> {
    start("bridgehead-check", Box::new(|| ()))
}
