//! Timers for calls whose thread, or fiber, doesn't park.

use std::io;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::time::{self, Sleep};

use crate::runtimes;
use crate::runtimes::background;

/// A timer of the system's clock. It need not be that of the call's own runtime: that may have none, or one that is paused, or end before the
/// call does, after which tokio panics if its timer is polled.
pub(super) fn sleep_until(until: Instant, own: Option<&Handle>) -> io::Result<Sleep> {
    let handle = match own.filter(|handle| keeps_time(handle)) {
        Some(own) => own,
        None => background::handle()?,
    };
    let _current = handle.enter();
    Ok(time::sleep_until(until.into()))
}

/// Whether the runtime surely has timers that go by the system's clock.
fn keeps_time(handle: &Handle) -> bool {
    let is_managed = runtimes::started(handle.id()).is_some();
    is_managed && runtimes::tracker(handle).is_some_and(|tracker| !tracker.policy().start_paused)
}
