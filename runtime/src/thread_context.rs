//! The contexts of threads.

use std::fmt;

/// What the current thread is doing, which decides whether and how code on it may wait.
///
/// ```
/// use bridgehead::ThreadContext;
///
/// assert_eq!(ThreadContext::current(), ThreadContext::Plain);
/// assert!(ThreadContext::current().may_block());
///
/// let inside = bridgehead::run(async { ThreadContext::current() });
/// assert_eq!(inside, ThreadContext::BlockOn);
/// assert!(!inside.may_block());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ThreadContext {
    /// No runtime is current: a thread that the program has started, or a thread of another
    /// executor.
    Plain,
    /// A worker thread of a multi-thread runtime, in a task.
    Worker,
    /// A thread in `block_on` of a multi-thread runtime, also in a `LocalSet` there. Also a thread
    /// in `block_on` of a current-thread runtime that another thread drives.
    BlockOn,
    /// A multi-thread runtime is current, but doesn't poll this code: `spawn_blocking`,
    /// `block_in_place`, an `enter()` guard.
    Entered,
    /// `spawn_blocking` of a current-thread runtime.
    BlockingPool,
    /// Under the `enter()` guard of a current-thread runtime. Possibly no thread drives that
    /// runtime.
    EnteredCurrentThread,
    /// The thread that drives a current-thread runtime, a `LocalRuntime`, or a `LocalSet` on one of
    /// them. Any runtime's code under the `enter()` guard of a current-thread runtime counts as
    /// this too, since the runtime that runs it can't be detected.
    Driver,
    /// Inside a `sync_call!` on this same thread.
    InCall,
    /// On a fiber: a call suspends the fiber, and blocks no thread. Only with the feature `fiber`.
    Fiber,
    /// The current runtime is shutting down, or has shut down.
    RuntimeGone,
    /// In a forked child, and a runtime of the parent is current. None of its threads exist in the
    /// child.
    Forked,
    /// The thread is ending, and tokio's thread-local state is gone.
    ThreadExiting,
}

impl ThreadContext {
    /// All contexts, in the order of their discriminants.
    pub(crate) const ALL: [Self; 12] = [
        Self::Plain,
        Self::Worker,
        Self::BlockOn,
        Self::Entered,
        Self::BlockingPool,
        Self::EnteredCurrentThread,
        Self::Driver,
        Self::InCall,
        Self::Fiber,
        Self::RuntimeGone,
        Self::Forked,
        Self::ThreadExiting,
    ];

    /// Whether blocking the thread by other means than a `sync_call!` (a sleep, a lock, a channel
    /// of std's) blocks only the caller. It is `false` wherever the thread is polling async code.
    #[must_use]
    pub fn may_block(self) -> bool {
        match self {
            Self::Worker | Self::BlockOn | Self::Driver | Self::InCall | Self::Fiber => false,
            Self::Plain
            | Self::Entered
            | Self::BlockingPool
            | Self::EnteredCurrentThread
            | Self::RuntimeGone
            | Self::Forked
            | Self::ThreadExiting => true,
        }
    }
}

impl fmt::Display for ThreadContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "on a thread without a runtime",
            Self::Worker => "on a worker thread of a multi-thread runtime",
            Self::BlockOn => "on a thread in a runtime's `block_on`",
            Self::Entered => "in the context of a multi-thread runtime, on none of its workers",
            Self::BlockingPool => "on a blocking thread of a current-thread runtime",
            Self::EnteredCurrentThread => "under the `enter()` guard of a current-thread runtime",
            Self::Driver => "on the thread that drives a current-thread runtime",
            Self::InCall => "inside a `sync_call!`",
            Self::Fiber => "on a fiber",
            Self::RuntimeGone => "in the context of a runtime that is shutting down or gone",
            Self::Forked => "in a forked child, in the context of a runtime of its parent",
            Self::ThreadExiting => "on a thread that is ending",
        })
    }
}

const _: () = {
    let mut at = 0;
    while at < ThreadContext::ALL.len() {
        assert!(ThreadContext::ALL[at] as usize == at, "each is at the index of its number");
        at += 1;
    }
};
