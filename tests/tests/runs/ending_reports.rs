//! What the end of a run reports, and how often. Reads of standard input don't delay the end.
#![cfg_attr(
    panic = "abort",
    allow(dead_code, unused_imports, reason = "a child that succeeds ends in a way of its own")
)]

use std::fmt::Write as _;
use std::process::Output;
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{Builder, Flavor, Kind, Unhandled, cancelled, spawn, to_thread};
use bridgehead_tests::child::{self, stderr};
use tokio::io::AsyncReadExt;
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(100);
/// Longer than any test may take.
const LONG: Duration = Duration::from_secs(3600);

/// Runs `body` in a child process of the test `name`.
fn in_a_child(name: &str, body: impl FnOnce()) -> Output {
    if child::is_child(name) {
        body();
        std::process::exit(0);
    }
    let output = child::run_with_open_stdin(name);
    child::assert_success(name, &output);
    output
}

fn builders() -> [Builder; 2] {
    [Builder::new(), Builder::new().flavor(Flavor::CurrentThread)]
}

/// How long each body took, as a child has printed it.
fn took(output: &Output) -> Vec<Duration> {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers = stdout.lines().filter_map(|line| line.strip_prefix("took ")?.parse().ok());
    numbers.map(Duration::from_millis).collect()
}

#[test]
#[cfg(target_os = "linux")]
fn a_read_of_standard_input_that_a_select_has_left_does_not_delay_the_end() {
    const NAME: &str = "a_read_of_standard_input_that_a_select_has_left_does_not_delay_the_end";
    let output = in_a_child(NAME, || {
        for builder in builders() {
            let mut begin = Instant::now();
            builder.run(async {
                let mut byte = [0; 1];
                tokio::select! {
                    _ = async { tokio::io::stdin().read(&mut byte).await } => unreachable!("nobody writes"),
                    () = sleep(SHORT) => {}
                }
                begin = Instant::now();
            });
            println!("took {}", begin.elapsed().as_millis());
        }
    });
    let took = took(&output);
    // The second read waits for the lock of the first, and so isn't recognised as a read.
    assert!(took.len() == 2 && took[0] < Duration::from_secs(5), "{took:?}");
    let text = stderr(&output);
    assert!(text.contains("thread of the runtime that reads standard input"), "{text}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_read_of_standard_input_in_tracked_work_does_not_delay_the_end() {
    const NAME: &str = "a_read_of_standard_input_in_tracked_work_does_not_delay_the_end";
    let output = in_a_child(NAME, || {
        let begin = Instant::now();
        Builder::new().shutdown_timeout(LONG).flavor(Flavor::CurrentThread).run(async {
            to_thread(|| drop(std::io::stdin().lines().next())).detach();
            sleep(SHORT).await;
        });
        println!("took {}", begin.elapsed().as_millis());
    });
    assert!(
        stderr(&output).contains("blocking work started at tests/tests/runs/ending_reports.rs"),
        "{}",
        stderr(&output)
    );
    assert_eq!(took(&output).len(), 1);
}

/// The shutdown still waits for other work beside the read.
#[test]
#[cfg(target_os = "linux")]
fn other_work_is_waited_for_beside_a_read_of_standard_input() {
    const NAME: &str = "other_work_is_waited_for_beside_a_read_of_standard_input";
    let output = in_a_child(NAME, || {
        let builder = Builder::new().shutdown_timeout(LONG);
        builder.run(async {
            tokio::spawn(async { tokio::io::stdin().read_u8().await });
            drop(tokio::task::spawn_blocking(|| {
                thread::sleep(Duration::from_secs(2));
                println!("the plain work is done");
            }));
            to_thread(|| {
                thread::sleep(Duration::from_secs(1));
                println!("the tracked work is done");
            })
            .detach();
            sleep(SHORT).await;
        });
    });
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        stdout.contains("the plain work is done") && stdout.contains("the tracked work is done"),
        "{stdout}"
    );
}

#[test]
fn a_wait_of_more_than_a_second_is_reported_once() {
    const NAME: &str = "a_wait_of_more_than_a_second_is_reported_once";
    let output = in_a_child(NAME, || {
        for builder in builders() {
            builder.run(async {
                spawn(async {
                    cancelled().await;
                    sleep(Duration::from_millis(1500)).await;
                })
                .detach();
                to_thread(|| thread::sleep(Duration::from_millis(2500))).detach();
                sleep(SHORT).await;
            });
        }
    });
    let text = stderr(&output);
    assert_eq!(text.matches("has been shutting down for").count(), 2, "{text}");
    for part in [
        "note: it waits for a task started at tests/tests/runs/ending_reports.rs:",
        "note: it waits for blocking work started at tests/tests/runs/ending_reports.rs:",
        "note: it waits for at most 1",
        "help: `grace_period`",
    ] {
        assert_eq!(text.matches(part).count(), 2, "{part}: {text}");
    }
}

