//! The report of a call that has been blocked for a long time: its file and line, the runtime that
//! makes no progress, and the remedies.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::thread_context::ThreadContext;

/// A report about a call that has been blocked for a long time.
/// [`CallError::Stalled`](crate::CallError::Stalled) contains it.
///
/// Its text has lines for what happened and where, why (`note:`), and what can be done (`help:`).
/// The call stack follows if the environment variable `RUST_BACKTRACE` is set.
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
///     // The call blocks the thread that would run the task.
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
    /// The name of the macro or the adapter.
    pub(crate) name: &'static str,
    pub(crate) location: &'static Location<'static>,
    pub(crate) context: ThreadContext,
    pub(crate) waited: Duration,
    pub(crate) cause: Cause,
    /// The runtime that makes no progress.
    pub(crate) runtime: Option<String>,
    /// Whether this runtime is current on the thread of the call. Otherwise it only serves the
    /// call.
    pub(crate) is_own: bool,
    /// The file and line of the other calls that block the runtime.
    pub(crate) others: String,
    /// The lock that the call waits for, if any.
    pub(crate) lock: Option<String>,
    /// The exhausted blocking pool, if any.
    pub(crate) pool: Option<Exhausted>,
    pub(crate) backtrace: Arc<Backtrace>,
}

/// A blocking pool without a thread for more work.
#[derive(Debug, Clone)]
pub(crate) struct Exhausted {
    /// The maximum number of its threads, if known.
    pub(crate) threads: Option<usize>,
    /// The number of threads that are blocked in calls.
    pub(crate) calls: usize,
    /// The file and line of these calls.
    pub(crate) places: String,
}

/// Why a call is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The call blocks the runtime that its thread drives. Its future may depend on that runtime.
    Driven,
    /// No thread drives the current-thread runtime that is current on the thread. The call's future
    /// may depend on that runtime.
    NotDriven,
    /// An `enter()` guard may hide the runtime that polls this code, so that it can't be detected.
    /// The call's future may depend on that runtime. The code of a multi-thread runtime that has
    /// shut down can't be distinguished from this.
    Hidden,
    /// The runtime that is current on the thread belongs to the parent process.
    Inherited,
    /// The system has no thread to take over the worker that the call blocks.
    NoThread,
    /// The blocking pool of the runtime that serves the call has no thread for more work, and the
    /// call blocks one of its threads.
    PoolExhausted,
    /// The runtime that serves the call hasn't run a task for a while.
    Busy,
    /// The runtime makes progress, and the call's future waits for a lock.
    Lock,
    /// The runtime makes progress, and the call takes longer than expected.
    Unexpected,
}

impl Cause {
    /// Returns whether the call blocks the runtime that serves it.
    pub(crate) fn is_of_its_own(self) -> bool {
        self == Self::NoThread
    }

    /// Returns what makes no progress, if it isn't known whether the call's future depends on that.
    fn need(self) -> Option<&'static str> {
        match self {
            Self::Driven | Self::Hidden => {
                Some("a task, a timer or a socket of the runtime whose thread it blocks")
            }
            Self::NotDriven => {
                Some("a task, a timer or a socket of a runtime that no thread drives")
            }
            Self::Inherited
            | Self::NoThread
            | Self::PoolExhausted
            | Self::Busy
            | Self::Lock
            | Self::Unexpected => None,
        }
    }
}

impl Stall {
    /// Returns the file and line of the call.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// Returns the context of the call's thread. For nested calls it is the context of the
    /// outermost call.
    #[must_use]
    pub fn context(&self) -> ThreadContext {
        self.context
    }

    /// Returns how long the call had been blocked when the stall was detected.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// Returns the call stack of the blocked thread. It is only captured if the environment
    /// variable `RUST_BACKTRACE` or `RUST_LIB_BACKTRACE` enables it.
    pub fn backtrace(&self) -> &Backtrace {
        &self.backtrace
    }
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, location, context, waited, .. } = self;
        write!(f, "`{name}` at {location} has been blocked for {waited:.1?}")?;
        if let Some(need) = self.cause.need() {
            write!(
                f,
                "\n  note: the call may just be slow: it deadlocks only if its future needs {need}"
            )?;
        }
        write!(f, "\n  note: it waits {context}")?;
        match &self.runtime {
            Some(runtime) if self.is_own => write!(f, " ({runtime})")?,
            Some(runtime) => write!(f, ", served by the {runtime}")?,
            None => {}
        }
        f.write_str("\n  note: ")?;
        self.why(f)?;
        if let Some(lock) = &self.lock {
            write!(f, "\n  note: it waits for a lock, `{lock}`")?;
        }
        for remedy in self.remedies() {
            write!(f, "\n  help: {remedy}")?;
        }
        f.write_str(
            "\n  help: if this call is expected to be slow, silence the report with `on_stall = \"ignore\"`",
        )?;
        if self.backtrace.status() == BacktraceStatus::Captured {
            write!(f, "\n  note: the call stack:\n{}", self.backtrace)?;
        }
        Ok(())
    }
}

