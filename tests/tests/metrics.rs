//! The numbers of `metrics()`. They cover the whole process, so the tests take turns.

use std::future::{pending, poll_fn};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{
    Builder, Flavor, Metrics, Runner, ThreadContext, fiber, metrics, spawn, spawn_fiber,
    spawn_local, sync_call, to_thread, try_sync_call,
};
use bridgehead_tests::contexts::everywhere;
use bridgehead_tests::within;
use tokio::time::sleep;

fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Is pending once, and returns the metrics while a call waits for it.
async fn counted() -> Metrics {
    let mut has_waited = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut has_waited, true) {
            return Poll::Ready(metrics());
        }
        let waker = cx.waker().clone();
        thread::spawn(move || waker.wake());
        Poll::Pending
    })
    .await
}

/// Waits until the metrics satisfy `is_so`.
fn until(what: &str, is_so: impl Fn(&Metrics) -> bool) {
    let begun = Instant::now();
    while !is_so(&metrics()) {
        assert!(begun.elapsed() < bridgehead_tests::DEADLINE, "{what}: {:#?}", metrics());
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_call_that_waits_is_counted_in_every_context() {
    let _alone = alone();
    everywhere(|case| {
        let now = sync_call!(counted());
        let context = match case.context {
            // `metrics()` doesn't distinguish these contexts.
            ThreadContext::BlockOn if case.name.contains("current-thread") => {
                ThreadContext::EnteredCurrentThread
            }
            ThreadContext::BlockOn => ThreadContext::Entered,
            context => context,
        };
        let in_context = now.waiting_calls_in(context);
        let expected = usize::from(context != ThreadContext::InCall);
        assert!(in_context >= expected && now.waiting_calls >= 1, "{}: {now:#?}", case.name);
        let sum: usize = now.waiting_calls_by_context.iter().map(|(_, count)| count).sum();
        assert_eq!(sum, now.waiting_calls, "{}", case.name);
    });
    until("all have ended", |now| now.waiting_calls == 0);
    until("all have ended", |now| now.fibers == 0);
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_call_that_is_ready_is_not_counted_and_one_that_stops_waiting_no_longer() {
    let _alone = alone();
    sync_call!(async { assert_eq!(metrics().waiting_calls, 0) });
    let given_up = try_sync_call!(pending::<()>(), timeout = "5ms");
    assert!(given_up.is_err());
    assert_eq!(metrics().waiting_calls, 0);
    let panics = thread::spawn(|| {
        sync_call!(async {
            tokio::task::yield_now().await;
            panic!("of the test");
        })
    });
    assert!(panics.join().is_err());
    assert_eq!(metrics().waiting_calls, 0);
}

#[test]
#[cfg_attr(panic = "abort", ignore = "a call that is interrupted blocks its thread")]
fn what_each_run_has_started_is_counted() {
    let _alone = alone();
    within("the runs", || {
        let (ends, end) = mpsc::channel::<()>();
        let line = line!() + 1;
        let runner = Runner::builder().name("counted").worker_threads(1).build();
        let tasks = [runner.spawn(pending::<()>()), runner.spawn(pending::<()>())];
        let work = runner.to_thread(move || end.recv().is_err());
        let on_fiber = runner.spawn_fiber(|| sync_call!(pending::<()>()));
        until("the fiber waits", |now| {
            now.waiting_calls_in(ThreadContext::Fiber) == 1 && now.fibers == 1
        });
        let now = metrics();
        let of =
            now.runtimes.iter().find(|of| of.name.as_deref() == Some("counted")).expect("it runs");
        assert_eq!(
            (of.tasks, of.blocking_work, of.fibers, of.fiber_threads),
            (2, 1, 1, 1),
            "{of:?}"
        );
        assert!(!of.is_background && !of.is_closing);
        assert_eq!(of.started.expect("a place").line(), line);
        let label = format!("runtime `counted` started at tests/tests/metrics.rs:{line}:");
        assert!(of.to_string().starts_with(&label), "{of}");
        assert_eq!(Ok(of.id), runner.handle().map(|handle| handle.id()).map_err(|_| ()));
        drop((tasks, on_fiber));
        until("they have ended", |now| {
            let of = now
                .runtimes
                .iter()
                .find(|of| of.name.as_deref() == Some("counted"))
                .expect("it runs");
            (of.tasks, of.fibers, of.blocking_work, now.fibers) == (0, 0, 1, 0)
        });
        drop(ends);
        drop(work);
        let _ = runner.close();
        assert!(metrics().runtimes.iter().all(|of| of.name.as_deref() != Some("counted")));
    });
}

#[test]
fn local_tasks_and_the_background_runtimes_are_among_them() {
    let _alone = alone();
    let count = Builder::new().flavor(Flavor::Local).name("local").run(async {
        let _task = spawn_local(pending::<()>());
        metrics()
            .runtimes
            .iter()
            .find(|of| of.name.as_deref() == Some("local"))
            .expect("it runs")
            .tasks
    });
    assert_eq!(count, 1);
    let task = spawn(pending::<()>());
    let now = metrics();
    let background = now.runtimes.iter().find(|of| of.is_background).expect("it runs");
    assert_eq!((background.tasks, background.to_string()), (1, "background runtime".to_owned()));
    drop(task);
    let _ = bridgehead::close_background();
    assert!(metrics().runtimes.iter().all(|of| !of.is_background));
}

/// A synchronous function, which hands off the worker that it is called on.
fn rest() -> Metrics {
    sync_call!(async {
        sleep(Duration::from_millis(50)).await;
        metrics()
    })
}

#[test]
fn threads_that_take_over_workers_are_counted() {
    let _alone = alone();
    Builder::new().worker_threads(1).run(async {
        let now = spawn(async { rest() }).await.expect("the task");
        assert_eq!(
            (now.spare_threads, now.waiting_calls_in(ThreadContext::Worker)),
            (1, 1),
            "{now:?}"
        );
    });
    assert_eq!(metrics().spare_threads, 0);
}

#[test]
fn stalls_are_counted() {
    let _alone = alone();
    let before = metrics().stalls;
    Builder::new().flavor(Flavor::CurrentThread).stall_after(Duration::from_millis(20)).run(
        async {
            let sibling = tokio::spawn(async {});
            let waits = || try_sync_call!(sibling, timeout = "500ms");
            assert!(waits().is_err());
        },
    );
    assert_eq!(metrics().stalls, before + 1);
}

#[test]
fn many_threads_that_call_are_counted_to_zero() {
    let _alone = alone();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            thread::spawn(|| {
                for _ in 0..200 {
                    sync_call!(tokio::task::yield_now());
                    assert!(metrics().waiting_calls <= 8);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("the thread");
    }
    assert_eq!(metrics().waiting_calls, 0);
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn fibers_are_counted_wherever_they_are() {
    let _alone = alone();
    let before = metrics().fibers;
    futures::executor::block_on(async {
        fiber(move || assert_eq!(metrics().fibers, before + 1)).await;
    });
    bridgehead::run(async {
        let panics = spawn_fiber(|| panic!("of the test"));
        assert!(panics.await.is_err());
        let _work = to_thread(|| ());
    });
    until("they have ended", |now| now.fibers == before);
}

#[cfg(unix)]
#[test]
fn a_forked_child_counts_its_own() {
    let _alone = alone();
    let waits = thread::spawn(|| try_sync_call!(pending::<()>(), timeout = "1s"));
    until("it waits", |now| now.waiting_calls == 1);
    bridgehead_tests::system::in_forked_child(|| {
        assert_eq!(metrics().waiting_calls, 0);
        assert_eq!(sync_call!(counted()).waiting_calls, 1);
        assert_eq!(metrics().waiting_calls, 0);
    });
    assert!(waits.join().expect("the thread").is_err());
    assert_eq!(metrics().waiting_calls, 0);
}
