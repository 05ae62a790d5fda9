//! Every order in which threads can come to the crate's own atomics, played through by loom: the
//! files below are the crate's, with loom's atomics, locks and threads in place of std's.
//!
//! | atomic | file | model |
//! |---|---|---|
//! | the wake signal of a call | `call/park.rs` | [`wake`] |
//! | the generation, and whether a runtime is alive | `runtimes/generation.rs` | [`remembered`] |
//! | the phase of a run | `task/tracker/` | [`closing`] |
//! | the pipe of the signal handlers, how many use it, and the first signal | `run/signals/line.rs` | [`signals`] |
//!
//! Without a model are: the count of forks and the handlers' process, which change where there is
//! one thread only, right after a fork; numbers that are merely counted up, or down to the least
//! (`signals::watch`, `stalls::expect`); whether a probe has run (`liveness.rs`), which tokio's own
//! word orders that it has finished; whether a task has failed (`tracker/`), which is read after
//! tokio has joined those who write it; whether blocking work knows that it is cancelled
//! (`blocking_task.rs`), which is set once, and on which nothing else hangs.
//!
//! `LOOM_MAX_PREEMPTIONS` bounds how often a thread is interrupted where it could go on: 2 here,
//! more in `scripts/loom`.
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

/// A file of the crate that is in no folder.
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
    /// What is set for fibers where there are none, without the setters.
    pub(crate) mod fiber {
        #[derive(Debug, Clone, Copy, Default)]
        pub(crate) struct Fibers {}
    }
    pub(crate) mod policy;
    pub(crate) mod stalls;
}

/// `park.rs` keeps signals in thread-locals, and loom's threads have their own.
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

/// What `runtime/src/sync.rs` has of std's.
mod sync {
    pub(crate) use std::sync::PoisonError;

    pub(crate) use loom::sync::{Mutex, MutexGuard, atomic};

    /// Each is one more lock to come to in every order.
    pub(crate) const SHARDS: usize = 2;

    pub(crate) mod thread {
        pub(crate) use loom::thread::{Thread, current, park, yield_now};

        /// There is no time in a model: it may always be over.
        pub(crate) fn park_timeout(_: std::time::Duration) {
            yield_now();
        }
    }
}

/// Plays `f` through in every order of its threads' steps.
fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound.get_or_insert(2);
    builder.check(f);
}
