//! Graceful shutdown of the background runtime.

use std::sync::Arc;

use crate::report::Report;
use crate::run::runner::inner::Inner;
use crate::run::shutdown;
use crate::runtimes::backgrounds::Closing;
use crate::runtimes::serving;

/// Shuts down the background runtime [gracefully](crate::guide::shutdown), from any thread. This is
/// the runtime that this crate starts for calls on threads without a runtime. Use this function in
/// `atexit`, in a plugin that is unloaded, in an interpreter that exits, and at the end of a
/// synchronous `main`.
///
/// - [`cancelled`](crate::cancelled) completes on that runtime, and tasks that await it have the
///   [`grace_period`](crate::Builder::grace_period) to finish. All other tasks of
///   [`spawn`](crate::spawn) are dropped at their next `.await`.
/// - This function waits for blocking work for at most the
///   [`shutdown_timeout`](crate::Builder::shutdown_timeout).
/// - Calls that still wait on the background runtime then end without a value: a `try_sync_call!`
///   returns [`CallError::Shutdown`](crate::CallError::Shutdown), and a `sync_call!` panics.
///
/// [`configure_background`](crate::configure_background) sets both time limits. When this function
/// returns, the threads of the runtime have ended, except those that the [`Report`] lists.
///
/// ```
/// use std::time::Duration;
///
/// use bridgehead::{cancelled, close_background, spawn, sync_call};
///
/// // A program with a synchronous `main`.
/// spawn(async {
///     cancelled().await;
///     // Flush, commit, close the connection.
/// })
/// .detach();
/// spawn(std::future::pending::<()>()).detach();
/// sync_call!(tokio::time::sleep(Duration::from_millis(10)));
///
/// let report = close_background();
/// assert_eq!(report.finished().len(), 1);
/// assert_eq!(report.dropped().len(), 1);
/// // Lists both, with the file and line of each.
/// println!("{report}");
/// ```
///
/// # Calls meanwhile, and afterwards
///
/// A `sync_call!` that is made after the shutdown has begun is served by a new background runtime,
/// which stays open. The same holds for tasks that are [spawned](crate::spawn) on a thread without
/// a runtime. Such a call doesn't wait for the end of the former runtime, since that end may depend
/// on the code that makes the call. A call that was made before, and begins to wait only now, ends
/// without a value.
///
/// The new runtime is configured as the former one was. After `close_background`, and before the
/// next start, you may call [`configure_background`](crate::configure_background) again.
///
/// If the background runtime was never started, or was inherited from the parent process by a fork,
/// there is nothing to close, and the report is empty. If another thread is already closing it,
/// `close_background` waits for that thread, and returns the same report.
///
/// # Where it may be called
///
/// You may call this function on any thread. Some threads must not wait for the end of the runtime:
/// those that run async code, a call or a fiber, and the runtime's own threads. On these threads
/// the function returns a preliminary report. A separate thread [goes on
/// closing](Report::is_in_progress) the runtime, and reports on standard error what was abandoned,
/// and which tasks were dropped at the end of the grace period. The next call of this function
/// waits for the end, and returns the whole report, unless a new background runtime has been
/// started by then.
///
/// For C or Python, call it in an exported function:
///
/// ```
/// /// In C, pass this to `atexit`. In Python, pass it to `atexit.register`, through a
/// /// `#[pyfunction]`. The host of a plugin calls it before it unloads the plugin.
/// // The attribute, for the C function: #[unsafe(no_mangle)]
/// pub extern "C" fn mylib_close() {
///     let report = bridgehead::close_background();
///     if !report.is_clean() {
///         eprintln!("mylib: {report}");
///     }
/// }
/// # mylib_close();
/// ```
///
/// In Python, release the GIL around `close_background`. Otherwise a task that needs the GIL can't
/// end.
///
/// # Limits
///
/// A thread that has made a `sync_call!` keeps a handle of the former runtime until it makes
/// another one, or ends. These handles together keep some memory and two file descriptors, but no
/// thread and no task. The program's own [`Handle`](tokio::runtime::Handle)s, sockets and timers of
/// the former runtime keep the same, and no longer work.
#[doc(alias("shutdown", "atexit"))]
pub fn close_background() -> Report {
    let Some(closing) = serving::close_background(|background| Inner::of_background(background))
    else {
        return Report { of_background: true, ..Report::default() };
    };
    let report = Arc::clone(&closing).close();
    // Otherwise it is kept, so that the next caller gets the complete report.
    if !report.is_in_progress() {
        serving::forget_closed(&closing);
    }
    report
}

impl Closing for Inner {
    fn close(self: Arc<Self>) -> Report {
        self.close_from_here(shutdown::report_losses)
    }
}
