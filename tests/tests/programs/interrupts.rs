//! A signal that comes while the main thread is blocked: it is acknowledged at once, and the
//! program ends within its bounds.
#![cfg(unix)]

use std::future::{Future, pending};
use std::os::unix::process::ExitStatusExt;
use std::process::Output;
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{
    Builder, CallError, Flavor, RunError, Runner, cancelled, spawn, sync_call, to_thread,
    try_sync_call,
};
use bridgehead_tests::child::{self, stderr};
use libc::c_int;
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(200);
/// Longer than the test waits.
const LONG: Duration = Duration::from_secs(600);

/// What `#[entry]` expands to.
fn entry<F: Future<Output = ()>>(builder: Builder, future: F) {
    bridgehead::__private::entry(builder, future, |()| ());
}

/// A run that watches for signals, with a short grace period.
fn watching() -> Builder {
    Builder::new().signals(true).grace_period(SHORT).shutdown_timeout(LONG)
}

#[expect(unsafe_code, reason = "std has no signals")]
fn send(signal: c_int) {
    // SAFETY: `kill` takes no pointer.
    assert_eq!(unsafe { libc::kill(libc::getpid(), signal) }, 0);
}

/// Sends the signal from another thread, while this one is blocked.
fn send_soon(signal: c_int) {
    thread::spawn(move || {
        thread::sleep(SHORT / 2);
        send(signal);
    });
}

