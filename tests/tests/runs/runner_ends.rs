//! How a `Runner` ends in difficult places: without new threads, twice at once, and on a thread
//! that is ending.
#![cfg(target_os = "linux")]

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use bridgehead::{Builder, Flavor, Runner, spawn, sync_call};
use bridgehead_tests::contexts::{in_task, multi, single};
use bridgehead_tests::system::{become_nobody, with_limit};
use bridgehead_tests::{child, reported, within};
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(100);

fn runners() -> [Runner; 2] {
    [Runner::new(), Runner::builder().flavor(Flavor::CurrentThread).build()]
}

/// Sends when it is dropped.
struct SaysSo(mpsc::Sender<()>);

impl Drop for SaysSo {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[test]
fn a_runner_may_be_dropped_in_async_code_where_no_thread_is_to_be_had() {
    const NAME: &str = "a_runner_may_be_dropped_in_async_code_where_no_thread_is_to_be_had";
    if child::is_child(NAME) {
        // The number of root's threads is not limited.
        become_nobody();
        for place in [single(), multi(1)] {
            for runner in runners() {
                let (send, receive) = mpsc::channel();
                let says_so = SaysSo(send);
                runner.run(async {
                    spawn(async move {
                        let _says_so = says_so;
                        std::future::pending::<()>().await;
                    })
                    .detach();
                    sleep(SHORT / 10).await;
                });
                let dropped = Box::new(move || {
                    with_limit(libc::RLIMIT_NPROC, 1, || {
                        // Closing tries to start a thread, and fails.
                        assert!(runner.close().is_in_progress());
                        drop(runner);
                    });
                });
                in_task(&place, dropped);
                receive.recv_timeout(50 * SHORT).expect("its task is dropped");
            }
        }
        return;
    }
    child::assert_success(NAME, &child::run(NAME));
}

#[test]
fn a_second_close_returns_when_closing_is_over() {
    within("second close", || {
        let builder = Builder::new().grace_period(Duration::ZERO).shutdown_timeout(Duration::ZERO);
        let runner = Arc::new(builder.build());
        let (begun, begins) = mpsc::channel();
        runner
            .to_thread(move || {
                begun.send(()).expect("the test listens");
                thread::sleep(5 * SHORT);
            })
            .detach();
        begins.recv().expect("the work begins");
        let first = Arc::clone(&runner);
        let first = thread::spawn(move || first.close());
        thread::sleep(SHORT);
        let second = runner.close();
        assert!(!second.is_in_progress(), "{second}");
        assert_eq!(second.to_string(), first.join().expect("the thread").to_string());
    });
}

/// If main ends at that moment, either of two threads may be the last to release the runtime. A
/// thread that merely dropped the runtime would wait for the work.
#[test]
fn a_main_that_ends_just_when_it_is_abandoned_blocks_no_thread() {
    const NAME: &str = "a_main_that_ends_just_when_it_is_abandoned_blocks_no_thread";
    if child::is_child(NAME) {
        for round in 0..3 {
            let cases: Vec<_> = (0..40)
                .map(|case| {
                    thread::spawn(move || is_abandoned(Duration::from_micros(40 * round + case)))
                })
                .collect();
            for case in cases {
                case.join().expect("the thread");
            }
        }
        // The work still runs.
        std::process::exit(0);
    }
    child::assert_success(NAME, &child::run(NAME));
}

/// Closes a runner whose main future ends this time after it has been abandoned.
fn is_abandoned(after: Duration) {
    let limit = Duration::from_millis(20);
    let runner = Arc::new(
        Builder::new().worker_threads(1).grace_period(limit).shutdown_timeout(limit).build(),
    );
    let (begun, begins) = mpsc::channel();
    let begun_work = begun.clone();
    runner
        .to_thread(move || {
            begun_work.send(()).expect("the test listens");
            reported::pending_thread();
        })
        .detach();
    let main = Arc::clone(&runner);
    let running = thread::spawn(move || {
        main.try_run(async {
            begun.send(()).expect("the test listens");
            thread::sleep(2 * limit + after);
        })
    });
    begins.recv().expect("one begins");
    begins.recv().expect("the other begins");
    let _ = runner.close();
    let _ = running.join().expect("the thread");
}

thread_local! {
    static RUNNER: RefCell<Option<Runner>> = const { RefCell::new(None) };
    static AT_END: RefCell<Option<AtThreadEnd>> = const { RefCell::new(None) };
}

struct AtThreadEnd(Box<dyn FnOnce()>);

impl Drop for AtThreadEnd {
    fn drop(&mut self) {
        std::mem::replace(&mut self.0, Box::new(|| ()))();
    }
}

/// Thread-local values are dropped in reverse order of their first use: tokio's context after the
/// runner, and what tokio parks with before the runner.
fn uses_tokio_before_and_after(set: impl FnOnce()) {
    assert!(tokio::runtime::Handle::try_current().is_err());
    // Dropping the runtime would park the thread, so it is leaked.
    drop(Box::leak(Box::new(single())).enter());
    set();
    multi(1).block_on(async { sleep(SHORT / 100).await });
}

#[test]
fn a_runner_in_a_thread_local_waits_for_its_threads() {
    const NAME: &str = "a_runner_in_a_thread_local_waits_for_its_threads";
    static ENDED: AtomicUsize = AtomicUsize::new(0);
    if child::is_child(NAME) {
        for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
            let ends = thread::spawn(move || {
                uses_tokio_before_and_after(|| {
                    RUNNER.set(Some(Builder::new().flavor(flavor).build()));
                });
                RUNNER.with_borrow(|runner| {
                    runner.as_ref().expect("it was set").run(async {
                        tokio::task::spawn_blocking(|| {
                            thread::sleep(3 * SHORT);
                            ENDED.fetch_add(1, Ordering::Relaxed);
                        });
                        // It begins.
                        sleep(SHORT).await;
                    });
                });
            });
            ends.join().expect("the thread");
        }
        assert_eq!(ENDED.load(Ordering::Relaxed), 2, "plain blocking work is waited for");
        return;
    }
    let output = child::run(NAME);
    child::assert_success(NAME, &output);
    let text = child::stderr(&output);
    assert!(!text.contains("bridgehead:"), "{text}");
}

#[test]
fn a_run_goes_on_where_tokio_can_not_park_any_more() {
    const NAME: &str = "a_run_goes_on_where_tokio_can_not_park_any_more";
    static DONE: AtomicBool = AtomicBool::new(false);
    if child::is_child(NAME) {
        let ends = thread::spawn(move || {
            uses_tokio_before_and_after(|| {
                AT_END.set(Some(AtThreadEnd(Box::new(|| {
                    let slow = || async { sleep(SHORT / 100).await };
                    assert_eq!(bridgehead::try_run(slow()).ok(), Some(()));
                    Runner::new().run(slow());
                    // A run that parks on its own driver, and a call, which parks in its own way.
                    Builder::new().flavor(Flavor::CurrentThread).run(slow());
                    sync_call!(slow());
                    DONE.store(true, Ordering::Relaxed);
                }))));
            });
            Runner::new().run(async { sleep(SHORT / 100).await });
        });
        ends.join().expect("the thread");
        assert!(DONE.load(Ordering::Relaxed));
        return;
    }
    let output = child::run(NAME);
    child::assert_success(NAME, &output);
}
