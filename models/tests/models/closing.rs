//! A task that waits when its run begins to close is either woken, or learns of it by itself.

use std::panic::Location;
use std::sync::Arc;
use std::task::{Wake, Waker};

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

use crate::model;
use crate::policy::Policy;
use crate::report::Kind;
use crate::scope::{Phase, Scope, Verdict};
use crate::table::Polled;

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

fn task(scope: &Arc<Scope>) -> (crate::table::Key, Arc<Woken>) {
    (scope.enter(Kind::Task, Location::caller()), Arc::new(Woken(AtomicBool::new(false))))
}

#[test]
fn a_task_that_begins_to_wait_is_dropped() {
    model(|| {
        let scope = Scope::new(Policy::default(), Location::caller());
        let (key, woken) = task(&scope);
        let asking = thread::spawn({
            let scope = Arc::clone(&scope);
            move || scope.ask()
        });
        let verdict = scope.admit(key, &Waker::from(Arc::clone(&woken)));
        asking.join().unwrap();
        assert!(verdict == Verdict::Drop || woken.0.load(Ordering::Acquire), "it waits for ever");
    });
}

/// It has the grace period, and no more.
#[test]
fn a_task_that_awaits_cancelled_is_dropped_later() {
    model(|| {
        let scope = Scope::new(Policy::default(), Location::caller());
        let (key, woken) = task(&scope);
        {
            let _polled = Polled::enter(scope.address(), key);
            scope.cooperate();
        }
        let closing = thread::spawn({
            let scope = Arc::clone(&scope);
            move || {
                scope.ask();
                scope.drop_rest();
            }
        });
        let verdict = scope.admit(key, &Waker::from(Arc::clone(&woken)));
        if verdict == Verdict::Drop {
            assert_eq!(scope.phase(), Phase::Dropping, "it has not been given its time");
        }
        closing.join().unwrap();
        assert!(verdict == Verdict::Drop || woken.0.load(Ordering::Acquire), "it waits for ever");
    });
}

/// A signal, a failed task and `close` may all ask.
#[test]
fn two_who_ask_wake_everybody_once_at_least() {
    model(|| {
        let scope = Scope::new(Policy::default(), Location::caller());
        let (key, woken) = task(&scope);
        let asking = [(); 2].map(|()| {
            let scope = Arc::clone(&scope);
            thread::spawn(move || scope.ask())
        });
        let verdict = scope.admit(key, &Waker::from(Arc::clone(&woken)));
        for thread in asking {
            thread.join().unwrap();
        }
        assert!(verdict == Verdict::Drop || woken.0.load(Ordering::Acquire), "it waits for ever");
        assert_eq!(scope.phase(), Phase::Asked);
    });
}
