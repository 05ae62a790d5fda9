//! Closing the background runtime in every context.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bridgehead::{
    CallError, Report, ThreadContext, cancelled, close_background, spawn, sync_call, to_thread,
    try_sync_call,
};
use bridgehead_tests::contexts::everywhere;
use tokio::runtime::Handle;
use tokio::time::sleep;

/// Spawns a task on the background runtime that sends when it is cancelled, after some clean-up.
fn start() -> mpsc::Receiver<()> {
    let (sends, sent) = mpsc::channel();
    let (begins, begun) = mpsc::channel();
    let task = async move {
        spawn(async move {
            // A task that has not begun when the shutdown is requested is dropped.
            begins.send(()).expect("the test");
            cancelled().await;
            sleep(Duration::from_millis(10)).await;
            sends.send(()).expect("the test");
        })
        .detach();
        tokio::task::yield_now().await;
    };
    thread::spawn(|| sync_call!(task)).join().expect("the thread");
    begun.recv().expect("the task");
    sent
}

/// The whole report, also if the shutdown goes on on another thread.
fn whole(report: Report) -> Report {
    if report.is_in_progress() {
        thread::spawn(close_background).join().expect("the thread")
    } else {
        report
    }
}

in_child!(
    #[cfg_attr(panic = "abort", ignore = "tokio may panic in a call whose runtime ends")]
    it_ends_wherever_it_is_closed,
    || {
        everywhere(|case| {
            let sent = start();
            let report = close_background();
            let must_not_wait = !case.context.may_block();
            let is_in_progress = report.is_in_progress();
            // The test may wait here, although that blocks a current-thread runtime.
            let whole = whole(report);
            assert_eq!(sent.try_recv(), Ok(()), "{}", case.name);
            assert_eq!(whole.finished().len(), 1, "{}: {whole}", case.name);
            assert!(!is_in_progress || must_not_wait, "{}", case.name);
            // A call in this context works as before. The exception is a fiber that is polled in a
            // call which the closed runtime served.
            let result = try_sync_call!(sleep(Duration::from_millis(1)));
            let is_interrupted = matches!(result, Err(CallError::Shutdown { .. }));
            assert!(
                result.is_ok() || is_interrupted && case.name.starts_with("fiber in"),
                "{}: {result:?}",
                case.name
            );
        });
    }
);

in_child!(its_own_threads_do_not_wait_for_themselves, || {
    let on_worker = sync_call!(async {
        let sent = start();
        let task = tokio::spawn(async { close_background() });
        (sent, task.await.expect("the task"))
    });
    assert!(on_worker.1.is_in_progress() && on_worker.1.to_string().contains("is being closed"));
    assert_eq!(whole(on_worker.1).finished().len(), 1);
    let sent = start();
    let (sends, report) = mpsc::channel();
    to_thread(move || sends.send(close_background()).expect("the test")).detach();
    let report = report.recv().expect("the work");
    assert!(report.is_in_progress());
    assert!(!whole(report).finished().is_empty());
    assert_eq!(sent.recv(), Ok(()));
});

#[cfg(unix)]
in_child!(in_a_forked_child_there_is_nothing_to_close, || {
    let sent = start();
    let before = sync_call!(async { Handle::current().id() });
    bridgehead_tests::system::in_forked_child(|| {
        let report = close_background();
        assert!(report.is_clean() && report.finished().is_empty() && !report.is_in_progress());
        // The child has a background runtime of its own.
        assert_ne!(sync_call!(async { Handle::current().id() }), before);
        spawn(std::future::pending::<()>()).detach();
        sync_call!(sleep(Duration::from_millis(10)));
        assert_eq!(close_background().dropped().len(), 1);
    });
    assert!(sent.try_recv().is_err());
    assert_eq!(close_background().finished().len(), 1);
    assert_eq!(sent.try_recv(), Ok(()));
});

// The parent forks while another thread of it closes.
#[cfg(unix)]
in_child!(a_fork_during_the_end_is_none_of_the_childs, || {
    spawn(async {
        cancelled().await;
        sleep(Duration::from_millis(300)).await;
    })
    .detach();
    sync_call!(sleep(Duration::from_millis(10)));
    let closes = thread::spawn(close_background);
    thread::sleep(Duration::from_millis(100));
    bridgehead_tests::system::in_forked_child(|| {
        assert!(close_background().finished().is_empty());
        sync_call!(sleep(Duration::from_millis(1)));
        assert!(!close_background().is_in_progress());
    });
    assert_eq!(closes.join().expect("the thread").finished().len(), 1);
});

in_child!(an_entrys_runtime_is_left_alone, || {
    let id = || sync_call!(async { Handle::current().id() });
    let background = id();
    bridgehead::run(async {
        assert_eq!(ThreadContext::current(), ThreadContext::BlockOn);
        // A call on a worker stays on the worker's runtime.
        let own = Handle::current().id();
        assert!(close_background().is_in_progress());
        assert_eq!(tokio::spawn(async move { id() }).await.expect("the task"), own);
    });
    assert_ne!(id(), background);
});
