//! Calls, and other shutdowns, while the background runtime is being closed.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{CallError, cancelled, close_background, spawn, sync_call, try_sync_call};
use bridgehead_tests::message;
use tokio::time::sleep;

/// The panics of calls that are interrupted, or whose task was dropped.
fn is_expected(text: &str) -> bool {
    text.contains("races.rs:") || text.contains("cancelled") || text.contains("being shutdown")
}

fn call(how: usize) {
    match how % 4 {
        0 => sync_call!(async {}),
        1 => sync_call!(sleep(Duration::from_micros(200))),
        2 => match try_sync_call!(spawn(async { sleep(Duration::from_micros(100)).await })) {
            Ok(_) | Err(CallError::Shutdown { .. }) => {}
            Err(error) => panic!("races.rs: {error}"),
        },
        _ => match try_sync_call!(tokio::task::yield_now()) {
            Ok(()) | Err(CallError::Shutdown { .. }) => {}
            Err(error) => panic!("unexpected: {error}"),
        },
    }
}

in_child!(
    #[cfg_attr(panic = "abort", ignore = "a call that is interrupted blocks its thread")]
    sixteen_threads_call_while_another_closes,
    || {
        // The default hook is slow, and many calls panic.
        panic::set_hook(Box::new(|_| ()));
        let is_over = Arc::new(AtomicBool::new(false));
        let (served, interrupted) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let threads: Vec<_> = (0..16)
            .map(|how| {
                let (is_over, served, interrupted) =
                    (Arc::clone(&is_over), Arc::clone(&served), Arc::clone(&interrupted));
                thread::spawn(move || {
                    while !is_over.load(Ordering::Relaxed) {
                        match panic::catch_unwind(AssertUnwindSafe(|| call(how))) {
                            Ok(()) => served.fetch_add(1, Ordering::Relaxed),
                            Err(payload) => {
                                let text = message(payload.as_ref());
                                if !is_expected(&text) {
                                    return Err(text);
                                }
                                interrupted.fetch_add(1, Ordering::Relaxed)
                            }
                        };
                    }
                    Ok(())
                })
            })
            .collect();
        let begun = Instant::now();
        let mut closed = 0;
        while begun.elapsed() < Duration::from_secs(3) {
            let _ = close_background();
            closed += 1;
        }
        is_over.store(true, Ordering::Relaxed);
        for thread in threads {
            assert_eq!(thread.join().expect("the thread"), Ok(()));
        }
        assert!(
            closed > 10 && served.load(Ordering::Relaxed) > 100,
            "{closed} {served:?} {interrupted:?}"
        );
        println!("closed {closed}, served {served:?}, interrupted {interrupted:?}");
    }
);

in_child!(two_that_close_at_once_get_the_same_report, || {
    spawn(async {
        cancelled().await;
        sleep(Duration::from_millis(300)).await;
    })
    .detach();
    sync_call!(sleep(Duration::from_millis(20)));
    let barrier = Arc::new(Barrier::new(2));
    let both = [(); 2].map(|()| {
        let barrier = Arc::clone(&barrier);
        thread::spawn(move || {
            barrier.wait();
            close_background()
        })
    });
    for thread in both {
        let report = thread.join().expect("the thread");
        assert_eq!(report.finished().len(), 1, "{report}");
        assert!(!report.is_in_progress());
    }
});

// A call in code that the shutdown waits for.
in_child!(a_call_during_the_end_is_served_by_a_fresh_one, || {
    let (sends, sent) = mpsc::channel();
    spawn(async move {
        cancelled().await;
        // The call is made on a plain thread, and on a thread of the runtime.
        let plain = thread::spawn(|| sync_call!(async { tokio::runtime::Handle::current().id() }));
        let plain = tokio::task::spawn_blocking(|| plain.join().expect("the thread"));
        let own = tokio::task::spawn_blocking(|| {
            sync_call!(async { tokio::runtime::Handle::current().id() })
        });
        let ids = (plain.await.expect("the work"), own.await.expect("the work"));
        sends.send((ids, tokio::runtime::Handle::current().id())).expect("the test");
    })
    .detach();
    sync_call!(sleep(Duration::from_millis(20)));
    assert_eq!(close_background().finished().len(), 1);
    let ((plain, own), closed) = sent.recv().expect("the task");
    assert_eq!(own, closed);
    assert_ne!(plain, closed);
    // The fresh runtime stays.
    assert_eq!(sync_call!(async { tokio::runtime::Handle::current().id() }), plain);
});
