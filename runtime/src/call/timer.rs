//! Timers for calls that don't park: on a fiber, and while the call drives a runtime.

use std::future::Future;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::task::coop::{self, Unconstrained};
use tokio::time::{self, Sleep};

use crate::context::detect;
use crate::runtimes::background;
use crate::runtimes::{self, RuntimeRecord, RuntimeState};

/// A timer that uses the system's clock. It belongs to the call's own runtime if that [keeps the
/// time](keeps_time), and otherwise to the background runtime: a runtime that this crate didn't
/// build may have no timer driver, or a paused clock.
pub(super) struct Timer {
    sleep: Pin<Box<Unconstrained<Sleep>>>,
    until: Instant,
    /// The background runtime, if the timer belongs to that. It may be closed before the call ends.
    clock: Option<Arc<RuntimeRecord>>,
}

impl Timer {
    /// `own` is the current runtime, if that can't shut down before the call ends: tokio panics if
    /// a timer is polled after that.
    pub(super) fn new(until: Instant, own: Option<&Handle>) -> io::Result<Self> {
        let own = own.filter(|handle| keeps_time(handle)).cloned();
        let (handle, clock) = if let Some(own) = own {
            (own, None)
        } else {
            let handle = Handle::clone(&*background::handle()?);
            let clock = runtimes::record(handle.id());
            (handle, clock)
        };
        let _current = handle.enter();
        let sleep = Box::pin(coop::unconstrained(time::sleep_until(until.into())));
        Ok(Self { sleep, until, clock })
    }

    /// Whether the timer has elapsed. If the background runtime was closed, this creates a new
    /// timer, since tokio panics if the old one is polled.
    pub(super) fn has_elapsed(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        for _ in 0..2 {
            if self.clock.as_ref().is_some_and(|clock| clock.state() != RuntimeState::Alive) {
                *self = Self::new(self.until, None)?;
            }
            match panic::catch_unwind(AssertUnwindSafe(|| self.sleep.as_mut().poll(cx))) {
                Ok(polled) => return Ok(polled.is_ready()),
                // The background runtime was closed between the check and the poll.
                Err(payload)
                    if self.clock.is_some() && detect::is_shutdown_panic(payload.as_ref()) => {}
                Err(payload) => panic::resume_unwind(payload),
            }
        }
        Ok(self.until <= Instant::now())
    }
}

/// Whether the runtime surely has a timer driver that uses the system's clock. This is known only
/// for the runtimes of runs.
fn keeps_time(handle: &Handle) -> bool {
    let is_managed = runtimes::started(handle.id()).is_some();
    is_managed && runtimes::tracker(handle).is_some_and(|tracker| !tracker.policy().start_paused)
}
