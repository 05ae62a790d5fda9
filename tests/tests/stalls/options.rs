//! What a stall causes, and which calls are not reported.

use std::error::Error;
use std::future::{Future, pending};
use std::panic;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{Builder, CallError, Flavor, OnStall, ThreadContext, sync_call, try_sync_call};
use bridgehead_tests::contexts::{CASES, Case, multi, single};
use bridgehead_tests::reported::{
    AFTER, LONG, assert_reported, pending_thread, reported, reported_with,
};
use bridgehead_tests::{child, message, within};
use tokio::sync::{Barrier, Mutex};
use tokio::task;
use tokio::time::sleep;

/// Whether a call in this context blocks a runtime, or may wait for one that no thread drives.
fn is_to_be_reported(case: &Case) -> bool {
    const HIDDEN: [&str; 4] = [
        "enter() guard of a current-thread runtime, not driven",
        "fiber, enter() guard of a current-thread runtime, not driven",
        "inside a call on a current-thread runtime",
        "multi-thread guard in a current-thread task",
    ];
    case.context == ThreadContext::Driver || HIDDEN.contains(&case.name)
}

#[test]
#[cfg_attr(panic = "abort", ignore = "the harness takes the end of the child for a failure")]
fn a_wait_that_is_merely_long_is_left_alone() {
    let cases = CASES.iter().map(|case| {
        let call = move || {
            let begun = Instant::now();
            let slept = try_sync_call!(sleep(Duration::from_secs(3)), on_stall = "panic");
            match slept {
                Ok(()) => assert!(!is_to_be_reported(case), "nothing was said"),
                Err(CallError::Stalled { stall, .. }) => {
                    assert!(is_to_be_reported(case), "{stall}");
                }
                Err(error) => panic!("{error}"),
            }
            assert!(begun.elapsed() >= Duration::from_secs(1));
        };
        (case, thread::spawn(move || within(case.name, move || (case.run)(Box::new(call)))))
    });
    let failed =
        |(case, thread): (&Case, thread::JoinHandle<()>)| thread.join().err().map(|_| case.name);
    let failed: Vec<_> = cases.collect::<Vec<_>>().into_iter().filter_map(failed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
#[cfg_attr(panic = "abort", ignore = "the harness takes the end of the child for a failure")]
fn a_slow_call_of_a_driver_is_reported_and_gets_its_value() {
    const NAME: &str = "a_slow_call_of_a_driver_is_reported_and_gets_its_value";
    let job = || {
        single().block_on(async {
            let slow = try_sync_call!(
                async {
                    sleep(4 * AFTER).await;
                    7
                },
                allow_async
            );
            assert_eq!(slow.expect("no error"), 7);
        });
    };
    assert_reported(
        &reported(NAME, 1, job),
        &["stalls/options.rs", "make no progress", "`on_stall = \"ignore\"`"],
    );
}

fn legacy<T>(future: impl Future<Output = T>) -> T {
    sync_call!(future)
}

#[test]
fn it_is_reported_once_for_a_place_and_again_for_twice_the_time() {
    const NAME: &str = "it_is_reported_once_for_a_place_and_again_for_twice_the_time";
    const STALL_AFTER: Duration = Duration::from_millis(500);
    // The call is reported after twice `stall_after`, and so the second report of its line comes
    // after four times `stall_after`.
    const SLOW: Duration = STALL_AFTER.saturating_mul(3);
    let job = || {
        // Several calls at once.
        let threads = [(); 4].map(|()| {
            thread::spawn(|| single().block_on(async { legacy(async { sleep(SLOW).await }) }))
        });
        for thread in threads {
            thread.join().expect("no panic");
        }
        // Two calls one after the other.
        single().block_on(async { legacy(async { sleep(SLOW).await }) });
        single().block_on(async { legacy(pending::<()>()) });
    };
    let reported = reported_with(NAME, 2, Builder::new().stall_after(STALL_AFTER), job);
    assert_eq!(reported.len(), 2, "{reported:#?}");
}

/// A second panic would abort the process.
#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn it_is_no_panic_while_the_thread_unwinds() {
    struct CleansUp(mpsc::Sender<()>);
    impl Drop for CleansUp {
        fn drop(&mut self) {
            legacy(async { sleep(4 * AFTER).await });
            self.0.send(()).expect("the test listens");
        }
    }
    const NAME: &str = "it_is_no_panic_while_the_thread_unwinds";
    if child::is_child(NAME) {
        let (send, receive) = mpsc::channel();
        let panics = || {
            let builder = Builder::new().stall_after(AFTER).on_stall(OnStall::Panic);
            builder.flavor(Flavor::CurrentThread).run(async {
                let _guard = CleansUp(send);
                panic!("of the test");
            })
        };
        let payload = panic::catch_unwind(panic::AssertUnwindSafe(panics)).expect_err("the panic");
        assert_eq!(message(payload.as_ref()), "of the test");
        receive.try_recv().expect("it was cleaned up");
        return;
    }
    let output = child::run(NAME);
    child::assert_success(NAME, &output);
    assert!(child::stderr(&output).contains("make no progress"), "{}", child::stderr(&output));
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn it_is_a_panic_where_that_is_set() {
    within("panic", || {
        let builder = || Builder::new().stall_after(AFTER).on_stall(OnStall::Panic);
        let hangs = || {
            builder().flavor(Flavor::CurrentThread).run(async { legacy(tokio::spawn(async {})) })
        };
        let payload = panic::catch_unwind(hangs).expect_err("the stall");
        let text = message(payload.as_ref());
        assert!(text.contains("stalls/options.rs") && text.contains("make no progress"), "{text}");
        // The same in a nested call.
        let hangs = || {
            builder().flavor(Flavor::CurrentThread).run(async {
                let sibling = tokio::spawn(async {});
                sync_call!(async { legacy(sibling) }, allow_async)
            })
        };
        panic::catch_unwind(hangs)
            .expect_err("the stall")
            .downcast::<String>()
            .expect("our message");
        // The same as options of one call.
        let hangs = || {
            single().block_on(async {
                let sibling = tokio::spawn(async {});
                sync_call!(sibling, on_stall = "panic", stall_after = AFTER, allow_async)
                    .expect("the task");
            });
        };
        panic::catch_unwind(hangs)
            .expect_err("the stall")
            .downcast::<String>()
            .expect("our message");
        // The thread's context is as before.
        assert_eq!(ThreadContext::current(), ThreadContext::Plain);
        sync_call!(sleep(Duration::from_millis(1)));
    });
}

#[bridgehead::test(stall_after = "50ms", on_stall = "panic", timeout = "30s")]
#[should_panic(expected = "make no progress")]
async fn a_test_may_fail_for_it() {
    drop(legacy(tokio::spawn(async {})));
}

#[test]
fn an_error_reports_what_is_known_and_the_future_is_dropped() {
    within("error", || {
        let (guard, dropped) = mpsc::channel::<()>();
        let error = single().block_on(async {
            let future = async {
                let _guard = guard;
                pending::<()>().await;
            };
            try_sync_call!(future, stall_after = AFTER, on_stall = OnStall::Panic, allow_async)
                .expect_err("the stall")
        });
        dropped.recv().expect_err("it is dropped");
        assert!(error.location().file().ends_with("stalls/options.rs"));
        let text = error.to_string();
        let CallError::Stalled { stall, location, .. } = &error else { panic!("{text}") };
        assert_eq!((stall.location(), stall.context()), (*location, ThreadContext::Driver));
        assert!((AFTER..LONG).contains(&stall.waited()), "{:?}", stall.waited());
        assert_eq!(text, stall.to_string());
        assert!(error.source().is_none());
    });
}

/// The task that asks whether the runtime is alive is never polled, since no thread drives it.
#[test]
fn what_is_asked_leaves_no_more_than_one_task_behind() {
    within("asked", || {
        let runtime = single();
        let _guard = runtime.enter();
        // The task of this crate by which it detects the end of the runtime.
        sync_call!(sleep(AFTER / 10));
        assert_eq!(runtime.metrics().num_alive_tasks(), 1);
        for _ in 0..3 {
            let call =
                || try_sync_call!(pending::<()>(), stall_after = AFTER / 4, on_stall = "panic");
            assert!(matches!(call(), Err(CallError::Stalled { .. })));
            assert_eq!(runtime.metrics().num_alive_tasks(), 2);
        }
        runtime.block_on(task::yield_now());
        assert_eq!(runtime.metrics().num_alive_tasks(), 1);
    });
}

#[test]
fn nothing_is_reported_where_it_is_ignored() {
    const NAME: &str = "nothing_is_reported_where_it_is_ignored";
    let hangs = || {
        thread::spawn(|| {
            single().block_on(async {
                let sibling = tokio::spawn(async {});
                sync_call!(sibling, on_stall = "ignore", allow_async).expect("the task");
            });
        });
        thread::spawn(|| {
            single().block_on(async {
                let sibling = tokio::spawn(async {});
                drop(try_sync_call!(
                    sibling,
                    on_stall = OnStall::Ignore,
                    timeout = LONG,
                    allow_async
                ));
            });
        });
        let builder = Builder::new().flavor(Flavor::CurrentThread).on_stall(OnStall::Ignore);
        builder.run(async { legacy(tokio::spawn(async {})) }).expect("the task");
    };
    assert!(reported(NAME, 0, hangs).is_empty());
}

/// The options of the background runtime count on runtimes that this crate didn't build. On the
/// threads of a run its own options count.
#[test]
fn the_background_runtimes_options_count_where_there_are_no_others() {
    const NAME: &str = "the_background_runtimes_options_count_where_there_are_no_others";
    let job = || {
        let error = single().block_on(async {
            let sibling = tokio::spawn(async {});
            try_sync_call!(sibling, allow_async).expect_err("the stall")
        });
        assert!(matches!(error, CallError::Stalled { .. }), "{error}");
        let lock = Mutex::new(1);
        let _guard = sync_call!(lock.lock());
        let error = try_sync_call!(lock.lock()).expect_err("the stall");
        assert!(matches!(error, CallError::Stalled { .. }), "{error}");
        let builder = Builder::new().flavor(Flavor::CurrentThread).stall_after(AFTER);
        builder.run(async { legacy(tokio::spawn(async {})) }).expect("the task");
    };
    let builder = Builder::new().stall_after(AFTER / 2).on_stall(OnStall::Panic);
    assert_reported(&reported_with(NAME, 1, builder, job), &["make no progress"]);
}

#[test]
fn a_call_with_its_own_stall_after_is_reported_wherever_it_waits() {
    const NAME: &str = "a_call_with_its_own_stall_after_is_reported_wherever_it_waits";
    let job = || {
        let runtime = multi(2);
        // A barrier, so that both calls hold a worker.
        let barrier = Arc::new(Barrier::new(2));
        for _ in 0..2 {
            let barrier = Arc::clone(&barrier);
            runtime.spawn(async move {
                sync_call!(barrier.wait(), allow_async);
                sync_call!(pending::<()>(), stall_after = "100ms", allow_async);
            });
        }
        sync_call!(pending::<()>(), stall_after = "300ms");
    };
    let mut reported = reported(NAME, 2, job);
    reported.sort();
    assert_eq!(reported.len(), 2, "{reported:#?}");
    assert!(
        reported.iter().all(|message| message.contains("its runtime makes progress")),
        "{reported:#?}"
    );
}

#[test]
fn two_calls_that_hold_what_the_other_one_locks_are_both_reported() {
    const NAME: &str = "two_calls_that_hold_what_the_other_one_locks_are_both_reported";
    async fn lock_both(first: Arc<Mutex<u32>>, second: Arc<Mutex<u32>>, barrier: Arc<Barrier>) {
        let _first = first.lock().await;
        barrier.wait().await;
        let _second = legacy(second.lock());
    }
    async fn lock_both_the_other_way(
        first: Arc<Mutex<u32>>,
        second: Arc<Mutex<u32>>,
        barrier: Arc<Barrier>,
    ) {
        let _first = first.lock().await;
        barrier.wait().await;
        let _second = sync_call!(second.lock(), allow_async);
    }
    let job = || {
        let runtime = multi(2);
        let [a, b] = [1, 2].map(|number| Arc::new(Mutex::new(number)));
        let barrier = Arc::new(Barrier::new(2));
        runtime.spawn(lock_both(Arc::clone(&a), Arc::clone(&b), Arc::clone(&barrier)));
        runtime.block_on(runtime.spawn(lock_both_the_other_way(b, a, barrier))).expect("the task");
    };
    let reported = reported(NAME, 2, job);
    assert_eq!(reported.len(), 2, "{reported:#?}");
    assert!(
        reported.iter().all(|message| message.contains("it waits for a lock")),
        "{reported:#?}"
    );
}

/// The runtime belongs to the parent process, and has no threads in the child.
#[cfg(unix)]
#[test]
fn a_forked_child_reports_that_its_parents_runtime_makes_no_progress() {
    const NAME: &str = "a_forked_child_reports_that_its_parents_runtime_makes_no_progress";
    let job = || {
        multi(1).block_on(async {
            let task = tokio::spawn(sleep(Duration::from_millis(50)));
            sync_call!(task::yield_now(), allow_async);
            #[expect(unsafe_code, reason = "std can't fork")]
            // SAFETY: the child makes a call, and is ended by its alarm.
            let child = unsafe { libc::fork() };
            if child == 0 {
                #[expect(unsafe_code, reason = "std has no alarms")]
                // SAFETY: it takes no pointer.
                unsafe {
                    libc::alarm(10);
                }
                drop(legacy(task));
            }
            pending_thread();
        });
    };
    assert_reported(&reported(NAME, 1, job), &["in a forked child", "has no threads in this one"]);
}

/// A synchronous function with a name that no other text contains.
#[inline(never)]
fn function_that_led_here() -> CallError {
    let never = pending::<()>();
    try_sync_call!(never, stall_after = "20ms", on_stall = "panic").expect_err("it never comes")
}

/// The call stack, if the user has requested it, shows which function led to the call.
#[test]
fn the_report_has_the_call_stack_where_backtraces_are_asked_for() {
    const NAME: &str = "the_report_has_the_call_stack_where_backtraces_are_asked_for";
    if child::is_child(NAME) {
        let error = function_that_led_here();
        let CallError::Stalled { stall, .. } = &error else { panic!("{error}") };
        println!("{:?}", stall.backtrace().status());
        println!("{stall}");
        return;
    }
    for on in [true, false] {
        let output = child::run_with_backtraces(NAME, on);
        child::assert_success(NAME, &output);
        let text = String::from_utf8_lossy(&output.stdout);
        let is_there = ["Captured", "the call stack:", "function_that_led_here"]
            .map(|part| text.contains(part));
        assert_eq!(is_there, [on; 3], "{text}");
    }
}

/// What happened and where, why, and what to do, on lines of their own.
#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_report_has_three_parts_and_the_name_of_the_macro() {
    within("three parts", || {
        let error = single().block_on(async {
            let task = tokio::spawn(async {});
            try_sync_call!(task, stall_after = "20ms", on_stall = "panic", allow_async)
                .expect_err("a stall")
        });
        let text = error.to_string();
        let lines: Vec<_> = text.lines().collect();
        assert!(
            lines[0].starts_with("`try_sync_call!` at tests/tests/stalls/options.rs:"),
            "{text}"
        );
        assert!(lines[0].contains(" has been blocked for "), "{text}");
        let is_note = |line: &&str| line.starts_with("  note: ");
        let is_help = |line: &&str| line.starts_with("  help: ");
        let notes = lines[1..].iter().take_while(|line| is_note(line)).count();
        assert!(notes > 0 && notes < lines.len() - 1, "{text}");
        // A call stack may follow.
        assert!(is_help(&lines[notes + 1]), "{text}");
        let panicked = panic::catch_unwind(|| {
            single().block_on(async {
                let task = tokio::spawn(async {});
                let _ = sync_call!(task, stall_after = "20ms", on_stall = "panic", allow_async);
            });
        });
        let text = message(panicked.expect_err("a stall").as_ref());
        assert!(text.starts_with("`sync_call!` at tests/tests/stalls/options.rs:"), "{text}");
    });
}
