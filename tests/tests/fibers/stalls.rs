//! Calls on a fiber that wait for long, and calls whose runtime ends.

use std::future::pending;
use std::panic;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bridgehead::{
    Builder, CallError, Flavor, OnStall, ThreadContext, fiber, sync_call, try_sync_call,
};
use bridgehead_tests::contexts::{multi, single};
use bridgehead_tests::reported::{AFTER, assert_reported, reported};
use bridgehead_tests::{message, within};
use tokio::sync::{Mutex, oneshot};
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(20);

fn current_thread() -> Builder {
    Builder::new().flavor(Flavor::CurrentThread)
}

fn stalled<T>(result: Result<T, CallError>) -> bridgehead::Stall {
    match result {
        Err(CallError::Stalled { stall, .. }) => *stall,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it can't have come"),
    }
}

#[test]
fn a_call_goes_by_its_own_options() {
    within("the runs", || {
        let call = || {
            fiber(|| {
                let never =
                    try_sync_call!(pending::<()>(), stall_after = SHORT, on_stall = "panic");
                stalled(never)
            })
        };
        let check = |stall: bridgehead::Stall| {
            assert_eq!(stall.context(), ThreadContext::Fiber);
            assert!(stall.to_string().contains("is blocked elsewhere"), "{stall}");
            assert!(stall.to_string().contains("fibers/stalls.rs"), "{stall}");
        };
        check(current_thread().run(call()));
        check(bridgehead::run(call()));
        check(single().block_on(call()));
        check(multi(1).block_on(call()));
        check(futures::executor::block_on(call()));
        check(current_thread().start_paused(true).run(call()));
        // The call checks both the time limit and the stall limit, whichever passes first.
        let late = fiber(|| try_sync_call!(pending::<()>(), timeout = SHORT, stall_after = "1h"));
        assert!(matches!(single().block_on(late), Err(CallError::Timeout { .. })));
        let late = fiber(|| {
            try_sync_call!(pending::<()>(), timeout = "1h", stall_after = SHORT, on_stall = "panic")
        });
        stalled(single().block_on(late));
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_lock_that_its_own_code_holds() {
    within("the run", || {
        let builder = current_thread().stall_after(SHORT).on_stall(OnStall::Panic);
        let run = || {
            builder.run(fiber(|| {
                let mutex = Mutex::new(());
                let _guard = sync_call!(mutex.lock());
                drop(sync_call!(mutex.lock()));
            }));
        };
        let payload = panic::catch_unwind(panic::AssertUnwindSafe(run)).expect_err("the lock");
        let message = message(payload.as_ref());
        assert!(
            message.contains("fibers/stalls.rs") && message.contains("Mutex<()>::lock"),
            "{message}"
        );
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "the harness takes the end of the child for a failure")]
fn it_is_reported_where_it_is_merely_slow() {
    const NAME: &str = "it_is_reported_where_it_is_merely_slow";
    let job = || {
        single().block_on(fiber(|| sync_call!(sleep(AFTER * 3), stall_after = AFTER)));
    };
    assert_reported(
        &reported(NAME, 1, job),
        &["fibers/stalls.rs", "on a fiber", "its runtime makes progress"],
    );
}

/// A long wait is no stall while the runtime runs what the call waits for.
#[test]
fn a_wait_that_is_merely_long_is_left_alone() {
    within("the runs", || {
        // More than a busy machine takes to schedule another thread.
        let after = Duration::from_millis(500);
        for flavor in [Flavor::CurrentThread, Flavor::MultiThread] {
            let builder = Builder::new().flavor(flavor).stall_after(after).on_stall(OnStall::Panic);
            let slow =
                || fiber(move || sync_call!(tokio::spawn(sleep(after * 4))).expect("the task"));
            // A fiber that blocks the thread.
            let blocks = || fiber(move || sync_call!(async { thread::sleep(after * 2) }));
            builder.run(async { tokio::join!(slow(), slow(), blocks(), slow()) });
        }
    });
}

#[test]
fn it_is_released_when_its_runtime_ends() {
    const RELEASED: &str = "released";
    within("the runtimes", || {
        // Sends once both calls wait, since a later call would be served by another runtime.
        let on_fiber = |wait: oneshot::Sender<()>| {
            let never = fiber(|| try_sync_call!(pending::<()>()));
            let late = fiber(|| try_sync_call!(pending::<()>(), timeout = "1h"));
            let tells = async { wait.send(()).expect(RELEASED) };
            let (never, late, ()) =
                futures::executor::block_on(async { futures::join!(never, late, tells) });
            (never, late)
        };
        let released = |answer: mpsc::Receiver<_>| {
            let (never, late): (Result<(), CallError>, _) = answer.recv().expect(RELEASED);
            assert!(matches!(never, Err(CallError::Shutdown { .. })), "{never:?}");
            assert!(matches!(late, Err(CallError::Shutdown { .. })), "{late:?}");
        };
        let ours = [Flavor::CurrentThread, Flavor::MultiThread].map(|flavor| {
            let builder = Builder::new().flavor(flavor).grace_period(SHORT).shutdown_timeout(SHORT);
            let ((sender, answer), (wait, both_wait)) = (mpsc::channel(), oneshot::channel());
            let answers = move || sender.send(on_fiber(wait)).expect(RELEASED);
            builder.run(async move {
                bridgehead::to_thread(answers).detach();
                both_wait.await.expect(RELEASED);
            });
            answer
        });
        let others = [multi(1), single()].map(|runtime| {
            let ((sender, answer), (wait, both_wait)) = (mpsc::channel(), oneshot::channel());
            runtime.spawn_blocking(move || sender.send(on_fiber(wait)).expect(RELEASED));
            runtime.block_on(both_wait).expect(RELEASED);
            runtime.shutdown_background();
            answer
        });
        ours.into_iter().chain(others).for_each(released);
    });
}