#[test]
fn a_wait_for_untracked_work_is_reported_as_well() {
    const NAME: &str = "a_wait_for_untracked_work_is_reported_as_well";
    let output = in_a_child(NAME, || {
        let builder = Builder::new().shutdown_timeout(Duration::from_secs(2));
        builder.run(async {
            drop(tokio::task::spawn_blocking(|| thread::sleep(LONG)));
            sleep(SHORT).await;
        });
    });
    let text = stderr(&output);
    assert_eq!(text.matches("has been shutting down for").count(), 1, "{text}");
    assert!(text.contains("note: it waits for threads of the runtime"), "{text}");
    assert!(text.contains("thread of the runtime\n"), "{text}");
    // The report names a possible cause, and the setting that shortens the wait.
    assert!(text.contains("such as a read of standard input"), "{text}");
    assert!(text.contains("help: `shutdown_timeout`"), "{text}");
}

#[test]
fn an_end_within_a_second_reports_nothing() {
    const NAME: &str = "an_end_within_a_second_reports_nothing";
    let output = in_a_child(NAME, || {
        for builder in builders() {
            builder.run(async {
                spawn(cancelled()).detach();
                tokio::spawn(sleep(LONG));
                to_thread(|| thread::sleep(2 * SHORT)).detach();
                drop(tokio::task::spawn_blocking(|| thread::sleep(4 * SHORT)));
                sleep(SHORT).await;
            });
        }
    });
    assert!(!stderr(&output).contains("bridgehead"), "{}", stderr(&output));
}

#[test]
fn a_task_that_outlives_its_grace_period_is_reported() {
    const NAME: &str = "a_task_that_outlives_its_grace_period_is_reported";
    let output = in_a_child(NAME, || {
        for builder in builders() {
            builder.grace_period(2 * SHORT).run(async {
                spawn(async {
                    cancelled().await;
                    sleep(LONG).await;
                })
                .detach();
                sleep(SHORT).await;
            });
        }
    });
    let text = stderr(&output);
    let lines: Vec<_> = text.lines().collect();
    let headlines =
        lines.iter().filter(|line| line.contains("dropped when the grace period had passed"));
    assert_eq!(headlines.count(), 2, "{text}");
    let tasks = lines
        .iter()
        .filter(|line| line.contains("task started at tests/tests/runs/ending_reports.rs:"));
    assert!(tasks.clone().all(|line| line.contains(", running for at least ")), "{text}");
    assert_eq!(tasks.count(), 2, "{text}");
    assert!(text.contains("help: `grace_period`"), "{text}");
}

#[test]
fn a_report_distinguishes_tasks_with_a_grace_period_from_those_without() {
    bridgehead_tests::within("grace", || {
        for builder in builders() {
            let runner = builder.grace_period(SHORT).build();
            runner.run(async {
                spawn(async {
                    cancelled().await;
                    sleep(LONG).await;
                })
                .detach();
                spawn(sleep(LONG)).abort();
                spawn(async { sleep(LONG).await }).detach();
                sleep(SHORT).await;
            });
            let report = runner.close();
            assert_eq!((report.timed_out().len(), report.dropped().len()), (1, 2), "{report}");
            assert_eq!(report.timed_out()[0].kind, Kind::Task);
            let mut text = String::new();
            write!(text, "{}", report.timed_out()[0]).expect("a string");
            assert!(text.contains("running for at least") && !text.contains("ago"), "{text}");
        }
    });
}

/// std prints the panic's own message besides.
#[test]
fn a_failure_is_reported_once() {
    const NAME: &str = "a_failure_is_reported_once";
    let output = in_a_child(NAME, || {
        for builder in builders() {
            builder.run(async {
                spawn(async { Err::<(), _>("the error of the test") }).detach();
                sleep(SHORT).await;
            });
        }
        let runner = Builder::new().build();
        runner.run(async {
            spawn(async { Err::<(), _>("the error of the runner") }).detach();
            sleep(SHORT).await;
        });
        drop(runner);
        // Abandoned work is reported beside the failure.
        Builder::new().shutdown_timeout(SHORT).run(async {
            spawn(async { Err::<(), _>("the error beside work") }).detach();
            to_thread(|| thread::sleep(LONG)).detach();
            sleep(SHORT).await;
        });
        let _ = Builder::new().unhandled(Unhandled::Fail).try_run(async {
            spawn(async { Err::<(), _>("the error that fails") }).detach();
            std::future::pending::<()>().await;
        });
    });
    let text = stderr(&output);
    for (what, count) in [
        ("the error of the test", 2),
        ("the error of the runner", 1),
        ("the error beside work", 1),
        ("the error that fails", 1),
    ] {
        assert_eq!(text.matches(what).count(), count, "{what}: {text}");
    }
    assert!(text.contains("blocking work started at"), "{text}");
}
