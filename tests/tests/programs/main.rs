//! Whole programs: their ends, their status, and what signals do to them.
//!
//! A test that changes the state of its whole process runs in a child, or is a file of its own
//! beside this folder.

mod entry;
mod exit_status;
mod interrupts;
mod python;
mod signal_programs;
