//! A task that waits when its run begins to close is either woken, or finds out by itself.

use std::panic::Location;
use std::sync::Arc;
use std::task::{Wake, Waker};

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

use crate::config::policy::Policy;
use crate::model;
use crate::report::Kind;
use crate::task::table::Polled;
use crate::task::tracker::entries::Admission;
use crate::task::tracker::{Phase, Tracker};

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

fn task(tracker: &Arc<Tracker>) -> (crate::task::table::Key, Arc<Woken>) {
    (tracker.enter(Kind::Task, Location::caller()), Arc::new(Woken(AtomicBool::new(false))))
}

#[test]
fn a_task_that_begins_to_wait_is_dropped() {
    model(|| {
        let tracker = Tracker::new(Policy::default(), Location::caller());
        let (key, woken) = task(&tracker);
        let asking = thread::spawn({
            let tracker = Arc::clone(&tracker);
            move || tracker.request_shutdown()
        });
        let verdict = tracker.admit(key, &Waker::from(Arc::clone(&woken)));
        asking.join().unwrap();
        assert!(verdict == Admission::Drop || woken.0.load(Ordering::Acquire), "it waits for ever");
    });
}

/// A task that awaits `cancelled` has the grace period, and no more.
#[test]
fn a_task_that_awaits_cancelled_is_dropped_later() {
    model(|| {
        let tracker = Tracker::new(Policy::default(), Location::caller());
        let (key, woken) = task(&tracker);
        {
            let _polled = Polled::enter(tracker.address(), key);
            tracker.mark_graceful();
        }
        let closing = thread::spawn({
            let tracker = Arc::clone(&tracker);
            move || {
                tracker.request_shutdown();
                tracker.abort_rest();
            }
        });
        let verdict = tracker.admit(key, &Waker::from(Arc::clone(&woken)));
        if verdict == Admission::Drop {
            assert_eq!(tracker.phase(), Phase::Dropping, "it has not been given its time");
        }
        closing.join().unwrap();
        assert!(verdict == Admission::Drop || woken.0.load(Ordering::Acquire), "it waits for ever");
    });
}

/// A signal, a failed task and `close` may all request the shutdown.
#[test]
fn two_who_ask_wake_everybody_once_at_least() {
    model(|| {
        let tracker = Tracker::new(Policy::default(), Location::caller());
        let (key, woken) = task(&tracker);
        let asking = [(); 2].map(|()| {
            let tracker = Arc::clone(&tracker);
            thread::spawn(move || tracker.request_shutdown())
        });
        let verdict = tracker.admit(key, &Waker::from(Arc::clone(&woken)));
        for thread in asking {
            thread.join().unwrap();
        }
        assert!(verdict == Admission::Drop || woken.0.load(Ordering::Acquire), "it waits for ever");
        assert_eq!(tracker.phase(), Phase::Requested);
    });
}
