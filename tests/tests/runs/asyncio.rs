//! The rules of Python's `asyncio.run`, and the rules of a run that correspond to them: one test a
//! rule, in the order of the table.

use std::future::pending;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use bridgehead::{
    Builder, Flavor, Kind, RunError, Runner, ThreadContext, cancelled, run, spawn, sync_call,
    to_thread, try_run, try_sync_call,
};
use bridgehead_tests::{child, within};
use tokio::runtime::{Handle, Id};
use tokio::sync::oneshot;
use tokio::task;
use tokio::time::sleep;

/// Sets its flag when it is dropped.
struct Flag(Arc<AtomicBool>);

impl Flag {
    fn new() -> (Self, Arc<AtomicBool>) {
        let flag = Arc::new(AtomicBool::new(false));
        (Self(Arc::clone(&flag)), flag)
    }
}

impl Drop for Flag {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn is_set(flag: &AtomicBool) -> bool {
    flag.load(Ordering::SeqCst)
}

/// Async code that needs timers.
async fn answer() -> u32 {
    sleep(Duration::from_millis(1)).await;
    42
}

/// A synchronous function that wraps it, and may be called anywhere.
fn answer_sync() -> u32 {
    sync_call!(answer())
}

/// Waits until the run closes. It reports before that it begins to wait, so that no test depends on
/// how busy the machine is.
async fn closing(begun: oneshot::Sender<()>) {
    // The receiver may be gone. Between this line and the next, the task can't be dropped.
    let _ = begun.send(());
    cancelled().await;
}

fn runtime_here() -> Id {
    Handle::current().id()
}

/// The lines at which the tasks of a list were started, in order.
fn lines(list: &[bridgehead::Leftover]) -> Vec<u32> {
    let mut lines: Vec<u32> =
        list.iter().map(|leftover| leftover.location.expect("a place").line()).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn row_01_run_is_fresh_and_closes() {
    within("row 1", || {
        let first = run(async { Handle::current() });
        let second = run(async { Handle::current() });
        assert_ne!(first.id(), second.id());
        // Both runtimes are gone, and drop what is spawned on them.
        for handle in [first, second] {
            let (guard, dropped) = Flag::new();
            drop(handle.spawn(async move {
                let _guard = guard;
                pending::<()>().await;
            }));
            assert!(is_set(&dropped));
        }
    });
}

#[test]
fn row_02_a_run_in_a_run_is_refused_before_anything_happens() {
    within("row 2", || {
        let other = tokio::runtime::Runtime::new().expect("a runtime");
        run(async {
            // As in Python after `set_event_loop(None)`, or with another loop set.
            let _guard = other.enter();
            // This runtime can't be built either, but `try_run` refuses before it tries to.
            let refused =
                Builder::new().worker_threads(0).try_run(async { panic!("it was polled") });
            assert!(matches!(refused, Err(RunError::AlreadyRunning { .. })), "{refused:?}");
        });
    });
}

#[test]
fn row_03_sync_call_is_the_sanctioned_way_and_nests_no_run() {
    within("row 3", || {
        let (outer, inner) = run(async {
            let outer = runtime_here();
            (outer, sync_call_through(|| sync_call!(async { runtime_here() })))
        });
        assert_eq!(outer, inner);
        // tokio would refuse a second `block_on` here, and so does the run inside of the call.
        let refused = run(async { sync_call_through(|| sync_call!(async { try_run(async {}) })) });
        assert!(matches!(refused, Err(RunError::AlreadyRunning { .. })), "{refused:?}");
    });
}

/// Hides the call from the macros: directly in async code, a call is a compile error.
fn sync_call_through<T>(function: impl FnOnce() -> T) -> T {
    function()
}

#[test]
fn row_04_inside_a_run_one_awaits_and_spawns() {
    within("row 4", || {
        let sum = run(async {
            let task = spawn(answer());
            answer().await + task.await.expect("the task")
        });
        assert_eq!(sum, 84);
    });
}

#[test]
fn row_05_a_synchronous_interface_over_an_async_core() {
    struct Ticks(tokio::time::Interval);

    impl Iterator for Ticks {
        type Item = tokio::time::Instant;

        fn next(&mut self) -> Option<Self::Item> {
            Some(sync_call!(self.0.tick()))
        }
    }

    within("row 5", || {
        let count = || Ticks(tokio::time::interval(Duration::from_millis(1))).take(3).count();
        run(async {
            assert_eq!(count(), 3);
            assert_eq!(spawn(async move { count() }).await.expect("the task"), 3);
        });
        Builder::new().flavor(Flavor::CurrentThread).run(async {
            // No other thread drives this runtime's timers; the call's timers are the background
            // runtime's.
            assert_eq!(answer_sync(), 42);
        });
        assert_eq!(answer_sync(), 42);
    });
}

/// A session in which the loop of other code runs already.
#[tokio::test]
async fn row_06_where_somebody_elses_loop_runs_already() {
    let all = async {
        assert_eq!(ThreadContext::current(), ThreadContext::Driver);
        assert_eq!(answer().await, 42);
        assert_eq!(spawn(answer()).await.expect("the task"), 42);
        assert_eq!(to_thread(answer_sync).await.expect("the work"), 42);
        assert_eq!(answer_sync(), 42);
        assert!(matches!(try_run(async {}), Err(RunError::AlreadyRunning { started: None, .. })));
    };
    tokio::time::timeout(bridgehead_tests::DEADLINE, all).await.expect("in time");
}

#[test]
fn row_07_one_program_one_entry() {
    let output = child::finish("entry_nested", Command::new(env!("CARGO_BIN_EXE_entry_nested")));
    assert!(!output.status.success());
    assert!(
        child::stderr(&output).contains("async code is running already"),
        "{}",
        child::stderr(&output)
    );
}

#[test]
fn row_08_nothing_is_left_on_the_thread_after_a_run() {
    within("row 8", || {
        let during = run(async { sync_call_through(|| sync_call!(async { runtime_here() })) });
        assert_eq!(ThreadContext::current(), ThreadContext::Plain);
        Handle::try_current().expect_err("no runtime");
        assert_ne!(sync_call!(async { runtime_here() }), during);
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn row_09_a_thread_of_ones_own_with_a_runner_of_its_own() {
    within("row 9", || {
        let runner = Builder::new().flavor(Flavor::CurrentThread).build();
        assert_eq!(runner.run(answer()), 42);
        assert_eq!(runner.run(answer()), 42);
        let report = runner.close();
        assert!(report.is_clean(), "{report}");
        assert!(matches!(runner.try_run(answer()), Err(RunError::Closed { .. })));

        // A runner that is dropped, here by a panic, closes as well.
        let (guard, dropped) = Flag::new();
        let panicked = std::panic::catch_unwind(move || {
            let runner = Runner::new();
            drop(runner.spawn(async { drop(guard) }));
            runner.run(async { panic!("of the test") });
        });
        assert!(panicked.is_err() && is_set(&dropped));
    });
}

#[test]
fn row_10_a_thread_without_a_loop_is_served() {
    within("row 10", || {
        let serving = || {
            assert_eq!(ThreadContext::current(), ThreadContext::Plain);
            sync_call!(async { runtime_here() })
        };
        let elsewhere = thread::spawn(serving).join().expect("the thread");
        assert_eq!(serving(), elsewhere);
    });
}

#[test]
fn row_11_what_is_unfinished_is_dropped_and_clean_up_that_awaits_is_not_skipped() {
    within("row 11", || {
        let (stuck, stuck_dropped) = Flag::new();
        let (foreign, foreign_dropped) = Flag::new();
        let (polite, polite_finished) = Flag::new();
        run(async {
            spawn(async move {
                let _stuck = stuck;
                pending::<()>().await;
            })
            .detach();
            tokio::spawn(async move {
                let _foreign = foreign;
                pending::<()>().await;
            });
            let (begun, begins) = oneshot::channel();
            spawn(async move {
                closing(begun).await;
                // Several awaits, on timers of the runtime that is being closed.
                assert_eq!(answer().await + answer().await, 84);
                drop(polite);
            })
            .detach();
            begins.await.expect("the task");
            assert!(
                !is_set(&stuck_dropped) && !is_set(&foreign_dropped) && !is_set(&polite_finished)
            );
        });
        assert!(is_set(&stuck_dropped) && is_set(&foreign_dropped) && is_set(&polite_finished));
    });
}

#[test]
fn row_12_nothing_is_cancelled_silently() {
    within("row 12", || {
        let runner = Runner::new();
        let (guard, dropped) = Flag::new();
        let (stuck, polite) = runner.run(async {
            spawn(async move {
                let _guard = guard;
                pending::<()>().await;
            })
            .detach();
            let stuck = line!() - 5;
            let (begun, begins) = oneshot::channel();
            spawn(async {
                closing(begun).await;
                sleep(Duration::from_millis(1)).await;
            })
            .detach();
            let polite = line!() - 5;
            begins.await.expect("the task");
            (stuck, polite)
        });
        let report = runner.close();
        assert!(is_set(&dropped));
        assert_eq!(
            (lines(report.dropped()), lines(report.finished())),
            (vec![stuck], vec![polite]),
            "{report}"
        );
        assert!(report.to_string().contains(&format!("asyncio.rs:{stuck}")), "{report}");
    });
}

#[test]
fn row_13_blocking_work_is_waited_for_and_named_if_it_goes_on() {
    within("row 13", || {
        let close_during = |shutdown_timeout, work: fn(oneshot::Sender<()>, mpsc::Receiver<()>)| {
            let runner = Builder::new().shutdown_timeout(shutdown_timeout).build();
            let (finish, wait) = mpsc::channel();
            let (begun, begins) = oneshot::channel();
            runner.to_thread(move || work(begun, wait)).detach();
            begins.blocking_recv().expect("the work");
            (runner.close(), finish)
        };
        // Blocking work may wait for the closing of its run, too.
        let asks = |begun: oneshot::Sender<()>, _| sync_call!(closing(begun));
        let (in_time, _finish) = close_during(Duration::from_secs(60), asks);
        assert_eq!(in_time.finished().len(), 1, "{in_time}");
        assert!(in_time.is_clean(), "{in_time}");

        let goes_on = |begun: oneshot::Sender<()>, wait: mpsc::Receiver<()>| {
            begun.send(()).expect("the test");
            // Returns at the end of the test.
            let _ = wait.recv();
        };
        let (too_long, finish) = close_during(Duration::from_millis(10), goes_on);
        // On a busy machine some threads of the runtime may not have stopped yet either.
        let leftover = too_long.abandoned().iter().find(|leftover| leftover.kind == Kind::Blocking);
        let leftover = leftover.unwrap_or_else(|| panic!("{too_long}"));
        assert!(
            leftover.location.is_some_and(|place| place.file().ends_with("asyncio.rs")),
            "{too_long}"
        );
        drop(finish);
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn row_14_every_failure_that_no_code_awaits_is_handed_over_also_the_late_ones() {
    within("row 14", || {
        let failures = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&failures);
        let handler = move |failure: &bridgehead::Failure| {
            seen.lock().expect("no panic").push(failure.message.clone());
        };
        let runner = Builder::new().on_unhandled(handler).build();
        runner.run(async {
            spawn(async { Err::<(), _>("early") }).detach();
            let (begun, begins) = oneshot::channel();
            spawn(async {
                closing(begun).await;
                task::yield_now().await;
                panic!("late");
            })
            .detach();
            begins.await.expect("the task");
            while failures.lock().expect("no panic").is_empty() {
                task::yield_now().await;
            }
        });
        assert_eq!(*failures.lock().expect("no panic"), ["early"]);
        let report = runner.close();
        assert_eq!(*failures.lock().expect("no panic"), ["early", "late"]);
        assert_eq!(report.failures().len(), 2, "{report}");
    });
}

#[cfg(unix)]
mod signals {
    use std::os::unix::process::ExitStatusExt;

    use bridgehead::Signal;

    use super::*;

    /// Sends this process what Ctrl-C would.
    fn interrupt() {
        #[expect(unsafe_code, reason = "std can't send signals")]
        // SAFETY: plain values, and the signal is handled by the handler that is installed.
        unsafe {
            libc::kill(libc::getpid(), libc::SIGINT);
        }
    }

    #[test]
    #[cfg_attr(panic = "abort", ignore = "its process ends in a way of its own")]
    fn row_15_the_first_signal_closes_and_the_former_handler_comes_back() {
        let name = "signals::row_15_the_first_signal_closes_and_the_former_handler_comes_back";
        if child::is_child(name) {
            let ended = Builder::new().signals(true).try_run(async {
                let (begun, begins) = oneshot::channel();
                spawn(async {
                    closing(begun).await;
                    println!("cleaned up after {}", answer().await);
                })
                .detach();
                begins.await.expect("the task");
                interrupt();
                pending::<()>().await;
            });
            assert!(
                matches!(ended, Err(RunError::Interrupted { signal: Some(Signal::Interrupt), .. })),
                "{ended:?}"
            );
            println!("interrupted");
            interrupt();
            sync_call!(pending::<()>());
        }
        let output = child::run(name);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("cleaned up after 42") && text.contains("interrupted"), "{text}");
        assert_eq!(output.status.signal(), Some(libc::SIGINT), "{}", child::stderr(&output));
    }

    #[test]
    fn row_15_the_second_signal_ends_the_process_at_once() {
        let name = "signals::row_15_the_second_signal_ends_the_process_at_once";
        if child::is_child(name) {
            let builder = Builder::new().signals(true).grace_period(Duration::from_secs(3600));
            let _ = builder.try_run(async {
                let (begun, begins) = oneshot::channel();
                spawn(async {
                    closing(begun).await;
                    println!("cleaning up");
                    interrupt();
                    pending::<()>().await;
                })
                .detach();
                begins.await.expect("the task");
                interrupt();
                pending::<()>().await;
            });
            println!("cleaned up");
        }
        let output = child::run(name);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("cleaning up") && !text.contains("cleaned up"), "{text}");
        assert!(!output.status.success());
    }
}

#[test]
fn row_16_a_slow_poll_is_reported_with_the_place_of_its_task() {
    let name = "row_16_a_slow_poll_is_reported_with_the_place_of_its_task";
    let line = line!() + 3;
    if child::is_child(name) {
        Builder::new().slow_poll_threshold(Duration::from_millis(20)).run(async {
            let task = spawn(async { thread::sleep(Duration::from_millis(40)) });
            task.await.expect("the task");
        });
        return;
    }
    let output = child::run(name);
    child::assert_success(name, &output);
    let text = child::stderr(&output);
    assert_eq!(text.matches("was polled for").count(), 1, "{text}");
    assert!(
        text.contains(&format!("task started at tests/tests/runs/asyncio.rs:{line}")),
        "{text}"
    );
}

#[test]
fn row_17_a_runner_has_one_loop_for_several_runs() {
    within("row 17", || {
        let runner = Runner::builder().worker_threads(1).build();
        let (first, task) = runner.run(async { (runtime_here(), spawn(answer())) });
        let (second, value) = runner.run(async { (runtime_here(), task.await.expect("the task")) });
        assert_eq!((first, value), (second, 42));
        assert_eq!(runner.handle().expect("it is open").id(), first);
        assert!(runner.close().is_clean());
        assert!(runner.close().is_clean());
        assert!(matches!(runner.handle(), Err(RunError::Closed { .. })));

        // A runner that is never used is never built, and so closes without an error.
        let unusable = Builder::new().worker_threads(0).build();
        assert!(unusable.close().is_clean());
    });
}

#[test]
fn row_18_a_task_is_started_and_waited_for_from_another_thread() {
    within("row 18", || {
        let runner = Runner::new();
        thread::scope(|scope| {
            scope.spawn(|| {
                let task = runner.spawn(async { (runtime_here(), answer().await) });
                let (runtime, value) =
                    try_sync_call!(task, timeout = "20s").expect("in time").expect("the task");
                assert_eq!((runtime, value), (runner.handle().expect("it is open").id(), 42));

                let (guard, dropped) = Flag::new();
                let task = runner.spawn(async move {
                    let _guard = guard;
                    pending::<()>().await;
                });
                let late = try_sync_call!(task, timeout = "10ms").expect_err("it never ends");
                assert!(late.is_timeout());
                // As in Python, a timeout cancels: the task was dropped with the call.
                while !is_set(&dropped) {
                    thread::yield_now();
                }
            });
        });
    });
}

#[test]
fn row_19_the_question_to_ask_first() {
    within("row 19", || {
        let plain = ThreadContext::current();
        let (root, worker, blocking) = run(async {
            (
                ThreadContext::current(),
                spawn(async { ThreadContext::current() }).await.expect("the task"),
                to_thread(ThreadContext::current).await.expect("the work"),
            )
        });
        assert_eq!((plain, plain.may_block()), (ThreadContext::Plain, true));
        assert_eq!((root, root.may_block()), (ThreadContext::BlockOn, false));
        assert_eq!((worker, worker.may_block()), (ThreadContext::Worker, false));
        assert_eq!((blocking, blocking.may_block()), (ThreadContext::Entered, true));
        // The call distinguishes the contexts by itself.
        assert_eq!(
            run(async { (answer_sync(), to_thread(answer_sync).await.expect("the work")) }),
            (42, 42)
        );
    });
}
