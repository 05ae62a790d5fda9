//! The stacks of fibers: how large they are, how many there may be, and which are kept.

use std::fs;
use std::future::{Future, pending};
use std::hint::black_box;
use std::panic;
use std::pin::Pin;
use std::sync::{Mutex, mpsc};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use bridgehead::{Fiber, fiber, sync_call};
use bridgehead_tests::contexts::{multi, single};
#[cfg(unix)]
use bridgehead_tests::system;
use bridgehead_tests::{child, message, within};
use tokio::task::yield_now;
use tokio::time::sleep;

fn poll<T>(fiber: &mut Fiber<T>) -> bool {
    Pin::new(fiber).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

/// A frame that the compiler can't optimise away.
fn deep(level: usize) -> usize {
    let frame = black_box([level; 64]);
    if level == 0 { frame[0] } else { deep(level - 1) + frame[63] }
}

#[test]
#[cfg_attr(panic = "abort", ignore = "the harness there hides the signal")]
fn a_full_stack_is_reported() {
    const NAME: &str = "a_full_stack_is_reported";
    if child::is_child(NAME) {
        single().block_on(fiber(|| deep(usize::MAX)).stack_size(64 * 1024));
        return;
    }
    let output = child::run(NAME);
    let reported = child::stderr(&output);
    assert!(!output.status.success());
    assert!(
        reported.contains("has overflowed its stack of 65536 bytes")
            && reported.contains("fibers/stacks.rs"),
        "{reported}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        assert!(
            matches!(output.status.signal(), Some(libc::SIGSEGV | libc::SIGBUS)),
            "{:?}",
            output.status
        );
    }
}

/// Faults such as the traps of a virtual machine, after which its handler lets the thread go on.
#[test]
#[cfg(unix)]
#[cfg_attr(panic = "abort", ignore = "the harness there hides the signal")]
fn faults_of_others_go_to_their_own_handler() {
    const NAME: &str = "faults_of_others_go_to_their_own_handler";
    if child::is_child(NAME) {
        let handled = system::handle_faults();
        single().block_on(fiber(|| ()));
        for count in 1..=2 {
            system::fault();
            assert_eq!(handled(), count);
        }
        // The handler for fibers is still installed, and passes this fault on to the test's.
        single().block_on(fiber(|| deep(usize::MAX)).stack_size(64 * 1024));
        return;
    }
    let output = child::run(NAME);
    let reported = child::stderr(&output);
    assert!(reported.contains("has overflowed its stack of 65536 bytes"), "{reported}");
    assert_eq!(output.status.code(), Some(3), "{reported}");
}

/// A handler that is installed later, and calls the former one.
#[test]
#[cfg(unix)]
#[cfg_attr(panic = "abort", ignore = "the harness there hides the signal")]
fn a_later_handler_that_passes_faults_on_changes_nothing() {
    const NAME: &str = "a_later_handler_that_passes_faults_on_changes_nothing";
    if child::is_child(NAME) {
        single().block_on(fiber(|| ()));
        system::handle_faults_first("the later handler;");
        if child::part() == "overflow" {
            single().block_on(fiber(|| deep(usize::MAX)).stack_size(64 * 1024));
        }
        // These are not mistaken for a fiber's overflow. std's handler, the last one, ignores the
        // first fault.
        system::fault();
        system::fault();
        std::process::exit(0);
    }
    for (part, is_ours) in [("overflow", true), ("sent", false)] {
        use std::os::unix::process::ExitStatusExt;
        let ended = child::run_part(NAME, part, bridgehead_tests::DEADLINE);
        let reported = ended.stderr;
        assert_eq!(
            ended.status.and_then(|status| status.signal()),
            Some(libc::SIGSEGV),
            "{part}: {reported}"
        );
        assert!(reported.contains("the later handler;"), "{part}: {reported}");
        assert_eq!(reported.contains("has overflowed its stack"), is_ours, "{part}: {reported}");
    }
}

#[test]
fn a_stack_is_as_large_as_it_was_set() {
    within("the run", || {
        let large = fiber(|| deep(40_000)).stack_size(64 * 1024 * 1024);
        assert!(single().block_on(large) > 0);
        assert!(single().block_on(fiber(|| deep(500))) > 0);
        assert_eq!(single().block_on(fiber(|| sync_call!(async { 1 })).stack_size(0)), 1);
    });
}

