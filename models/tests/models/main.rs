//! Loom runs the crate's own atomics in every order in which threads can reach them. The files
//! below are the crate's, with loom's atomics, locks and threads in place of std's.
//!
//! | atomic | file | model |
//! |---|---|---|
//! | the wake signal of a call | `call/park.rs` | [`wake`] |
//! | the generation, and whether a runtime is alive | `runtimes/generation.rs` | [`remembered`] |
//! | the phase of a run | `task/tracker/` | [`closing`] |
//! | the pipe of the signal handlers, how many use it, and the first signal | `run/signals/line.rs` | [`signals`] |
//!
//! These have no model: the count of forks and the handlers' process, which change only while there
//! is a single thread, right after a fork; numbers that are only counted up, or down to the least
//! (`signals::watch`, `stalls::expect`); whether a liveness check has run (`liveness.rs`), which
//! tokio itself orders after the check; whether a task has failed (`tracker/`), which is read after
//! tokio has joined the tasks that write it; and whether blocking work knows that it is cancelled
//! (`blocking_task.rs`), which is set once, and orders nothing else.
//!
//! `LOOM_MAX_PREEMPTIONS` bounds how often a thread is preempted where it could go on: 2 here, more
//! in `scripts/loom`.
#![allow(
    unexpected_cfgs,
    reason = "the files have features that this package lacks: without `fiber`, `tracker/` needs no fibers' threads"
)]

/// A room of the crate: the files of one of its folders.
macro_rules! rooms {
    ($($name:ident = $path:literal { $($(#[$attr:meta])* $file:ident)* })*) => {$(
        #[allow(dead_code, unreachable_pub, missing_docs, missing_debug_implementations, reason = "not all of it is modelled")]
        #[path = $path]
        mod $name {
            $($(#[$attr])* pub(crate) mod $file;)*
        }
    )*};
}

/// A file directly in the crate's `src`.
macro_rules! ground {
    ($($name:ident = $path:literal;)*) => {$(
        #[allow(dead_code, unreachable_pub, missing_docs, missing_debug_implementations, reason = "not all of it is modelled")]
        #[path = $path]
        mod $name;
    )*};
}

ground! {
    log = "../../../runtime/src/log.rs";
    report = "../../../runtime/src/report.rs";
    signal = "../../../runtime/src/signal.rs";
}

rooms! {
    runtimes = "../../../runtime/src/runtimes" { generation }
    run_signals = "../../../runtime/src/run/signals" { line }
    task = "../../../runtime/src/task" {
        #[path = "no_fiber.rs"]
        fiber
        table
        threads
        token
        tracker
    }
}

#[allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    missing_debug_implementations,
    reason = "not all of it is modelled"
)]
#[path = "../../../runtime/src/config"]
mod config {
    /// The settings of fibers in a build without fibers, without the setters.
    pub(crate) mod fiber {
        #[derive(Debug, Clone, Copy, Default)]
        pub(crate) struct Fibers {}
    }
    pub(crate) mod policy;
    pub(crate) mod stalls;
}

/// `park.rs` keeps signals in thread-locals, and loom's threads have thread-locals of their own.
macro_rules! thread_local {
    ($(#[$attr:meta])* static $name:ident: $type:ty = const $init:block;) => {
        loom::thread_local! { $(#[$attr])* static $name: $type = $init; }
    };
}

rooms! {
    call = "../../../runtime/src/call" { budget park }
}

mod closing;
mod remembered;
mod signals;
mod wake;

/// The parts of std that `runtime/src/sync.rs` uses.
mod sync {
    pub(crate) use std::sync::PoisonError;

    pub(crate) use loom::sync::{Mutex, MutexGuard, atomic};

    /// Each shard is one more lock that can be taken in every order.
    pub(crate) const SHARDS: usize = 2;

    pub(crate) mod thread {
        pub(crate) use loom::thread::{Thread, current, park, yield_now};

        /// A model has no time: any timeout may have passed.
        pub(crate) fn park_timeout(_: std::time::Duration) {
            yield_now();
        }
    }
}

/// Runs `f` in every order of its threads' steps.
fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound.get_or_insert(2);
    builder.check(f);
}
