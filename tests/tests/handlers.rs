//! Signals of a run, beside handlers that other code has installed.
#![cfg(unix)]

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{Builder, RunError, cancelled};
use bridgehead_tests::{DEADLINE, child};
use libc::c_int;

/// Signals belong to the process, so each test runs in a child.
macro_rules! in_a_child {
    ($($(#[$attribute:meta])* fn $name:ident($output:ident) $body:block $check:block)*) => {$(
        $(#[$attribute])*
        #[test]
        fn $name() {
            let name = stringify!($name);
            if child::is_child(name) {
                set(libc::SIGINT, libc::SIG_DFL);
                $body
            } else {
                let $output = child::run(name);
                child::assert_success(name, &$output);
                $check
            }
        }
    )*};
}

in_a_child! {
    fn ctrlc_that_was_there_before_is_called_during_the_run_and_after(_output) {
        let count = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&count);
        ctrlc::set_handler(move || { counts.fetch_add(1, Ordering::SeqCst); }).expect("its handler");
        for round in 0..2 {
            assert_interrupted(&closed_by(libc::SIGINT));
            until(|| count.load(Ordering::SeqCst) == 2 * round + 1);
            send(libc::SIGINT);
            until(|| count.load(Ordering::SeqCst) == 2 * round + 2);
        }
    } {}

    fn signal_hook_that_was_there_before_is_called_during_the_run_and_after(_output) {
        let flag = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(libc::SIGINT, Arc::clone(&flag)).expect("its handler");
        for _ in 0..2 {
            assert_interrupted(&closed_by(libc::SIGINT));
            assert!(flag.swap(false, Ordering::SeqCst), "its handler was not called during the run");
            send(libc::SIGINT);
            until(|| flag.swap(false, Ordering::SeqCst));
        }
    } {}

    /// `ctrlc` doesn't call the handler that it replaces.
    fn ctrlc_that_comes_later_does_not_silence_the_run(_output) {
        let flag = Arc::new(AtomicBool::new(false));
        let sets = Arc::clone(&flag);
        let result = watching().try_run(async {
            ctrlc::set_handler(move || sets.store(true, Ordering::SeqCst)).expect("its handler");
            // By then the run has noticed the new handler.
            tokio::time::sleep(Duration::from_secs(2)).await;
            send(libc::SIGINT);
            pending::<()>().await;
        });
        assert_interrupted(&result);
        until(|| flag.swap(false, Ordering::SeqCst));
        // The new handler stays after the run.
        send(libc::SIGINT);
        until(|| flag.load(Ordering::SeqCst));
    } {}

    /// These handlers call the one that they replace. The run must not count their signal twice.
    fn handlers_that_come_later_and_chain_do_not_count_a_signal_twice(_output) {
        let flag = Arc::new(AtomicBool::new(false));
        for _ in 0..3 {
            let result = watching().try_run(async {
                signal_hook::flag::register(libc::SIGINT, Arc::clone(&flag)).expect("its handler");
                let mut theirs = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()).expect("tokio's");
                tokio::time::sleep(Duration::from_millis(500)).await;
                send(libc::SIGINT);
                cancelled().await;
                theirs.recv().await;
            });
            result.expect("main awaits `cancelled()`");
            assert!(flag.swap(false, Ordering::SeqCst));
            send(libc::SIGINT);
            until(|| flag.swap(false, Ordering::SeqCst));
        }
    } {}

    fn both_before_and_after_are_called(_output) {
        let (before, after) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let counts = Arc::clone(&before);
        ctrlc::set_handler(move || { counts.fetch_add(1, Ordering::SeqCst); }).expect("its handler");
        for round in 1..4 {
            let result = watching().try_run(async {
                signal_hook::flag::register(libc::SIGINT, Arc::clone(&after)).expect("its handler");
                tokio::time::sleep(Duration::from_millis(500)).await;
                send(libc::SIGINT);
                pending::<()>().await;
            });
            assert_interrupted(&result);
            assert!(after.swap(false, Ordering::SeqCst));
            until(|| before.load(Ordering::SeqCst) == round);
        }
        send(libc::SIGINT);
        until(|| before.load(Ordering::SeqCst) == 4);
    } {}

    fn an_action_that_replaces_the_handler_is_reported(output) {
        watching().run(async {
            set(libc::SIGINT, libc::SIG_IGN);
            tokio::time::sleep(Duration::from_secs(2)).await;
        });
    } {
        let text = child::stderr(&output);
        assert_eq!(text.matches("SIGINT").count(), 1, "{text}");
        assert!(text.contains("bridgehead: SIGINT no longer shuts down") && text.contains("help:"), "{text}");
    }

    fn an_action_that_replaces_the_handler_of_a_short_run_is_reported(output) {
        watching().run(async { set(libc::SIGINT, libc::SIG_IGN) });
    } {
        let text = child::stderr(&output);
        assert!(text.contains("bridgehead: SIGINT no longer shuts down"), "{text}");
    }
}

fn watching() -> Builder {
    Builder::new().signals(true)
}

fn closed_by(signal: c_int) -> Result<(), RunError> {
    watching().try_run(async move {
        send(signal);
        pending::<()>().await;
    })
}

#[track_caller]
fn assert_interrupted<T: std::fmt::Debug>(result: &Result<T, RunError>) {
    assert!(matches!(result, Err(RunError::Interrupted { .. })), "{result:?}");
}

#[track_caller]
fn until(done: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE / 2;
    while !done() {
        assert!(Instant::now() < deadline, "it is not called");
        thread::sleep(Duration::from_millis(5));
    }
}

#[expect(unsafe_code, reason = "std has no signals")]
fn send(signal: c_int) {
    // SAFETY: `kill` takes no pointer.
    assert_eq!(unsafe { libc::kill(libc::getpid(), signal) }, 0);
}

#[expect(unsafe_code, reason = "std has no signals")]
fn set(signal: c_int, what: libc::sighandler_t) {
    // SAFETY: `what` is one of the two values that are no function.
    assert_ne!(unsafe { libc::signal(signal, what) }, libc::SIG_ERR);
}
