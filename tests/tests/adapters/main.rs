//! Streams as iterators, and asynchronous I/O as that of std.
//!
//! A test that changes the state of its whole process runs in a child, or is a file of its own
//! beside this folder.

mod io;
mod io_errors;
mod io_limits;
mod iter;
