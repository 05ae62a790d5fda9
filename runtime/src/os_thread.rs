//! Starting threads of this crate's own.

use std::io;
use std::thread::{Builder, JoinHandle};

/// Starts a thread. The work is boxed, so that std's generic code for it is compiled only once.
///
/// # Errors
///
/// An error is returned if the system can't start a thread.
pub(crate) fn start(name: &str, work: Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).spawn(work)
}

/// Starts a thread that does nothing, to check whether the system can start one.
///
/// # Errors
///
/// An error is returned if it can't.
pub(crate) fn check() -> io::Result<JoinHandle<()>> {
    start("bridgehead-check", Box::new(|| ()))
}
