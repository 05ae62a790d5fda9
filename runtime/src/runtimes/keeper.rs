//! Makes the drop of a runtime wait for workers that were handed off to spare threads.
//!
//! The drop of a runtime waits for all threads of its blocking pool. The workers are among them, so
//! afterwards no task is polled any more, and all tasks have been dropped. A worker on a spare
//! thread is not among them. So one thread of the pool, the *keeper*, waits for the spare threads.
//! It uses one of the places that the pool has for workers, and so takes none from the user's
//! blocking work. In a small pool whose threads are all in use it would take one. There it returns
//! instead.
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

/// How long the pool may take to run a liveness check on another thread than the keeper's.
const PATIENCE: Duration = Duration::from_millis(100);

/// Starts the keeper on the runtime's blocking pool, unless it was started before.
pub(crate) fn post(record: &Arc<RuntimeRecord>, handle: &Handle) {
    if record.needs_keeper() {
        let (record, own) = (Arc::clone(record), handle.clone());
        // tokio panics if it can't start a thread. The drop of the runtime then doesn't wait.
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

/// Whether the pool has another thread than this one.
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
    // An interruption without the end of the runtime would take the waker as well. But only a run
    // interrupts its calls that early, and the runtime of a run has no keeper.
    while record.state() == RuntimeState::Alive {
        thread::park();
    }
    record.interrupt().remove(key);
}
