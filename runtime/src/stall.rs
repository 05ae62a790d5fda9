//! What is said of a call that has waited for long: where it stands, what stands still meanwhile, and what can be done about it.

use std::fmt;
use std::panic::Location;
use std::time::Duration;

use crate::thread_context::ThreadContext;

/// What is known of a call that has waited for long: see [`CallError::Stalled`](crate::CallError::Stalled).
///
/// Its text names the call, where its thread stands, the runtime that stands still, and what can be done.
///
/// ```
/// use std::time::Duration;
///
/// use bridgehead::{Builder, CallError, Flavor, ThreadContext, try_sync_call};
///
/// fn legacy(task: tokio::task::JoinHandle<u32>) -> Result<u32, CallError> {
///     Ok(try_sync_call!(task, stall_after = "20ms", on_stall = "panic")?.expect("no panic"))
/// }
///
/// let error = Builder::new().flavor(Flavor::CurrentThread).run(async {
///     // The thread that would have to run the task waits for it.
///     let task = tokio::spawn(async { 1 });
///     legacy(task).unwrap_err()
/// });
/// let CallError::Stalled { stall, .. } = error else { panic!("{error}") };
/// assert_eq!(stall.context(), ThreadContext::Driver);
/// assert!(stall.waited() >= Duration::from_millis(20));
/// println!("{stall}");
/// ```
#[derive(Debug, Clone)]
pub struct Stall {
    pub(crate) location: &'static Location<'static>,
    pub(crate) context: ThreadContext,
    pub(crate) waited: Duration,
    pub(crate) cause: Cause,
    /// The runtime that this is about.
    pub(crate) runtime: Option<String>,
    /// It is the one that the thread is in, and doesn't merely serve the call.
    pub(crate) is_own: bool,
    /// The other calls that hold up the runtime.
    pub(crate) others: String,
    /// The lock that the call waits for, if it does.
    pub(crate) lock: Option<String>,
}

/// Why a call is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The call itself holds up the runtime that its thread drives. What it waits for may depend on that, or not.
    Driven,
    /// Nobody runs the current-thread runtime that the thread is in. What it waits for may depend on that, or not.
    NotDriven,
    /// The thread runs code of a runtime that can't be seen, under the guard of another one; or code of the very one that is gone, which
    /// looks the same where that was multi-thread. What it waits for may depend on that, or not.
    Hidden,
    /// The runtime that the thread is in was left behind in the parent process.
    Inherited,
    /// The system has no thread to take over the worker that the call holds.
    NoThread,
    /// The runtime that serves the call has run nothing for a while.
    Busy,
    /// The runtime runs, and the future is that of a lock.
    Lock,
    /// The runtime runs, and the call was not expected to take so long.
    Unexpected,
}

impl Cause {
    /// Whether the call's own wait holds up the very runtime that serves it.
    pub(crate) fn is_of_its_own(self) -> bool {
        self == Self::NoThread
    }
}

impl Stall {
    /// Where the call stands in the source.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// Where the call's thread stands; for a call inside of another one, where the outermost was made.
    #[must_use]
    pub fn context(&self) -> ThreadContext {
        self.context
    }

    /// How long the call had waited when this was found out.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.waited
    }
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { location, context, waited, .. } = self;
        write!(f, "the call at {location} has waited for {waited:.1?} {context}")?;
        match &self.runtime {
            Some(runtime) if self.is_own => write!(f, " ({runtime})")?,
            Some(runtime) => write!(f, ", served by the {runtime}")?,
            None => {}
        }
        self.why(f)?;
        if let Some(lock) = &self.lock {
            write!(
                f,
                "; it waits for a lock, `{lock}`: if its own task or thread holds that, or one that waits for this call, let go of it \
                 before the call"
            )?;
        }
        f.write_str("; if the call is only slow, `on_stall = \"ignore\"` in it says so")
    }
}

impl Stall {
    /// What stands still, and the remedy.
    fn why(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const IF_NEEDED: &str = "if it needs one of that runtime's tasks, timers or sockets, it waits";
        let others = &self.others;
        match self.cause {
            Cause::Driven => write!(
                f,
                ", which stands still meanwhile: {IF_NEEDED} for ever; `.await` it instead, make the call in `spawn_blocking` or on a \
                 fiber, or use the multi-thread flavor"
            ),
            Cause::NotDriven if others.is_empty() => write!(
                f,
                ", which nobody drives: {IF_NEEDED} until somebody does; keep a thread in its `block_on`, or use a multi-thread runtime"
            ),
            Cause::NotDriven => write!(
                f,
                ", which stands still, held up by the call at {others}: {IF_NEEDED} until that one returns; `.await` there instead, or \
                 use a multi-thread runtime"
            ),
            Cause::Hidden => write!(
                f,
                ", whose `enter()` guard may hide the runtime that runs this code, and for which this thread does nothing meanwhile: \
                 {IF_NEEDED} for ever; drop the guard before the call"
            ),
            Cause::Inherited => write!(
                f,
                ", which has no threads here: {IF_NEEDED} for ever; make in the child what is used in the child"
            ),
            Cause::NoThread => {
                f.write_str(", which stands still: the system has no thread left to take this worker's place")?;
                if !others.is_empty() {
                    write!(f, ", nor that of others, who wait at {others}")?;
                }
                f.write_str("; raise its limit on threads, or have fewer of them at a time")
            }
            Cause::Busy if others.is_empty() => f.write_str(
                ", which stands still: all of its workers are taken; move what doesn't `.await` to `spawn_blocking`, or raise \
                 `worker_threads`",
            ),
            Cause::Busy => write!(
                f,
                ", which stands still: all of its workers are taken, by code that doesn't `.await`, or by calls for which the system \
                 has no thread, such as at {others}; move the one to `spawn_blocking`, or raise the system's limit on threads"
            ),
            Cause::Lock => f.write_str(", while its runtime goes on"),
            Cause::Unexpected => f.write_str(
                ", while its runtime goes on: what it waits for is held up elsewhere, such as by a lock that its own task holds, or by \
                 another call that waits for this one",
            ),
        }
    }
}

/// The lock whose future has this type, as far as the type's name tells: one inside of another future isn't seen.
pub(crate) fn lock(future: &str) -> Option<String> {
    const LOCKS: [&str; 2] = ["tokio::sync::mutex::Mutex<", "tokio::sync::rwlock::RwLock<"];
    const METHODS: [&str; 6] = ["lock", "lock_owned", "read", "read_owned", "write", "write_owned"];
    let path = future.strip_suffix("::{{closure}}")?;
    let (_, method) = path.rsplit_once("::")?;
    let is_lock = LOCKS.iter().any(|lock| path.starts_with(lock)) && METHODS.contains(&method);
    is_lock.then(|| path.to_owned())
}
