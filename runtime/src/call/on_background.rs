//! Running a future on the background runtime's own threads, for a caller that can't use tokio.

use std::future::Future;
use std::io;
use std::panic::{self, Location};
use std::thread;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::call::enter::enter;
use crate::call::wait::try_wait;
use crate::config::call_options::CallOptions;
use crate::context::detect;
use crate::error::CallError;
use crate::large::is_large;
use crate::runtimes::background;

/// Runs a future on the threads of the background runtime, and blocks until it is ready. It works
/// on any thread.
///
/// Use it where a [`sync_call!`](crate::sync_call) can't use tokio: in a thread-local destructor,
/// after tokio's own thread-local state is gone. Elsewhere use a call, which polls on the calling
/// thread and requires neither `Send` nor `'static`.
///
/// ```
/// use std::cell::RefCell;
/// use std::time::Duration;
///
/// /// Sends a goodbye when its thread ends.
/// struct Session(u32);
///
/// impl Drop for Session {
///     fn drop(&mut self) {
///         let id = self.0;
///         let goodbye = async move { tokio::time::sleep(Duration::from_millis(id.into())).await };
///         if let Err(error) = bridgehead::on_background(goodbye) {
///             eprintln!("{error}");
///         }
///     }
/// }
///
/// thread_local! {
///     static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
/// }
///
/// let thread = std::thread::spawn(|| {
///     // tokio's thread-local state is initialized after `SESSION`, and so is dropped before it.
///     SESSION.set(Some(Session(1)));
///     bridgehead::sync_call!(tokio::task::yield_now());
/// });
/// thread.join().unwrap();
/// ```
///
/// # Errors
///
/// [`CallError::Runtime`] if the background runtime can't be started, and the errors of
/// [`try_sync_call!`](crate::try_sync_call) except [`CallError::ThreadExiting`].
///
/// # Panics
///
/// If the future panics, the panic is passed on.
///
/// # Limits
///
/// In a thread-local destructor there is no time limit, and a long wait isn't reported. Put a
/// [`timeout`](tokio::time::timeout) around the future. A panic there aborts the process.
#[track_caller]
pub fn on_background<F>(future: F) -> Result<F::Output, CallError>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    if const { is_large::<F>() } {
        on_background_held(Box::pin(future))
    } else {
        on_background_held(future)
    }
}

#[track_caller]
fn on_background_held<F>(future: F) -> Result<F::Output, CallError>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let location = Location::caller();
    // Building a runtime needs tokio's thread-local state. On a thread that has lost that state,
    // another thread builds the runtime.
    let find = || background::handle().map(|handle| Handle::clone(&handle));
    let handle = if detect::is_thread_exiting() { on_a_thread(find) } else { find() };
    let task = handle.map_err(|source| CallError::Runtime { source, location })?.spawn(future);
    let _abort = AbortOnDrop(task.abort_handle());
    let joined = try_wait(enter(), task, CallOptions::new())?;
    match joined {
        Ok(output) => Ok(output),
        Err(error) => match error.try_into_panic() {
            Ok(payload) => panic::resume_unwind(payload),
            Err(_) => Err(CallError::Shutdown { location }),
        },
    }
}

/// Aborts the task if the call ends before the task does.
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs `f` on a new thread, and blocks until that thread has ended.
pub(crate) fn on_a_thread<T: Send>(f: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, f)?;
        thread.join().unwrap_or_else(|payload| panic::resume_unwind(payload))
    })
}
