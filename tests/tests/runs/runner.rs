//! `Runner`: a runtime that its owner runs futures on, and closes.

use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{Builder, Flavor, RunError, Runner, TaskError, cancelled, spawn, try_sync_call};
use bridgehead_tests::contexts::{multi, single};
#[cfg(target_os = "linux")]
use bridgehead_tests::system::count_threads;
use bridgehead_tests::{child, message, within};
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(100);
const LONG: Duration = Duration::from_secs(3600);

fn runners() -> [Runner; 2] {
    [Runner::new(), Runner::builder().flavor(Flavor::CurrentThread).build()]
}

#[test]
fn state_is_kept_between_runs() {
    within("state", || {
        for runner in runners() {
            let id = runner.run(async { tokio::runtime::Handle::current().id() });
            let [task] = runner.run(async { [spawn(async { sleep(SHORT).await })] });
            assert_eq!(runner.run(async { tokio::runtime::Handle::current().id() }), id);
            runner.run(task).expect("the task");
            assert_eq!(runner.handle().expect("the handle").id(), id);
        }
    });
}

#[test]
fn nothing_is_built_before_it_is_needed() {
    within("lazy", || {
        let unusable = Builder::new().worker_threads(0).build();
        // The first use builds the runtime, and fails.
        assert!(matches!(unusable.try_run(async {}), Err(RunError::Build { .. })));
        assert!(matches!(unusable.handle(), Err(RunError::Build { .. })));
        let task = unusable.spawn(async {});
        let error = futures::executor::block_on(task).expect_err("no runtime");
        assert!(
            matches!(error, TaskError::Refused { source: RunError::Build { .. }, .. }),
            "{error:?}"
        );
        assert!(unusable.close().is_clean());
        let local = Builder::new().flavor(Flavor::Local).build();
        let error = local.try_run(async {}).expect_err("it can't be shared");
        assert!(error.to_string().contains("current_thread"), "{error}");
    });
}

#[test]
fn after_close_everything_is_refused_with_a_remedy() {
    within("closed", || {
        for runner in runners() {
            runner.run(async {});
            let first = runner.close().to_string();
            assert_eq!(runner.close().to_string(), first, "a second close gives the same");
            let error = runner.try_run(async {}).expect_err("closed");
            assert!(matches!(error, RunError::Closed { .. }), "{error:?}");
            let text = error.to_string();
            assert!(text.contains("runner.rs") && text.contains("make a new one"), "{text}");
            let error = futures::executor::block_on(runner.spawn(async {})).expect_err("closed");
            assert!(
                matches!(error, TaskError::Refused { source: RunError::Closed { .. }, .. }),
                "{error:?}"
            );
            let error = futures::executor::block_on(runner.to_thread(|| ())).expect_err("closed");
            assert!(error.to_string().contains("runner.rs"), "{error}");
        }
        let unused = Runner::new();
        assert!(unused.close().is_clean());
        assert!(matches!(unused.try_run(async {}), Err(RunError::Closed { .. })));
    });
}

#[test]
fn a_runner_per_thread() {
    within("threads", || {
        let threads: Vec<_> = (0..8)
            .map(|number| {
                thread::spawn(move || {
                    let runner = Builder::new().flavor(Flavor::CurrentThread).build();
                    let sum = runner.run(async {
                        sleep(SHORT).await;
                        number
                    }) + runner.run(async { number });
                    assert!(runner.close().is_clean());
                    sum
                })
            })
            .collect();
        let sums: Vec<_> =
            threads.into_iter().map(|thread| thread.join().expect("the thread")).collect();
        assert_eq!(sums, [0, 2, 4, 6, 8, 10, 12, 14]);
    });
}

