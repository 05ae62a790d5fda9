//! Faults inside of the future, and around it.

use std::future::pending;
use std::panic;
use std::sync::mpsc;
use std::thread;

use bridgehead_tests::bridge::Bridge;
use bridgehead_tests::contexts::{everywhere, in_task, multi, single};
use bridgehead_tests::message;
use bridgehead_tests::traps::SHORT;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::Held;

fn wait<B: Bridge>() {
    B::call(|| sleep(SHORT / 10));
}

/// Runs the job on a worker, and on a thread that drives a runtime.
fn in_tasks(job: fn()) -> Held {
    in_task(&multi(2), Box::new(job));
    in_task(&single(), Box::new(job));
    Held::Completed
}

pub(crate) fn panics<B: Bridge>() -> Held {
    everywhere(|_| {
        let call = || {
            B::call(|| async {
                sleep(SHORT / 10).await;
                panic!("of the test");
            });
        };
        let payload = panic::catch_unwind(call).expect_err("the panic");
        assert_eq!(message(payload.as_ref()), "of the test");
        wait::<B>();
    });
    Held::Completed
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("of the drop");
    }
}

/// Makes a call when it is dropped.
struct Calls(fn());

impl Drop for Calls {
    fn drop(&mut self) {
        (self.0)();
    }
}

pub(crate) fn panics_in_drops<B: Bridge>() -> Held {
    in_tasks(|| {
        let of_the_future = || {
            B::call(|| async {
                let _bomb = Bomb;
                sleep(SHORT / 10).await;
            });
        };
        let of_the_output = || drop(B::call(|| async { Bomb }));
        for call in [of_the_future as fn(), of_the_output] {
            let payload = panic::catch_unwind(call).expect_err("the panic");
            assert_eq!(message(payload.as_ref()), "of the drop");
            wait::<B>();
        }
        let while_it_unwinds = panic::catch_unwind(|| {
            let _calls = Calls(wait::<B>);
            panic!("of the test");
        });
        let payload = while_it_unwinds.expect_err("the panic");
        assert_eq!(message(payload.as_ref()), "of the test");
        wait::<B>();
    })
}

pub(crate) fn calls_back<B: Bridge>() -> Held {
    in_tasks(|| {
        B::call(|| async {
            let calls = Calls(wait::<B>);
            sleep(SHORT / 10).await;
            drop(calls);
            sleep(SHORT / 10).await;
        });
    })
}

/// Sends the id of the thread that it is dropped on.
struct Dropped(mpsc::Sender<thread::ThreadId>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(thread::current().id());
    }
}

pub(crate) fn caller_goes<B: Bridge>() -> Held {
    let runtime = multi(2);
    in_task(&runtime, Box::new(deadline_passes::<B>));
    runtime.block_on(task_is_aborted::<B>());
    in_task(&runtime, Box::new(wait::<B>));
    Held::Completed
}

fn deadline_passes<B: Bridge>() {
    let (dropped, drops) = mpsc::channel();
    let future = async {
        let _dropped = Dropped(dropped);
        pending::<()>().await;
    };
    assert!(B::call(|| timeout(SHORT, future)).is_err());
    assert_eq!(drops.recv(), Ok(thread::current().id()));
}

async fn task_is_aborted<B: Bridge>() {
    let (dropped, drops) = mpsc::channel();
    let (begun, begins) = oneshot::channel();
    let (go_on, goes_on) = oneshot::channel();
    let task = tokio::spawn(async move {
        let here = thread::current().id();
        B::call(|| async {
            let _dropped = Dropped(dropped);
            let _ = begun.send(here);
            goes_on.await
        })
    });
    let caller = begins.await.expect("the call");
    task.abort();
    go_on.send(()).expect("the call waits still");
    let _ = task.await;
    assert_eq!(drops.recv(), Ok(caller));
}
