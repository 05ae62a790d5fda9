//! Has the thread that drops a runtime wait for the workers that were handed off.
//!
//! Dropping a runtime waits for all threads of its blocking pool, among which its workers are, so
//! that no task is polled any more, and none is left undropped, when that is over. A worker on a
//! spare thread is not among them. So one thread of the pool waits for it: the *keeper*. Its place
//! is one of those that the workers had, so that it takes none from the user; but in a tiny pool,
//! all of whose threads are in use at the moment, it would, and leaves.
//!
//! This is for runtimes that this crate did not build. A run waits for its own spare threads.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::runtimes::liveness::LivenessCheck;
use crate::runtimes::record::{RuntimeRecord, RuntimeState};

/// How long the pool has to show that it has a thread besides.
const PATIENCE: Duration = Duration::from_millis(100);

/// Posts the keeper, unless that was done before.
pub(crate) fn post(record: &Arc<RuntimeRecord>, handle: &Handle) {
    if record.needs_keeper() {
        let (record, own) = (Arc::clone(record), handle.clone());
        // tokio panics if it can't start a thread. Then the drop doesn't wait.
        let _ = panic::catch_unwind(AssertUnwindSafe(|| {
            handle.spawn_blocking(move || keep(&record, &own))
        }));
    }
}

fn keep(record: &RuntimeRecord, handle: &Handle) {
    if has_room(handle) {
        wait_for_end(record);
        record.spare_threads().join();
    }
}

/// Whether the pool has a thread besides this one.
fn has_room(handle: &Handle) -> bool {
    const INTERVAL: Duration = Duration::from_millis(1);
    let Some(check) = LivenessCheck::blocking(handle) else { return false };
    while !check.has_run() && check.age() < PATIENCE {
        thread::sleep(INTERVAL);
    }
    check.has_run()
}

/// Wakes the keeper.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits until the runtime begins to drop its tasks.
fn wait_for_end(record: &RuntimeRecord) {
    let key = record.interrupt().register(Waker::from(Arc::new(Unpark(thread::current()))));
    // An interrupt is no end, and takes the waker. It comes from a run, which has no keeper.
    while record.state() == RuntimeState::Alive {
        thread::park();
    }
    record.interrupt().remove(key);
}
