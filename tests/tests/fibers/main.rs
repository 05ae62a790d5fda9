//! Fibers.
//!
//! A test that changes the state of its whole process runs in a child, or is a file of its own
//! beside this folder.

mod calls;
mod ends;
mod polls;
mod stacks;
mod stalls;
mod tasks;
