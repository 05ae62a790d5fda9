//! Blocking work that is cancelled finds out in its calls.

use std::future::{pending, ready};
use std::io::Read;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use bridgehead::{
    Builder, CallError, Flavor, Runner, Task, Unhandled, cancelled, fiber, io, sync_call,
    to_thread, try_sync_call,
};
use bridgehead_tests::within;
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(100);

/// Runs the work, cancels it after it has sent that it has begun, and returns its output.
fn cancel<T: Send + 'static>(
    cancel: fn(Task<()>),
    work: impl FnOnce(&dyn Fn()) -> T + Send + 'static,
) -> T {
    let (begun, begins) = tokio::sync::mpsc::unbounded_channel();
    let (said, says): (Sender<T>, Receiver<T>) = mpsc::channel();
    within("work", move || {
        bridgehead::run(async move {
            let task = to_thread(move || {
                let said_last = work(&|| begun.send(()).expect("the test listens"));
                said.send(said_last).expect("the test listens");
            });
            let mut begins = begins;
            begins.recv().await.expect("the work");
            // By then the work waits.
            sleep(SHORT).await;
            cancel(task);
        });
        says.recv().expect("the end of the work")
    })
}

const WAYS: [fn(Task<()>); 2] = [drop, |task| {
    task.abort();
    task.detach();
}];

#[test]
fn cancelled_resolves_there() {
    for way in WAYS {
        cancel(way, |begin| {
            begin();
            sync_call!(cancelled());
            // Once `cancelled` has resolved, further calls are not interrupted.
            try_sync_call!(sleep(SHORT)).expect("the time to clean up");
        });
    }
}

/// Sends when it is dropped.
struct Dropped(Sender<()>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[test]
fn a_call_that_waits_ends_once_with_an_error() {
    for way in WAYS {
        let error = cancel(way, |begin| {
            let (dropped, drops) = mpsc::channel();
            begin();
            let future = async {
                let _dropped = Dropped(dropped);
                pending::<()>().await;
            };
            let error = try_sync_call!(future).expect_err("the end of the work");
            drops.recv().expect("the future is dropped");
            try_sync_call!(sleep(SHORT)).expect("the time to clean up");
            sync_call!(cancelled());
            error
        });
        assert!(matches!(error, CallError::Cancelled { .. }), "{error}");
        assert!(error.to_string().contains("cancelled_work.rs"), "{error}");
    }
}

#[test]
fn a_call_that_begins_later_is_reported_as_well_unless_it_need_not_wait() {
    let error = cancel(drop, |begin| {
        begin();
        std::thread::sleep(4 * SHORT);
        assert_eq!(try_sync_call!(ready(1)).expect("no wait"), 1);
        try_sync_call!(sleep(SHORT), timeout = "10s").expect_err("the end of the work")
    });
    assert!(matches!(error, CallError::Cancelled { .. }), "{error}");
}

#[test]
fn a_call_on_a_fiber_is_reported() {
    let error = cancel(drop, |begin| {
        begin();
        futures::executor::block_on(fiber(|| {
            let error = try_sync_call!(pending::<()>()).expect_err("the end of the work");
            try_sync_call!(sleep(SHORT)).expect("the time to clean up");
            error
        }))
    });
    assert!(matches!(error, CallError::Cancelled { .. }), "{error}");
}

#[test]
fn a_call_without_errors_gets_its_value() {
    let value = cancel(drop, |begin| {
        begin();
        sync_call!(async {
            sleep(4 * SHORT).await;
            5
        })
    });
    assert_eq!(value, 5);
}

#[test]
fn a_call_in_a_call_is_reported() {
    let error = cancel(drop, |begin| {
        begin();
        sync_call!(async {
            try_sync_call!(pending::<()>(), allow_async).expect_err("the end of the work")
        })
    });
    assert!(matches!(error, CallError::Cancelled { .. }), "{error}");
}

#[test]
fn a_read_is_an_error_that_no_loop_repeats() {
    let error = cancel(drop, |begin| {
        let (here, _there) = tokio::io::duplex(1);
        begin();
        io(here).read_to_end(&mut Vec::new()).expect_err("the end of the work")
    });
    assert!(
        error.get_ref().and_then(|error| error.downcast_ref::<CallError>()).is_some(),
        "{error}"
    );
}

/// A run that closes waits for its blocking work, and so for the calls of the work.
#[test]
fn a_call_goes_on_when_the_run_closes() {
    within("closes", || {
        let (said, says) = mpsc::channel();
        let runner = Runner::new();
        runner.run(async {
            let (begun, begins) = tokio::sync::oneshot::channel();
            let work = to_thread(move || {
                begun.send(()).expect("the test listens");
                said.send(try_sync_call!(sleep(4 * SHORT)).is_ok()).expect("the test listens");
            });
            begins.await.expect("the work");
            work.detach();
        });
        assert_eq!(runner.close().abandoned().len(), 0);
        assert_eq!(says.recv(), Ok(true));
    });
}

/// The work is not cancelled, and its run goes on: only the inner run closes.
#[test]
fn a_run_in_the_work_gets_an_error_that_it_closes_itself() {
    for flavor in [Flavor::CurrentThread, Flavor::MultiThread] {
        let cleaned_up = within("a run in work", move || {
            bridgehead::run(to_thread(move || {
                Builder::new()
                    .flavor(flavor)
                    .unhandled(Unhandled::Fail)
                    .on_unhandled(|_| ())
                    .try_run(async {
                        // The failure closes the inner run.
                        to_thread(|| Err::<(), _>("a failure")).detach();
                        cancelled().await;
                        sleep(SHORT).await;
                    })
            }))
        });
        cleaned_up.expect("the work").expect("the grace period");
    }
}

#[test]
fn detached_work_is_left_alone() {
    let outcome = cancel(Task::detach, |begin| {
        begin();
        try_sync_call!(sleep(2 * SHORT)).is_ok()
    });
    assert!(outcome);
}
