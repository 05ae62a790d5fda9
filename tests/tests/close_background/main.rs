//! The orderly end of the background runtime. A process has only one, so each test runs in a child.

#[macro_use]
mod in_child;

mod contexts;
mod ends;
mod programs;
mod races;