/// As `run_coroutine_threadsafe(coro, loop).result(timeout)` in Python.
#[test]
fn many_threads_submit_to_one_runner() {
    within("submit", || {
        let runner = Arc::new(Runner::new());
        let threads: Vec<_> = (0..8_u64)
            .map(|number| {
                let runner = Arc::clone(&runner);
                thread::spawn(move || {
                    for _ in 0..20 {
                        let task = runner.spawn(async move {
                            sleep(Duration::from_millis(1)).await;
                            number
                        });
                        let output = try_sync_call!(task, timeout = LONG).expect("in time");
                        assert_eq!(output.expect("the task"), number);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().expect("the thread");
        }
        let endless = runner.spawn(std::future::pending::<()>());
        assert!(try_sync_call!(endless, timeout = SHORT).expect_err("never").is_timeout());
        // The call's time limit has dropped the task, and so cancelled it.
        assert!(runner.close().is_clean());
    });
}

#[test]
fn a_caller_that_waits_for_a_task_gets_an_error_when_the_runner_is_closed() {
    within("reported", || {
        for runner in runners() {
            let task = runner.spawn(std::future::pending::<()>());
            let waiter =
                thread::spawn(move || try_sync_call!(task, timeout = LONG).expect("it ends"));
            thread::sleep(SHORT);
            let report = runner.close();
            let error = waiter.join().expect("the thread").expect_err("closed");
            assert!(
                error.is_cancelled() && error.location().file().ends_with("runner.rs"),
                "{error}"
            );
            assert_eq!(report.dropped().len(), 1, "{report}");
        }
    });
}

#[test]
fn a_run_inside_a_run_is_refused() {
    within("nested", || {
        for runner in runners() {
            let error = runner.run(async { runner.try_run(async {}).expect_err("nested") });
            assert!(matches!(error, RunError::AlreadyRunning { .. }), "{error:?}");
            assert!(error.to_string().contains("runner.rs"), "{error}");
        }
    });
}

/// Closes the runner from another thread, after a moment.
fn closes_soon(runner: &Arc<Runner>) -> thread::JoinHandle<bridgehead::Report> {
    let runner = Arc::clone(runner);
    thread::spawn(move || {
        thread::sleep(SHORT);
        runner.close()
    })
}

#[test]
fn closing_from_another_thread_interrupts_main() {
    within("interrupt", || {
        for runner in runners() {
            let runner = Arc::new(runner);
            let closing = closes_soon(&runner);
            let error = runner.try_run(std::future::pending::<()>()).expect_err("closed");
            assert!(matches!(error, RunError::Interrupted { signal: None, .. }), "{error:?}");
            assert!(error.to_string().contains("cancelled()"), "{error}");
            let report = closing.join().expect("the thread");
            assert_eq!(report.dropped().len(), 1, "{report}");
        }
    });
}

#[test]
fn a_main_that_awaits_cancelled_finishes_and_gives_its_output() {
    within("cooperative", || {
        for runner in runners() {
            let runner = Arc::new(runner);
            let closing = closes_soon(&runner);
            let output = runner.run(async {
                cancelled().await;
                sleep(SHORT).await;
                "said goodbye"
            });
            assert_eq!(output, "said goodbye");
            assert_eq!(closing.join().expect("the thread").finished().len(), 1);
        }
    });
}

#[test]
fn a_main_that_never_yields_is_left() {
    within("stuck", || {
        let runner = Arc::new(Builder::new().grace_period(SHORT).shutdown_timeout(SHORT).build());
        let stuck = Arc::clone(&runner);
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            stuck.run(async {
                send.send(()).expect("the test listens");
                thread::sleep(LONG);
            });
        });
        receive.recv().expect("it runs");
        let report = runner.close();
        assert_eq!(report.abandoned()[0].kind, bridgehead::Kind::Main, "{report}");
    });
}

/// When its runner has been closed, the thread of main doesn't wait for blocking work at its end.
#[test]
fn a_main_that_was_abandoned_releases_its_runtime() {
    within("left", || {
        let runner = Arc::new(Builder::new().grace_period(SHORT).shutdown_timeout(SHORT).build());
        let (begun, begins) = mpsc::channel();
        let (_never, nothing) = mpsc::channel::<()>();
        let begun_work = begun.clone();
        runner
            .to_thread(move || {
                begun_work.send(()).expect("the test listens");
                let _ = nothing.recv();
            })
            .detach();
        let late = Arc::clone(&runner);
        let running = thread::spawn(move || {
            late.try_run(async {
                begun.send(()).expect("the test listens");
                thread::sleep(20 * SHORT);
            })
        });
        begins.recv().expect("one begins");
        begins.recv().expect("the other begins");
        let report = runner.close();
        assert_eq!(report.abandoned().len(), 2, "{report}");
        // `try_run` returns the output of main after all.
        running.join().expect("the thread").expect("the output");
    });
}

#[test]
fn closing_inside_a_run_goes_on_elsewhere() {
    within("inside", || {
        for runner in runners() {
            let error = runner
                .try_run(async {
                    let report = runner.close();
                    assert!(
                        report.is_in_progress() && report.to_string().contains("being closed"),
                        "{report}"
                    );
                    std::future::pending::<()>().await;
                })
                .expect_err("closed");
            assert!(matches!(error, RunError::Interrupted { .. }), "{error:?}");
            // Outside of the run, `close` may wait.
            let report = runner.close();
            assert!(!report.is_in_progress(), "{report}");
        }
    });
}

#[test]
fn two_runners_that_close_each_other_both_end() {
    within("each other", || {
        let bounded =
            || Arc::new(Builder::new().grace_period(SHORT).shutdown_timeout(10 * SHORT).build());
        let (one, two) = (bounded(), bounded());
        let (to_two, to_one) = (Arc::clone(&two), Arc::clone(&one));
        one.to_thread(move || drop(to_two.close())).detach();
        two.to_thread(move || drop(to_one.close())).detach();
        let start = Instant::now();
        let reports = [one.close(), two.close()];
        assert!(start.elapsed() < Duration::from_secs(20), "{reports:?}");
    });
}

/// A runner with a task that cleans up when the runner is closed, and sends then.
fn reported(send: &mpsc::Sender<()>) -> Runner {
    let runner = Runner::new();
    let send = send.clone();
    runner.run(async {
        spawn(async move {
            cancelled().await;
            sleep(SHORT).await;
            send.send(()).expect("the test listens");
        })
        .detach();
        sleep(SHORT).await;
    });
    runner
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_runner_may_be_dropped_anywhere() {
    type Place = (&'static str, fn(Runner));
    let places: [Place; 9] = [
        ("a plain thread", drop),
        ("block_on of a multi-thread runtime", |runner| multi(1).block_on(async { drop(runner) })),
        ("a worker", |runner| {
            let runtime = multi(1);
            runtime.block_on(runtime.spawn(async { drop(runner) })).expect("the task");
        }),
        ("a current-thread runtime", |runner| single().block_on(async { drop(runner) })),
        ("a call", |runner| bridgehead::sync_call!(async { drop(runner) })),
        ("one of its own workers", |runner| {
            let handle = runner.handle().expect("the handle");
            let (send, receive) = mpsc::channel();
            handle.spawn(async move {
                drop(runner);
                send.send(()).expect("the test listens");
            });
            receive.recv().expect("dropped");
        }),
        ("one of its own blocking threads", |runner| {
            let handle = runner.handle().expect("the handle");
            handle.spawn_blocking(move || drop(runner));
        }),
        ("its own run", |runner| {
            let runner = Arc::new(Mutex::new(Some(runner)));
            let handle =
                runner.lock().expect("it").as_ref().expect("it").handle().expect("the handle");
            handle.block_on(async { drop(runner.lock().expect("it").take()) });
        }),
        ("a thread that unwinds", |runner| {
            let unwinding = thread::spawn(move || {
                let _runner = runner;
                panic!("of the test");
            });
            let payload = unwinding.join().expect_err("the panic");
            assert_eq!(message(payload.as_ref()), "of the test");
        }),
    ];
    for (name, place) in places {
        within(name, move || {
            let (send, receive) = mpsc::channel();
            let runner = reported(&send);
            place(runner);
            receive.recv().expect("it is closed, with the grace period");
        });
    }
}

#[test]
fn a_dropped_runner_reports_what_was_lost() {
    const NAME: &str = "a_dropped_runner_reports_what_was_lost";
    if child::is_child(NAME) {
        let runner = Builder::new().shutdown_timeout(SHORT).build();
        runner.to_thread(|| thread::sleep(LONG)).detach();
        drop(runner);
        std::process::exit(0);
    }
    let text = child::stderr(&child::run(NAME));
    assert!(text.contains("abandoned") && text.contains("runner.rs"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_thousand_runners_leave_nothing_behind() {
    const NAME: &str = "a_thousand_runners_leave_nothing_behind";
    if child::is_child(NAME) {
        let one = |number: u32| {
            let flavor =
                if number.is_multiple_of(2) { Flavor::MultiThread } else { Flavor::CurrentThread };
            let runner = Builder::new().flavor(flavor).worker_threads(1).build();
            runner
                .run(async {
                    spawn(std::future::pending::<()>()).detach();
                    bridgehead::to_thread(|| {
                        bridgehead::sync_call!(sleep(Duration::from_micros(1)));
                    })
                    .await
                })
                .expect("the work");
            assert!(runner.close().is_clean());
        };
        (0..100).for_each(one);
        let before = usage();
        (0..1000).for_each(one);
        let after = usage();
        assert_eq!((after.0, after.1), (before.0, before.1), "threads and descriptors");
        let grown = after.2.saturating_sub(before.2);
        assert!(grown < 2 << 20, "{grown} bytes more");
        return;
    }
    child::assert_success(NAME, &child::run(NAME));
}

/// The threads, descriptors and resident bytes of this process.
#[cfg(target_os = "linux")]
fn usage() -> (usize, usize, usize) {
    let count = |path| std::fs::read_dir(path).expect(path).count();
    let statm = std::fs::read_to_string("/proc/self/statm").expect("the sizes");
    let pages: usize =
        statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("the resident pages");
    // One thread is libtest's, one the test's.
    (count_threads(2), count("/proc/self/fd"), pages * 4096)
}
