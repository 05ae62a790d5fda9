//! Graceful shutdown of the background runtime.

use std::sync::Arc;

use crate::report::Report;
use crate::run::runner::inner::Inner;
use crate::run::shutdown;
use crate::runtimes::backgrounds::Closing;
use crate::runtimes::serving;

/// Closes the background runtime gracefully, from any thread, as a [run
/// ends](crate::guide::shutdown). Use it in `atexit`, in a plugin that is unloaded, in an
/// interpreter that exits, and at the end of a synchronous `main`.
///
/// [`cancelled`](crate::cancelled) resolves on that runtime, and tasks that await it have the
/// [`grace_period`](crate::Builder::grace_period). All other tasks are dropped at their next
/// `.await`. This function waits for blocking work until the
/// [`shutdown_timeout`](crate::Builder::shutdown_timeout). Then calls that still wait on the
/// background runtime are interrupted: they return
/// [`CallError::Shutdown`](crate::CallError::Shutdown), or panic with their file and line.
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
/// A call that is made once closing has begun is served by a new background runtime, which stays
/// open. The same holds for tasks that are [spawned](crate::spawn) on a thread without a runtime.
/// Such a call doesn't wait for the end of the former runtime, since that end may depend on the
/// code that makes the call. A call that was made before, and begins to wait only now, is
/// interrupted. The new runtime is configured as the former one was. After this function, and
/// before the next start, [`configure_background`](crate::configure_background) may be called
/// again.
///
/// If the background runtime was never started, or was inherited from the parent process by a fork,
/// there is nothing to close, and the report is empty. A second call waits while another thread
/// closes, and returns the same report.
///
/// # Where it may be called
///
/// This function may be called anywhere. A thread that runs async code, a call or a fiber must not
/// wait for the end of the runtime, and neither must one of the runtime's own threads. On these
/// threads the function returns a preliminary report. A separate thread [goes on
/// closing](Report::is_in_progress), and reports on standard error what is lost. The next call of
/// this function waits for the end, and returns the whole report, unless a new background runtime
/// has been started by then.
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
/// In Python, release the GIL around this call: a task that needs the GIL can't end while this call
/// holds it.
///
/// # Limits
///
/// An idle thread that has made a call keeps a handle of the former runtime until its next call, or
/// until it ends. This takes no thread and no task, but some memory and two file descriptors for
/// all such threads together. The program's own [`Handle`](tokio::runtime::Handle)s, sockets and
/// timers of the former runtime keep it in the same way, and no longer work.
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
