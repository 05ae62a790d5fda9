//! Runs and runners: what they spawn, and how they end.
//!
//! A test that changes the state of its whole process runs in a child, or is a file of its own
//! beside this folder.

mod asyncio;
mod cancelled_work;
mod closing;
mod ending_reports;
mod endings;
mod local_tasks;
mod run;
mod runner;
mod runner_ends;
mod shutdowns;
mod statics;
mod tasks;
mod test_attribute;
