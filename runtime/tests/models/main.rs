//! Every order in which threads can come to the crate's own atomics, played through by loom: the files below are the crate's, with loom's
//! atomics, locks and threads in place of std's.
//!
//! | atomic | file | model |
//! |---|---|---|
//! | the wake signal of a call | `park.rs` | [`wake`] |
//! | the epoch, and whether a runtime is alive | `epoch.rs` | [`remembered`] |
//! | the phase of a run | `scope/` | [`closing`] |
//! | the pipe of the signal handlers, how many use it, and the first signal | `signal_line.rs` | [`signals`] |
//!
//! Without a model are: the generation and the handlers' process, which change where there is one thread only, right after a fork; numbers
//! that are merely counted up, or down to the least (`signals::watch`, `waits::expect`); whether a probe has run (`probe.rs`), which tokio's own
//! word orders that it has finished; the number of a runtime's threads and whether a task has failed (`scope/`), which are
//! read after tokio has joined those who write them; whether a blocking pool is full (`pool.rs`) and whether blocking work knows that it is
//! cancelled (`work.rs`), which are set once, and on which nothing else hangs.
//!
//! `LOOM_MAX_PREEMPTIONS` bounds how often a thread is interrupted where it could go on: 2 here, more in `scripts/loom`.
// `scope/` would need the fibers' threads then.
#![cfg(not(feature = "fiber"))]

macro_rules! included {
    ($($(#[$attr:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$attr])*
        #[allow(dead_code, unreachable_pub, missing_docs, missing_debug_implementations, reason = "not all of it is modelled")]
        #[path = $path]
        mod $name;
    )*};
}

included! {
    epoch = "../../src/epoch.rs";
    policy = "../../src/policy.rs";
    report = "../../src/report.rs";
    scope = "../../src/scope/mod.rs";
    signal_line = "../../src/signal_line.rs";
    table = "../../src/table.rs";
    tell = "../../src/tell.rs";
    threads = "../../src/threads.rs";
}

/// `park.rs` keeps signals in thread-locals, and loom's threads have their own.
macro_rules! thread_local {
    ($(#[$attr:meta])* static $name:ident: $type:ty = const $init:block;) => {
        loom::thread_local! { $(#[$attr])* static $name: $type = $init; }
    };
}

included! {
    budget = "../../src/budget.rs";
    park = "../../src/park.rs";
}

mod closing;
mod remembered;
mod signals;
mod wake;

/// What `runtime/src/sync.rs` has of std's.
mod sync {
    pub(crate) use std::sync::PoisonError;

    pub(crate) use loom::sync::{Mutex, MutexGuard, atomic};

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
