//! What happens to the work on the background runtime when it is closed.

use std::future::pending;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{
    BackgroundError, Builder, CallError, cancelled, close_background, configure_background, fiber,
    spawn, spawn_fiber, sync_call, to_thread, try_sync_call,
};
use bridgehead_tests::message;
use tokio::runtime::Handle;
use tokio::time::sleep;

const MOMENT: Duration = Duration::from_millis(20);

/// A synchronous function, which hands off the worker that it is called on.
fn rest() {
    sync_call!(sleep(MOMENT));
}

fn id() -> tokio::runtime::Id {
    sync_call!(async { Handle::current().id() })
}

in_child!(each_task_is_given_time_or_dropped_and_named, || {
    let before = id();
    let (sends, sent) = mpsc::channel();
    let line = line!() + 1;
    spawn(async move {
        cancelled().await;
        // Timers and tasks still work in the grace period.
        sleep(MOMENT).await;
        tokio::spawn(async {}).await.expect("the task");
        sends.send("said goodbye").expect("the test");
    })
    .detach();
    spawn(pending::<()>()).detach();
    spawn(async { Err::<(), _>("the disk is full") }).detach();
    let work = to_thread(|| thread::sleep(5 * MOMENT));
    let on_fiber = spawn_fiber(|| sync_call!(pending::<()>()));
    sync_call!(sleep(MOMENT));
    let report = close_background();
    assert_eq!(sent.recv().as_deref(), Ok("said goodbye"));
    assert!(work.is_finished());
    assert!(
        report.finished().iter().any(|of| of.location.expect("a place").line() == line),
        "{report}"
    );
    assert_eq!((report.finished().len(), report.dropped().len()), (2, 2), "{report}");
    assert_eq!(report.failures()[0].message, "the disk is full");
    assert!(report.abandoned().is_empty() && !report.is_in_progress(), "{report}");
    assert!(report.to_string().starts_with("the background runtime has ended\n"), "{report}");
    assert_ne!(id(), before);
    drop(on_fiber);
});

in_child!(the_periods_are_those_that_it_was_configured_with, || {
    let builder = Builder::new().grace_period(MOMENT).shutdown_timeout(MOMENT);
    assert_eq!(configure_background(builder), Ok(()));
    spawn(async {
        cancelled().await;
        pending::<()>().await;
    })
    .detach();
    let (ends, end) = mpsc::channel::<()>();
    to_thread(move || while end.recv().is_ok() {}).detach();
    sync_call!(sleep(MOMENT));
    let begun = Instant::now();
    let report = close_background();
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    assert_eq!((report.timed_out().len(), report.abandoned().len()), (1, 1), "{report}");
    drop(ends);
});

in_child!(it_may_be_configured_anew_after_it_was_closed, || {
    let name = || {
        sync_call!(async {
            let name = tokio::spawn(async { thread::current().name().map(str::to_owned) });
            name.await.expect("the task").expect("a name")
        })
    };
    let named =
        |name: &str| configure_background(Builder::new().worker_threads(1).thread_name(name));
    assert_eq!(named("first"), Ok(()));
    assert_eq!(named("first"), Err(BackgroundError::Configured));
    assert_eq!(name(), "first");
    assert_eq!(named("second"), Err(BackgroundError::Started));
    let _ = close_background();
    // The configuration stays until it is replaced.
    assert_eq!(name(), "first");
    let _ = close_background();
    assert_eq!(named("second"), Ok(()));
    assert_eq!(named("third"), Err(BackgroundError::Configured));
    assert_eq!(name(), "second");
});

in_child!(a_call_that_waits_is_interrupted, || {
    id();
    let (begins, begun) = mpsc::channel();
    let other = begins.clone();
    let returns = thread::spawn(move || {
        begins.send(()).expect("the test");
        try_sync_call!(pending::<()>())
    });
    let panics = thread::spawn(move || {
        other.send(()).expect("the test");
        panic::catch_unwind(AssertUnwindSafe(|| sync_call!(pending::<()>())))
    });
    begun.recv().and_then(|()| begun.recv()).expect("both");
    thread::sleep(10 * MOMENT);
    assert!(close_background().is_clean());
    assert!(matches!(returns.join().expect("the thread"), Err(CallError::Shutdown { .. })));
    if cfg!(panic = "unwind") {
        let text = message(panics.join().expect("the thread").expect_err("a panic").as_ref());
        assert!(text.contains("ends.rs:") && text.contains("shutting down"), "{text}");
    }
});

in_child!(nothing_is_closed_where_nothing_was_started, || {
    for _ in 0..2 {
        let report = close_background();
        assert!(report.is_clean() && report.finished().is_empty() && report.dropped().is_empty());
        assert!(!report.is_in_progress());
    }
    let before = id();
    let _ = close_background();
    assert!(close_background().dropped().is_empty());
    assert_ne!(id(), before);
});

in_child!(what_is_abandoned_may_go_on_and_call, || {
    assert_eq!(configure_background(Builder::new().shutdown_timeout(MOMENT)), Ok(()));
    let (ends, end) = mpsc::channel::<()>();
    let (sends, sent) = mpsc::channel();
    to_thread(move || {
        let _ = end.recv();
        // The runtime of this work is gone, and a fresh one serves the call.
        sync_call!(sleep(MOMENT));
        sends.send(Handle::current().id() != id()).expect("the test");
    })
    .detach();
    sync_call!(sleep(MOMENT));
    assert_eq!(close_background().abandoned().len(), 1);
    drop(ends);
    assert_eq!(sent.recv(), Ok(true));
});

/// The outcome of a call with a time limit, on a fiber of an executor other than tokio's, when the
/// background runtime is closed during the call.
fn outcome_on_a_fiber(under_guard: bool) -> CallError {
    let (begins, begun) = mpsc::channel();
    let thread = thread::spawn(move || {
        let other = tokio::runtime::Runtime::new().expect("a runtime");
        let _guard = under_guard.then(|| other.enter());
        futures::executor::block_on(fiber(move || {
            begins.send(()).expect("the test");
            try_sync_call!(pending::<()>(), timeout = Duration::from_millis(600))
        }))
    });
    begun.recv().expect("the fiber");
    thread::sleep(10 * MOMENT);
    let _ = close_background();
    thread.join().expect("the thread").expect_err("it waits for ever")
}

in_child!(a_call_on_a_fiber_is_interrupted_if_it_is_served_there, || {
    assert!(matches!(outcome_on_a_fiber(false), CallError::Shutdown { .. }));
    // Only the call's timer belongs to the background runtime.
    assert!(outcome_on_a_fiber(true).is_timeout());
});

#[cfg(target_os = "linux")]
in_child!(no_thread_and_no_descriptor_is_left, || {
    use std::fs;

    let descriptors = || fs::read_dir("/proc/self/fd").expect("the list").count();
    let threads = || bridgehead_tests::system::count_threads(3);
    // The first cycle makes what exists once in a process: signal pipes, the list of threads.
    let cycle = || {
        spawn(pending::<()>()).detach();
        to_thread(|| thread::sleep(MOMENT)).detach();
        let socket = sync_call!(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a socket");
        sync_call!(async {
            tokio::spawn(async { rest() }).await.expect("the task");
        });
        drop(socket);
        // A thread that has ended after a call.
        thread::spawn(|| sync_call!(sleep(Duration::from_millis(1)))).join().expect("the thread");
        let report = close_background();
        assert!(report.is_clean(), "{report}");
    };
    cycle();
    let before = (threads(), descriptors());
    for _ in 0..10 {
        cycle();
        assert_eq!((threads(), descriptors()), before);
    }
});
