//! Calls: what they promise in each context, and to each poll.
//!
//! A test that changes the state of its whole process runs in a child, or is a file of its own
//! beside this folder.

mod background;
mod budget;
mod chosen;
mod contexts;
mod elsewhere;
mod guards;
mod interrupts;
mod large_calls;
mod large_futures;
mod panic_hooks;
mod polls;
mod time;
mod traps;
