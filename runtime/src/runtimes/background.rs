//! The background runtime. It serves calls on threads without a runtime, and calls that block the
//! runtime of their own thread.

use std::io;
use std::rc::Rc;

use tokio::runtime::Handle;

use crate::config::builder::Builder;
use crate::config::stalls;
use crate::error::BackgroundError;
use crate::runtimes::serving;

/// Configures the background runtime before the first call that needs it. After it was
/// [closed](crate::close_background), it can be configured again before the next call.
///
/// The background runtime is a multi-thread runtime. The first [`sync_call!`](crate::sync_call) on
/// a thread without a runtime, outside of an [`#[entry]`](macro@crate::entry), starts it. It runs
/// until it is closed or the process ends. Without this function it has tokio's defaults, such as a
/// worker for each core. In a forked child, the first call starts another background runtime with
/// the same configuration. So does the first call after the runtime was closed.
///
/// # How many workers
///
/// A call on a thread without a runtime polls its future on that thread. The workers run spawned
/// tasks, the timers and the I/O driver.
///
/// | what the program does | [`worker_threads`](Builder::worker_threads) |
/// |---|---|
/// | its tasks compute, or may block | the default: they use all cores, and the calls of other threads make progress meanwhile |
/// | its calls only wait, for sockets and timers | 1 saves threads; round trips of TCP took about as long as with the default |
/// | one thread spawns and awaits small tasks, one after the other | 1 may be faster, as no second worker wakes to search for work; measure it |
///
/// With a single worker, a task that doesn't reach an `.await` delays the calls of all threads. A
/// task that blocks until another task has run deadlocks.
///
/// Of the options that tokio doesn't have, these have an effect:
/// [`grace_period`](Builder::grace_period) and [`shutdown_timeout`](Builder::shutdown_timeout),
/// which limit how long [`close_background`](crate::close_background) takes;
/// [`on_unhandled`](Builder::on_unhandled); [`slow_poll_threshold`](Builder::slow_poll_threshold);
/// and the options of stalls and fibers. The options of signals and
/// [`unhandled`](Builder::unhandled) have no effect, since the background runtime belongs to no
/// `main`.
///
/// ```
/// use bridgehead::Builder;
///
/// bridgehead::configure_background(Builder::new().worker_threads(1).thread_name("bridge"))?;
/// let name = bridgehead::sync_call!(async {
///     tokio::spawn(async { std::thread::current().name().map(str::to_owned) }).await
/// })?;
/// assert_eq!(name.as_deref(), Some("bridge"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`BackgroundError`] if the background runtime is running, if it was configured before and not
/// closed since, or if the flavor is not multi-thread. The values of the options are checked when
/// the runtime is started.
pub fn configure_background(builder: Builder) -> Result<(), BackgroundError> {
    if !builder.is_multi_thread() {
        return Err(BackgroundError::Flavor);
    }
    stalls::expect(builder.policy.stalls);
    serving::configure_background(builder)
}

/// Returns the background runtime, and starts it if necessary. After a failure the next call tries
/// again.
pub(crate) fn handle() -> io::Result<Rc<Handle>> {
    serving::background()
}

/// Returns the runtime that serves calls on threads without a runtime. It is that of `#[entry]`
/// while it runs, otherwise the background runtime.
#[inline]
pub(crate) fn serving() -> io::Result<Rc<Handle>> {
    match serving::serving() {
        Some(handle) => Ok(handle),
        None => handle(),
    }
}