/// The process that starts the test may ignore signals, which this process inherits.
#[expect(unsafe_code, reason = "std has no signals")]
fn forget_what_was_inherited() {
    for signal in [libc::SIGINT, libc::SIGTERM] {
        // SAFETY: `SIG_DFL` is no handler of this program.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// Runs `body` in a child process of the test `name`, and returns how that ended.
fn in_a_child(name: &str, body: impl FnOnce()) -> Output {
    if child::is_child(name) {
        forget_what_was_inherited();
        body();
        std::process::exit(0);
    }
    child::run(name)
}

#[track_caller]
fn assert_ended_by(signal: c_int, output: &Output) {
    assert_eq!(output.status.signal(), Some(signal), "{}\n{}", output.status, stderr(output));
}

#[track_caller]
fn assert_acknowledged_once(signal: &str, output: &Output) {
    let text = stderr(output);
    let line = format!("bridgehead: received {signal}, shutting down");
    assert_eq!(text.matches(&line).count(), 1, "{text}");
    assert!(text.contains("again to exit now"), "{text}");
}

/// The ways to block the main future: each makes a call, or joins a thread that makes one.
const MAINS: [(&str, fn()); 5] = [
    ("a call", || sync_call!(sleep(LONG))),
    ("a call for what nobody sends", || sync_call!(pending::<()>())),
    ("a thread that main joins", || {
        let _ = thread::spawn(|| sync_call!(sleep(LONG))).join();
    }),
    ("a refusing call", || {
        let error = try_sync_call!(sleep(LONG)).expect_err("it is interrupted");
        assert!(matches!(error, CallError::Shutdown { .. }), "{error}");
        // The call no longer blocks main, which is dropped at its next `.await`.
    }),
    ("one call after another", || while try_sync_call!(sleep(SHORT / 20)).is_ok() {}),
];

#[test]
#[cfg_attr(panic = "abort", ignore = "a call that is interrupted panics")]
fn a_program_whose_main_is_blocked_in_a_call_ends_after_the_grace_period() {
    const NAME: &str = "a_program_whose_main_is_blocked_in_a_call_ends_after_the_grace_period";
    if child::is_child(NAME) {
        forget_what_was_inherited();
        let part = child::part();
        let (flavor, number) = part.split_once(' ').expect("two words");
        let block = MAINS[number.parse::<usize>().expect("a number")].1;
        let flavor = if flavor == "multi" { Flavor::MultiThread } else { Flavor::CurrentThread };
        return entry(watching().flavor(flavor), async move {
            send_soon(libc::SIGINT);
            block();
            pending::<()>().await;
        });
    }
    for flavor in ["multi", "current"] {
        for (number, (what, _)) in MAINS.iter().enumerate() {
            // The background runtime serves the plain thread then, and no run ends that runtime.
            if flavor == "current" && number == 2 {
                continue;
            }
            let ended =
                child::run_part(NAME, &format!("{flavor} {number}"), Duration::from_secs(20));
            let signal = ended.status.and_then(|status| status.signal());
            assert_eq!(signal, Some(libc::SIGINT), "{flavor}, {what}: {ended:?}");
            assert!(
                ended.stderr.contains("received SIGINT, shutting down"),
                "{flavor}, {what}: {ended:?}"
            );
        }
    }
}

#[test]
#[cfg_attr(panic = "abort", ignore = "a call that is interrupted panics")]
fn calls_in_tasks_and_blocking_work_are_interrupted_too() {
    const NAME: &str = "calls_in_tasks_and_blocking_work_are_interrupted_too";
    let output = in_a_child(NAME, || {
        entry(watching(), async {
            spawn(async { say("task", try_sync_call!(sleep(LONG), allow_async)) }).detach();
            to_thread(|| say("work", try_sync_call!(sleep(LONG)))).detach();
            drop(tokio::task::spawn_blocking(|| say("plain work", try_sync_call!(sleep(LONG)))));
            sleep(SHORT).await;
            send(libc::SIGTERM);
            pending::<()>().await;
        });
    });
    assert_ended_by(libc::SIGTERM, &output);
    assert_acknowledged_once("SIGTERM", &output);
    let stdout = String::from_utf8_lossy(&output.stdout);
    for who in ["task", "work", "plain work"] {
        assert!(stdout.contains(&format!("{who} was interrupted")), "{who}: {stdout}");
    }
}

fn say(who: &str, result: Result<(), CallError>) {
    match result {
        Err(CallError::Shutdown { .. }) => println!("{who} was interrupted"),
        other => println!("{who}: {other:?}"),
    }
}

#[test]
fn a_signal_is_acknowledged_at_once_also_where_main_never_ends() {
    const NAME: &str = "a_signal_is_acknowledged_at_once_also_where_main_never_ends";
    if child::is_child(NAME) {
        forget_what_was_inherited();
        return entry(watching().grace_period(LONG), async {
            send_soon(libc::SIGINT);
            thread::sleep(LONG);
        });
    }
    let mut seen = String::new();
    child::watch(NAME, |line| {
        seen.extend(line.map(|line| format!("{line}\n")));
        if seen.contains("again to exit now") { Duration::ZERO } else { Duration::from_secs(10) }
    });
    assert!(seen.contains("bridgehead: received SIGINT, shutting down"), "{seen}");
}

/// The main future blocks without a call, so there is nothing to interrupt.
#[test]
fn a_program_whose_main_is_stuck_ends_after_both_periods_and_reports_what_still_runs() {
    const NAME: &str =
        "a_program_whose_main_is_stuck_ends_after_both_periods_and_reports_what_still_runs";
    let output = in_a_child(NAME, || {
        entry(watching().shutdown_timeout(SHORT), async {
            send_soon(libc::SIGTERM);
            thread::sleep(LONG);
        });
    });
    assert_ended_by(libc::SIGTERM, &output);
    assert_acknowledged_once("SIGTERM", &output);
    let text = stderr(&output);
    assert!(
        text.contains("the main future started at tests/tests/programs/interrupts.rs"),
        "{text}"
    );
}

#[test]
#[cfg_attr(not(panic = "abort"), ignore = "a call that is interrupted panics")]
fn a_call_that_cannot_panic_does_not_hold_the_program_either() {
    const NAME: &str = "a_call_that_cannot_panic_does_not_hold_the_program_either";
    let output = in_a_child(NAME, || {
        entry(watching().shutdown_timeout(SHORT), async {
            send_soon(libc::SIGTERM);
            sync_call!(sleep(LONG), allow_async);
        });
    });
    assert_ended_by(libc::SIGTERM, &output);
}

/// A main future that awaits `cancelled()` has the grace period, and no more.
#[test]
fn a_main_that_outlives_the_grace_period_is_dropped_and_named() {
    const NAME: &str = "a_main_that_outlives_the_grace_period_is_dropped_and_named";
    let output = in_a_child(NAME, || {
        entry(watching(), async {
            send(libc::SIGINT);
            cancelled().await;
            sleep(LONG).await;
        });
    });
    assert_ended_by(libc::SIGINT, &output);
    let text = stderr(&output);
    assert!(
        text.contains("the main future started at tests/tests/programs/interrupts.rs"),
        "{text}"
    );
    assert!(text.contains("grace period"), "{text}");
}

#[test]
fn a_failed_task_ends_a_main_that_is_stuck() {
    const NAME: &str = "a_failed_task_ends_a_main_that_is_stuck";
    let output = in_a_child(NAME, || {
        let builder = watching().shutdown_timeout(SHORT).unhandled(bridgehead::Unhandled::Fail);
        entry(builder, async {
            spawn(async { Err::<(), _>("of the test") }).detach();
            thread::sleep(LONG);
        });
    });
    assert_eq!(output.status.code(), Some(1), "{}\n{}", output.status, stderr(&output));
}

/// The run of a library returns the interruption as an error, and doesn't end the process.
#[test]
fn a_run_in_a_program_that_goes_on_is_interrupted() {
    const NAME: &str = "a_run_in_a_program_that_goes_on_is_interrupted";
    let output = in_a_child(NAME, || {
        let interrupted = |result: Result<(), RunError>| {
            assert!(matches!(result, Err(RunError::Interrupted { .. })), "{result:?}");
        };
        let main = || async {
            send_soon(libc::SIGINT);
            let error = try_sync_call!(sleep(LONG), allow_async).expect_err("it is interrupted");
            assert!(matches!(error, CallError::Shutdown { .. }), "{error}");
            pending::<()>().await;
        };
        for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
            interrupted(watching().flavor(flavor).try_run(main()));
            interrupted(watching().flavor(flavor).build().try_run(main()));
        }
        println!("it goes on");
    });
    child::assert_success(NAME, &output);
    assert!(String::from_utf8_lossy(&output.stdout).contains("it goes on"));
}

#[test]
fn closing_a_runner_interrupts_the_calls_of_its_runs() {
    bridgehead_tests::within("close", || {
        for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
            let runner =
                Runner::builder().flavor(flavor).grace_period(SHORT).shutdown_timeout(LONG).build();
            let start = Instant::now();
            thread::scope(|scope| {
                let (begun, begins) = std::sync::mpsc::channel();
                let run = scope.spawn(|| {
                    runner.try_run(async move {
                        begun.send(()).expect("the test listens");
                        try_sync_call!(sleep(LONG), allow_async)
                    })
                });
                begins.recv().expect("the run");
                let _report = runner.close();
                let result = run.join().expect("no panic").expect("its main has ended");
                assert!(matches!(result, Err(CallError::Shutdown { .. })), "{result:?}");
            });
            assert!(start.elapsed() < LONG);
        }
    });
}
