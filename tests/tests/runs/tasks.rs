//! `spawn`, `to_thread`, `Task`, and failures that are not awaited.

use std::future::pending;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use bridgehead::{
    Builder, Flavor, RunError, Runner, Task, TaskError, Unhandled, spawn, sync_call, to_thread,
};
use bridgehead_tests::contexts::everywhere;
use bridgehead_tests::{child, within};
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(5);

#[test]
fn tasks_and_work_give_their_outputs_everywhere() {
    everywhere(|_| {
        let (task, work) = sync_call!(async { (spawn(async { 1 }), to_thread(|| 2)) });
        assert_eq!(
            sync_call!(async { task.await.expect("the task") + work.await.expect("the work") }),
            3
        );
    });
}

#[test]
fn a_plain_thread_spawns_on_what_serves_it() {
    within("plain", || {
        assert_eq!(sync_call!(spawn(async { 1 })).expect("the task"), 1);
        assert_eq!(sync_call!(to_thread(|| 2)).expect("the work"), 2);
    });
}

#[test]
fn an_aborted_task_reports_that_it_was_and_where_it_was_started() {
    within("abort", || {
        bridgehead::run(async {
            let task = spawn(pending::<()>());
            let line = line!() - 1;
            assert!(!task.is_finished());
            task.abort();
            let error = task.await.expect_err("aborted");
            assert!(matches!(error, TaskError::Cancelled { .. }), "{error:?}");
            assert_eq!((error.location().line(), error.is_cancelled()), (line, true));
        });
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_panic_reaches_who_awaits_it_and_nobody_else() {
    within("panic", || {
        let (reported, handler) = collect();
        handler.run(async {
            let error = spawn(async { panic!("of the test") }).await.expect_err("the panic");
            assert!(
                error.to_string().contains("of the test") && error.to_string().contains("tasks.rs"),
                "{error}"
            );
            let error = to_thread(|| panic!("of the work")).await.expect_err("the panic");
            let TaskError::Panicked { payload, .. } = error else { panic!("{error:?}") };
            assert_eq!(bridgehead_tests::message(payload.as_ref()), "of the work");
        });
        assert!(reported.lock().expect("the list").is_empty());
    });
}

/// A task that panicked was not cancelled, nor was one that never began.
#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn not_all_tasks_without_an_output_were_cancelled() {
    within("not cancelled", || {
        let (_, builder) = collect();
        let runner = builder.build();
        let panicked: [Task<()>; 3] = [
            runner.spawn(async { panic!("of the task") }),
            runner.to_thread(|| panic!("of the work")),
            runner.spawn_fiber(|| panic!("of the fiber")),
        ];
        for task in panicked {
            let error = sync_call!(task).expect_err("the panic");
            assert!(
                matches!(error, TaskError::Panicked { .. }) && !error.is_cancelled(),
                "{error:?}"
            );
        }
        let _ = runner.close();
        let refused = [runner.spawn(async {}), runner.to_thread(|| ()), runner.spawn_fiber(|| ())];
        for task in refused {
            let error = sync_call!(task).expect_err("closed");
            assert!(
                matches!(error, TaskError::Refused { .. }) && !error.is_cancelled(),
                "{error:?}"
            );
        }
    });
}

/// As tokio's `JoinHandle` does.
#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_task_that_is_polled_after_its_output_panics() {
    within("polled again", || {
        let closed = Runner::new();
        let _ = closed.close();
        let runner = Runner::new();
        let aborted = runner.spawn(pending::<u32>());
        aborted.abort();
        let tasks = [
            runner.spawn(async { 1 }),
            runner.to_thread(|| 1),
            runner.spawn_fiber(|| 1),
            aborted,
            closed.spawn(async { 1 }),
        ];
        for mut task in tasks {
            let first = sync_call!(&mut task);
            assert!(first.is_err() || matches!(first, Ok(1)), "{first:?}");
            assert!(task.is_finished());
            let again = || sync_call!(&mut task);
            let payload =
                panic::catch_unwind(AssertUnwindSafe(again)).expect_err("no second output");
            let text = bridgehead_tests::message(payload.as_ref());
            assert!(text.contains("polled after") && text.contains("tasks.rs"), "{text}");
            // The task has no output that could be lost.
            drop(task);
        }
    });
}

/// The work owns a value whose drop takes long, on the thread that would have run the work.
#[test]
fn dropping_a_task_does_not_wait_for_the_drop_of_work_that_never_began() {
    struct Slow(mpsc::Sender<()>, mpsc::Receiver<()>);
    impl Drop for Slow {
        fn drop(&mut self) {
            let _ = self.0.send(());
            let _ = self.1.recv();
        }
    }
    within("slow drop", || {
        let runner = Builder::new().max_blocking_threads(1).build();
        let (go_on, goes_on) = mpsc::channel();
        let first = runner.to_thread(move || goes_on.recv());
        let ((drops, is_dropped), (release, released)) = (mpsc::channel(), mpsc::channel());
        let slow = Slow(drops, released);
        let second = runner.to_thread(move || drop(slow));
        second.abort();
        go_on.send(()).expect("the first waits");
        is_dropped.recv().expect("the second is dropped");
        assert!(!second.is_finished());
        drop(second);
        release.send(()).expect("the drop waits");
        sync_call!(first).expect("the work").expect("the message");
    });
}

#[test]
fn dropping_a_task_cancels_it_and_detaching_doesnt() {
    within("drop", || {
        for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
            let (send, receive) = mpsc::channel();
            let runner = Builder::new().flavor(flavor).build();
            let cancelled = send.clone();
            runner.run(async {
                drop(spawn(async move {
                    sleep(4 * SHORT).await;
                    cancelled.send("dropped").expect("the test listens");
                }));
                spawn(async move {
                    sleep(4 * SHORT).await;
                    send.send("detached").expect("the test listens");
                })
                .detach();
                sleep(20 * SHORT).await;
            });
            assert_eq!(receive.iter().collect::<Vec<_>>(), ["detached"]);
        }
    });
}

