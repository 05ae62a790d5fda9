//! Which runtime is current on a fiber that none polls.

use std::io;

use crate::context::active_call;
use crate::fiber::switch;
use crate::runtimes::background;

/// Makes a runtime current for the fiber that the thread is on, if there is none that runs.
#[inline]
pub(crate) fn serve() -> io::Result<()> {
    switch::current(|shared| {
        if !shared.is_served.get() && shared.served_by.get().is_none() {
            let handle = background::serving()?;
            shared.served_by.set(Some(handle));
            shared.guard.set(Some(handle.enter()));
            active_call::set_fiber_runtime(handle.id());
        }
        Ok(())
    })
    .unwrap_or(Ok(()))
}
