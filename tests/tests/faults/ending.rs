//! Faults in which something ends: a runtime, a thread, a process, standard error.

use std::cell::RefCell;
use std::future::{pending, ready};
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, mpsc};
use std::thread;

use bridgehead::Runner;
use bridgehead_tests::bridge::{Bridge, Bridgehead};
use bridgehead_tests::contexts::{in_task, multi};
use bridgehead_tests::message;
use bridgehead_tests::system::{close_stderr, in_forked_child};
use bridgehead_tests::traps::SHORT;
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::{Held, complete};

fn wait<B: Bridge>() {
    B::call(|| sleep(SHORT));
}

pub(crate) fn runtime<B: Bridge>() -> Held {
    let runtime = multi(1);
    let (sender, receiver) = mpsc::channel();
    let (begun, begins) = mpsc::channel();
    runtime.spawn(async move {
        let call = || {
            B::call(|| async {
                let _ = begun.send(());
                pending::<()>().await;
            });
        };
        let _ = sender.send(panic::catch_unwind(AssertUnwindSafe(call)));
    });
    begins.recv().expect("the call");
    // By then the call waits.
    thread::sleep(5 * SHORT);
    runtime.shutdown_timeout(SHORT);
    Held::by(receiver.recv().expect("the call"))
}

pub(crate) fn owner<B: Bridge>() -> Held {
    let (dropped, drops) = mpsc::channel();
    let (go_on, goes_on) = oneshot::channel::<()>();
    macro_rules! drop_inside {
        ($owner:expr) => {{
            let owner = Arc::new($owner);
            let inside = Arc::clone(&owner);
            let task = owner.spawn(async move {
                let _ = goes_on.await;
                drop(inside);
                let _ = dropped.send(());
            });
            drop(owner);
            // Dropping a `Task` would cancel it.
            std::mem::forget(task);
        }};
    }
    if B::NAME == Bridgehead::NAME {
        drop_inside!(Runner::new());
    } else {
        drop_inside!(multi(1));
    }
    go_on.send(()).expect("the task");
    drops.recv().expect("dropped");
    Held::Completed
}

pub(crate) fn fork<B: Bridge>() -> Held {
    let runtime = multi(2);
    let (never, pending) = oneshot::channel::<()>();
    runtime.spawn(async { B::call(|| pending) });
    in_task(
        &runtime,
        Box::new(|| {
            wait::<B>();
            in_forked_child(wait::<B>);
            wait::<B>();
        }),
    );
    drop(never);
    Held::Completed
}

struct AtThreadEnd(fn());

impl Drop for AtThreadEnd {
    fn drop(&mut self) {
        (self.0)();
    }
}

thread_local! {
    static EARLY: RefCell<Option<AtThreadEnd>> = const { RefCell::new(None) };
    static LATE: RefCell<Option<AtThreadEnd>> = const { RefCell::new(None) };
}

pub(crate) fn thread<B: Bridge>() -> Held {
    let runtime = multi(1);
    let handle = runtime.handle().clone();
    let ending = thread::spawn(move || {
        // Thread-local values are dropped in reverse order: this one after tokio's.
        EARLY.set(Some(AtThreadEnd(|| assert_eq!(B::call(|| ready(3)), 3))));
        let _guard = handle.enter();
        wait::<B>();
        LATE.set(Some(AtThreadEnd(wait::<B>)));
    });
    ending.join().expect("the thread");
    Held::Completed
}

pub(crate) fn process<B: Bridge>() -> Held {
    let runtime = Box::leak(Box::new(multi(2)));
    let (begun, begins) = mpsc::channel();
    for _ in 0..4 {
        let begun = begun.clone();
        runtime.spawn(async move {
            B::call(|| async {
                let _ = begun.send(());
                pending::<()>().await;
            });
        });
    }
    (0..4).for_each(|_| begins.recv().expect("the call"));
    complete()
}

pub(crate) fn stderr<B: Bridge>() -> Held {
    close_stderr(false);
    in_task(
        &multi(2),
        Box::new(|| {
            let payload = panic::catch_unwind(|| B::call(|| async { panic!("of the test") }));
            assert_eq!(message(payload.expect_err("the panic").as_ref()), "of the test");
            wait::<B>();
        }),
    );
    Held::Completed
}