type Reported = Arc<Mutex<Vec<String>>>;

/// A run whose failures are collected.
fn collect() -> (Reported, Builder) {
    let reported = Reported::default();
    let list = Arc::clone(&reported);
    let builder = Builder::new().on_unhandled(move |failure| {
        list.lock().expect("the list").push(failure.to_string());
    });
    (reported, builder)
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn what_no_code_awaits_is_logged_and_reported() {
    within("unhandled", || {
        let (reported, builder) = collect();
        let runner = builder.build();
        runner.run(async {
            spawn(async { panic!("a task's") }).detach();
            spawn(async { Err::<(), _>("an error") }).detach();
            spawn(async { Ok::<_, String>(1) }).detach();
            to_thread(|| panic!("the work's")).detach();
            // A task that has failed before it is detached.
            let ended = spawn(async { Err::<(), _>("too late") });
            let dropped: Task<()> = spawn(async { panic!("dropped") });
            // Printing a panic's backtrace takes a while.
            while !ended.is_finished() || !dropped.is_finished() {
                sleep(SHORT).await;
            }
            ended.detach();
            drop(dropped);
        });
        while reported.lock().expect("the list").len() < 5 {
            std::thread::sleep(SHORT);
        }
        let report = runner.close();
        let mut reported = reported.lock().expect("the list").clone();
        reported.sort();
        let expected = [
            "panicked: a task's",
            "failed: an error",
            "failed: too late",
            "panicked: dropped",
            "panicked: the work's",
        ];
        assert_eq!(reported.len(), expected.len(), "{reported:#?}");
        for part in expected {
            let lines: Vec<_> = reported
                .iter()
                .filter(|line| line.contains(part) && line.contains("tasks.rs"))
                .collect();
            assert_eq!(lines.len(), 1, "{part}: {reported:#?}");
        }
        assert_eq!(report.failures().len(), 5, "{report}");
        assert!(!report.is_clean());
    });
}

/// A run may go on for years. The handler gets each failure anyway.
#[test]
fn no_more_than_a_thousand_failures_are_kept() {
    within("failures", || {
        let count = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&count);
        let runner = Builder::new().on_unhandled(move |_| {
            seen.fetch_add(1, Ordering::Relaxed);
        });
        let runner = runner.build();
        runner.run(async {
            for _ in 0..1100 {
                let (done, is_done) = tokio::sync::oneshot::channel::<()>();
                spawn(async move {
                    let _done = done;
                    Err::<(), _>("of the test")
                })
                .detach();
                let _ = is_done.await;
            }
        });
        let report = runner.close();
        assert_eq!((report.failures().len(), count.load(Ordering::Relaxed)), (1000, 1100));
        assert!(report.to_string().contains("100 more"), "{report}");
    });
}

