//! Calls that wait for something that can't happen, and what is reported of them.
//!
//! A test that changes the state of its whole process runs in a child, or is a file of its own
//! beside this folder.

mod blocking_pools;
mod closed_stderr;
mod exhaustion;
mod io;
mod options;
mod reports;
