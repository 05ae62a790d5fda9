//! Timers for calls whose thread, or fiber, doesn't park.

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

/// A timer of the system's clock. It need not be that of the call's own runtime: that may have
/// none, or one that is paused, or end before the call does, after which tokio panics if its timer
/// is polled.
pub(super) struct Timer {
    sleep: Pin<Box<Unconstrained<Sleep>>>,
    until: Instant,
    /// What it belongs to, where that is the background runtime, which may be closed before the
    /// call ends.
    clock: Option<Arc<RuntimeRecord>>,
}

impl Timer {
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

    /// Whether the time has come. One whose runtime was closed is made anew: tokio panics if that
    /// is polled.
    pub(super) fn has_elapsed(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        for _ in 0..2 {
            if self.clock.as_ref().is_some_and(|clock| clock.state() != RuntimeState::Alive) {
                *self = Self::new(self.until, None)?;
            }
            match panic::catch_unwind(AssertUnwindSafe(|| self.sleep.as_mut().poll(cx))) {
                Ok(polled) => return Ok(polled.is_ready()),
                // It was closed since.
                Err(payload)
                    if self.clock.is_some() && detect::is_shutdown_panic(payload.as_ref()) => {}
                Err(payload) => panic::resume_unwind(payload),
            }
        }
        Ok(self.until <= Instant::now())
    }
}

/// Whether the runtime surely has timers that go by the system's clock.
fn keeps_time(handle: &Handle) -> bool {
    let is_managed = runtimes::started(handle.id()).is_some();
    is_managed && runtimes::tracker(handle).is_some_and(|tracker| !tracker.policy().start_paused)
}