/// The first call of the process also starts the background runtime.
#[test]
fn the_smallest_is_enough_for_a_call() {
    const NAME: &str = "the_smallest_is_enough_for_a_call";
    if child::is_child(NAME) {
        futures::executor::block_on(
            fiber(|| sync_call!(sleep(Duration::from_millis(1)))).stack_size(0),
        );
        return;
    }
    child::assert_success(NAME, &child::run(NAME));
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_stack_that_can_not_be_had_is_an_error() {
    within("the errors", || {
        let error = fiber(|| ()).stack_size(usize::MAX).reserve().expect_err("the size");
        assert_eq!(error.stack_size, usize::MAX);
        assert!(error.to_string().contains("fibers/stacks.rs"), "{error}");
        let error = fiber(|| ()).stack_size(usize::MAX / 4).reserve().expect_err("the size");
        assert!(error.source.raw_os_error().is_some(), "{error}");
        let run = || single().block_on(fiber(|| ()).stack_size(usize::MAX / 4));
        let payload = panic::catch_unwind(run).expect_err("the size");
        assert!(message(payload.as_ref()).contains("can't have a stack"));
        let builder = bridgehead::Builder::new().flavor(bridgehead::Flavor::CurrentThread);
        let error = builder.fiber(true).fiber_stack_size(usize::MAX).try_run(async {});
        assert!(matches!(error, Err(bridgehead::RunError::Build { .. })), "{error:?}");
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something unwinds")]
fn more_of_them_than_the_system_has_room_for() {
    const NAME: &str = "more_of_them_than_the_system_has_room_for";
    if child::is_child(NAME) {
        let runtime = single();
        let _context = runtime.enter();
        let mut fibers = Vec::new();
        let error = loop {
            match fiber(|| sync_call!(pending::<()>())).reserve() {
                Ok(mut waits) => {
                    assert!(!poll(&mut waits));
                    fibers.push(waits);
                }
                Err(error) => break error,
            }
        };
        assert_eq!(error.source.kind(), std::io::ErrorKind::OutOfMemory, "{error}");
        assert!(fibers.len() > 10_000, "{}", fibers.len());
        // Everything else still works, such as threads and memory.
        thread::spawn(|| vec![1_u8; 16 * 1024 * 1024]).join().expect("the thread");
        fibers.truncate(fibers.len() - 100);
        assert!(!poll(
            &mut fiber(|| sync_call!(pending::<()>())).reserve().expect("there is room again")
        ));
        // Ending all of them would take long.
        std::mem::forget(fibers);
        return;
    }
    child::assert_success(NAME, &child::run(NAME));
}

/// The idle stacks that a thread keeps for its next fibers leave room for other fibers.
#[test]
#[cfg(target_os = "linux")]
fn idle_ones_leave_room_for_others() {
    const NAME: &str = "idle_ones_leave_room_for_others";
    const MANY: usize = 1024;
    if child::is_child(NAME) {
        let some = || -> Vec<_> {
            (0..MANY).map(|_| fiber(|| ()).reserve().expect("the others are idle")).collect()
        };
        let (send, kept) = mpsc::channel::<()>();
        let kept = Mutex::new(kept);
        thread::scope(|scope| {
            for _ in 0..40 {
                let (done, is_done) = mpsc::channel();
                scope.spawn(|| {
                    let done = done;
                    let mut fibers = some();
                    assert!(fibers.iter_mut().all(poll));
                    done.send(()).expect("it listens");
                    // The thread doesn't end, so that it keeps its idle stacks.
                    let _ = kept.lock().expect("no panic").recv();
                });
                is_done.recv().expect("no panic");
            }
            // More stacks of this size than are idle.
            let large =
                || fiber(|| ()).stack_size(2 * 1024 * 1024).reserve().expect("there is room");
            drop((0..10 * MANY).map(|_| large()).collect::<Vec<_>>());
            drop(send);
        });
        return;
    }
    child::assert_success(NAME, &child::run(NAME));
}

/// The size of this process and the number of its mappings.
fn size() -> (usize, usize) {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("the size");
    let kib = line.split_whitespace().nth(1).expect("a number").parse().expect("a number");
    (kib, fs::read_to_string("/proc/self/maps").expect("Linux").lines().count())
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something unwinds")]
#[cfg(target_os = "linux")]
fn a_hundred_thousand_leave_nothing_behind() {
    const NAME: &str = "a_hundred_thousand_leave_nothing_behind";
    if child::is_child(NAME) {
        let runtime = multi(1);
        let _context = runtime.enter();
        let round = || {
            for batch in 0..100 {
                let mut fibers: Vec<_> = (0..100)
                    .map(|number| {
                        fiber(move || {
                            sync_call!(yield_now());
                            if number % 5 == 0 {
                                sync_call!(pending::<()>());
                            }
                        })
                    })
                    .collect();
                // Some fibers are never polled, most complete, and some are dropped while they
                // wait.
                for (number, waits) in fibers.iter_mut().enumerate().skip(batch % 3) {
                    assert!(!poll(waits));
                    assert_eq!(poll(waits), number % 5 != 0);
                }
            }
        };
        round();
        let (kib, mappings) = size();
        (0..9).for_each(|_| round());
        let (kib_after, mappings_after) = size();
        assert!(kib_after < kib + 1024, "{kib} and {kib_after} KiB");
        assert!(mappings_after <= mappings + 10, "{mappings} and {mappings_after} mappings");
        return;
    }
    child::assert_success(NAME, &child::run(NAME));
}
