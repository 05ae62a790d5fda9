//! The orderly end of the background runtime. All of a process share that, so that each test runs
//! in a child.

#[macro_use]
mod in_child;

mod contexts;
mod ends;
mod programs;
mod races;