/// For instance in the `Drop` of a task that closing drops.
#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_panic_while_closing_is_reported_too() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("of the drop");
        }
    }
    within("late", || {
        for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
            let (reported, builder) = collect();
            let runner = builder.flavor(flavor).build();
            runner.run(async {
                spawn(async {
                    bridgehead::cancelled().await;
                    panic!("in the grace period");
                })
                .detach();
                let bomb = Bomb;
                spawn(async move {
                    let _bomb = bomb;
                    pending::<()>().await;
                })
                .detach();
                sleep(4 * SHORT).await;
            });
            let report = runner.close();
            assert_eq!(report.failures().len(), 2, "{report}");
            assert_eq!(reported.lock().expect("the list").len(), 2);
        }
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_handler_may_panic_call_back_and_block() {
    within("handler", || {
        let calls = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&calls);
        let (send, receive) = mpsc::channel();
        let runner = Builder::new()
            .on_unhandled(move |_| {
                sync_call!(sleep(SHORT));
                if count.fetch_add(1, Ordering::Relaxed) == 0 {
                    // This task fails as well, and so calls the handler again.
                    spawn(async { panic!("in the handler's task") }).detach();
                }
                send.send(()).expect("the test listens");
                panic!("of the handler");
            })
            .build();
        runner.run(async { spawn(async { panic!("of the task") }).detach() });
        assert_eq!((receive.recv(), receive.recv()), (Ok(()), Ok(())));
        assert_eq!(runner.close().failures().len(), 2);
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn fail_closes_the_run_and_interrupts_main() {
    within("fail", || {
        for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
            let runner = Builder::new()
                .flavor(flavor)
                .unhandled(Unhandled::Fail)
                .on_unhandled(|_| ())
                .build();
            let error = runner
                .try_run(async {
                    spawn(async { Err::<(), _>("of the test") }).detach();
                    pending::<()>().await;
                })
                .expect_err("interrupted");
            assert!(matches!(error, RunError::Interrupted { signal: None, .. }), "{error:?}");
            assert_eq!(runner.close().failures().len(), 1);
        }
    });
}

#[test]
fn by_default_failures_go_to_standard_error() {
    const NAME: &str = "by_default_failures_go_to_standard_error";
    if child::is_child(NAME) {
        bridgehead::run(async {
            spawn(async { Err::<(), _>("of the test") }).detach();
            sleep(4 * SHORT).await;
        });
        return;
    }
    let output = child::run(NAME);
    child::assert_success(NAME, &output);
    let text = child::stderr(&output);
    assert!(
        text.contains("bridgehead: task started at tests/tests/runs/tasks.rs:")
            && text.contains("failed: of the test"),
        "{text}"
    );
}

#[test]
fn a_slow_poll_is_reported_once_a_place_and_again_when_it_doubles() {
    const NAME: &str = "a_slow_poll_is_reported_once_a_place_and_again_when_it_doubles";
    if child::is_child(NAME) {
        let slow = |times: u64| async move {
            for _ in 0..times {
                std::thread::sleep(Duration::from_millis(60));
                tokio::task::yield_now().await;
            }
        };
        Builder::new().slow_poll_threshold(Duration::from_millis(50)).run(async {
            spawn(slow(5)).await.expect("the task");
            // A slow poll of the main future itself.
            std::thread::sleep(Duration::from_millis(300));
            tokio::task::yield_now().await;
        });
        return;
    }
    let output = child::run(NAME);
    child::assert_success(NAME, &output);
    let text = child::stderr(&output);
    let lines: Vec<_> = text.lines().filter(|line| line.contains("was polled for")).collect();
    assert!(lines.iter().all(|line| line.contains("tasks.rs")), "{text}");
    let of = |what| lines.iter().filter(|line| line.contains(what)).count();
    // On a busy machine one poll may take twice as long as the reported one, and is reported, too.
    assert!((1..=2).contains(&of("task started at")), "{text}");
    assert_eq!(of("the main future started at"), 1, "{text}");
}

#[test]
fn a_task_of_a_runtime_that_is_gone_is_refused() {
    within("gone", || {
        let handle = Runner::new().handle().expect("the handle");
        let _guard = handle.enter();
        let task = spawn(async { unreachable!("it is not polled") });
        let error: TaskError = sync_call!(task).expect_err("gone");
        assert!(error.to_string().contains("tasks.rs"), "{error}");
    });
}
