//! The orderly end of the background runtime.

use std::sync::Arc;

use crate::report::Report;
use crate::run::runner::inner::Inner;
use crate::run::shutdown;
use crate::runtimes::backgrounds::Closing;
use crate::runtimes::serving;

/// Closes the background runtime, from any thread, as a [run ends](crate::guide::shutdown): for `atexit`, a plugin that is unloaded, an
/// interpreter that exits, and the end of a synchronous `main`.
///
/// [`cancelled`](crate::cancelled) resolves there, and tasks that await it have the [`grace_period`](crate::Builder::grace_period); all
/// others are dropped at their next `.await`. Blocking work is waited for until the [`shutdown_timeout`](crate::Builder::shutdown_timeout).
/// Then calls that still wait on the background runtime are interrupted: [`CallError::Shutdown`](crate::CallError::Shutdown), or a panic
/// with the call's file and line. Both times are those of [`configure_background`](crate::configure_background). When this returns, the
/// threads of the runtime have ended, but for those that the [`Report`] names.
///
/// ```
/// use std::time::Duration;
///
/// use bridgehead::{cancelled, close_background, spawn, sync_call};
///
/// // A program with a synchronous `main`.
/// spawn(async {
///     cancelled().await;
///     // Flush, say goodbye, commit.
/// })
/// .detach();
/// spawn(std::future::pending::<()>()).detach();
/// sync_call!(tokio::time::sleep(Duration::from_millis(10)));
///
/// let report = close_background();
/// assert_eq!(report.finished().len(), 1);
/// assert_eq!(report.dropped().len(), 1);
/// // Says so, with the file and line of each.
/// println!("{report}");
/// ```
///
/// # Calls meanwhile, and afterwards
///
/// A call that begins once closing has begun is served by a fresh background runtime, which is started for it and stays open; so is what
/// is [spawned](crate::spawn) on a thread without a runtime. No call waits for the end of the former one: the code that this end waits for may
/// be what makes the call. A call that has begun before, and only then comes to wait, is interrupted as the others are. The fresh one is
/// configured as the former one was, or anew: after this, and before the next start, [`configure_background`](crate::configure_background)
/// may be called again.
///
/// If the background runtime was never started, or inherited from the process that this one was forked from, there is nothing to be closed,
/// and the report is empty. A second call waits while another thread closes, and returns the same report.
///
/// # Where it may be called
///
/// Everywhere. In async code, in a call, on a fiber, and on one of the background runtime's own threads, which must not wait for themselves, it
/// returns what is known so far, and closing [goes on](Report::is_in_progress) on a thread made for that, which reports on standard error
/// what is lost. The next call of this function then waits for that end, and returns the whole report, unless a fresh background runtime has been
/// started by then.
///
/// From C, or in Python, it is called by an exported function:
///
/// ```
/// /// For `atexit(mylib_close)` in C; for `atexit.register(mylib.close)` in Python through a `#[pyfunction]`; and for a plugin's host to
/// /// call before it unloads the plugin.
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
/// With the GIL of Python held, release it around this: a task that needs it can't end before.
///
/// # Limits
///
/// A thread that has made a call and is idle now keeps a handle of the former runtime until its next call, or its end: no thread and no task, but
/// some memory and two file descriptors for all such threads together. The program's own [`Handle`](tokio::runtime::Handle)s, sockets and timers of
/// the former runtime do the same; none of them works any more.
#[doc(alias("shutdown", "atexit"))]
pub fn close_background() -> Report {
    let Some(closing) = serving::close_background(|background| Inner::of_background(background)) else {
        return Report { of_background: true, ..Report::default() };
    };
    let report = Arc::clone(&closing).close();
    // Else the next one to ask is given the whole of it.
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