impl Stall {
    /// Writes what makes no progress, and why.
    fn why(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NO_PROGRESS: &str = "tasks, timers and sockets of that runtime make no progress";
        let others = &self.others;
        match self.cause {
            Cause::Driven => write!(f, "it blocks that thread: {NO_PROGRESS} until it returns"),
            Cause::NotDriven if others.is_empty() => {
                write!(f, "no thread drives that runtime: {NO_PROGRESS} until one does")
            }
            Cause::NotDriven => write!(
                f,
                "the call at {others} blocks the thread that drives that runtime: {NO_PROGRESS} until it returns"
            ),
            Cause::Hidden => f.write_str(
                "the `enter()` guard may hide the runtime that runs this code, and that this thread blocks: tasks, timers and sockets \
                 of that one make no progress until the call returns",
            ),
            Cause::Inherited => {
                write!(f, "that runtime belongs to the parent process and has no threads in this one: {NO_PROGRESS}")
            }
            Cause::NoThread => {
                f.write_str("the system has no thread left to take over this worker")?;
                if !others.is_empty() {
                    write!(f, ", nor those of the calls at {others}")?;
                }
                write!(f, ": {NO_PROGRESS}")
            }
            Cause::PoolExhausted => self.exhausted(f),
            Cause::Busy => {
                f.write_str("all workers of that runtime are busy or blocked, in code that doesn't `.await`")?;
                if !others.is_empty() {
                    write!(f, ", or in calls such as at {others}, for which the system has no thread")?;
                }
                write!(f, ": {NO_PROGRESS}")
            }
            Cause::Lock => f.write_str("its runtime makes progress"),
            Cause::Unexpected => f.write_str(
                "its runtime makes progress: what it waits for is blocked elsewhere, such as by a lock that its own task holds, or by \
                 another call that waits for this one",
            ),
        }
    }

    fn exhausted(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runtime = self.runtime.as_deref().unwrap_or("runtime");
        write!(f, "the blocking pool of the {runtime} is exhausted: ")?;
        let Some(Exhausted { threads, calls, places }) = &self.pool else { return Ok(()) };
        match threads {
            Some(threads) => write!(f, "{threads} of {threads} threads are blocked")?,
            None => f.write_str("all of its threads are blocked")?,
        }
        write!(
            f,
            ", {calls} in calls at {places}; files, DNS and `spawn_blocking` wait for one of them"
        )
    }

    fn remedies(&self) -> Vec<&'static str> {
        let of_cause = match self.cause {
            Cause::Driven => {
                "`.await` the future, move the call into `spawn_blocking`, run it on a fiber, or use the multi-thread flavor"
            }
            Cause::NotDriven if self.others.is_empty() => {
                "keep a thread in its `block_on`, or use a multi-thread runtime"
            }
            Cause::NotDriven => "`.await` the future there, or use a multi-thread runtime",
            Cause::Hidden => "drop the guard before the call",
            Cause::Inherited => "create in the child process what is used there",
            Cause::NoThread => "raise the system's limit on threads, or make fewer calls at a time",
            Cause::PoolExhausted => {
                "raise `max_blocking_threads`, or start less blocking work at a time"
            }
            Cause::Busy => {
                "move what doesn't `.await` into `spawn_blocking`, raise `worker_threads`, or the system's limit on threads"
            }
            Cause::Lock | Cause::Unexpected => {
                "if its own task or thread holds the lock, or one that waits for this call does, release it before the call"
            }
        };
        let mut remedies = vec![of_cause];
        if self.cause == Cause::Busy {
            // An initialiser or a lock of std's parks a worker without handing it off.
            remedies.push(
                "if the call is in an initialiser or under a lock that other workers wait for (`LazyLock`, `OnceLock`, `Once`, a std \
                 `Mutex`), use a `tokio::sync::OnceCell`, as in `sync_call!(CELL.get_or_init(load))`, a lock of tokio's, or \
                 `bridgehead::on_background`",
            );
        }
        if self.lock.is_some() && self.cause != Cause::Lock {
            remedies.push("if its own task or thread holds the lock, release it before the call");
        }
        remedies
    }
}

/// Returns the lock whose future has a type of this name. A lock inside another future is not
/// detected.
pub(crate) fn lock(future: &str) -> Option<String> {
    const LOCKS: [&str; 2] = ["tokio::sync::mutex::Mutex<", "tokio::sync::rwlock::RwLock<"];
    const METHODS: [&str; 6] = ["lock", "lock_owned", "read", "read_owned", "write", "write_owned"];
    let path = future.strip_suffix("::{{closure}}")?;
    let (_, method) = path.rsplit_once("::")?;
    let is_lock = LOCKS.iter().any(|lock| path.starts_with(lock)) && METHODS.contains(&method);
    is_lock.then(|| path.to_owned())
}
