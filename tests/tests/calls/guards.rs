//! `enter()`: values that are made between calls have a current runtime.

use std::time::Duration;

use bridgehead::{ThreadContext, enter, io, iter, sync_call};
use bridgehead_tests::contexts::{everywhere, single};
use bridgehead_tests::within;
use futures::stream;
use tokio::runtime::Handle;
use tokio::time::interval;

const SHORT: Duration = Duration::from_millis(2);

/// Spawns a task when it is dropped, as a pooled connection does.
struct SpawnsInDrop;

impl Drop for SpawnsInDrop {
    fn drop(&mut self) {
        tokio::spawn(async {});
    }
}

#[test]
fn what_is_built_under_the_guard_makes_progress_in_calls() {
    everywhere(|_| {
        let ticks = {
            let _runtime = enter();
            let mut interval = interval(SHORT);
            stream::poll_fn(move |cx| interval.poll_tick(cx).map(Some))
        };
        assert_eq!(iter(ticks).take(3).count(), 3);

        let (mut reader, mut writer) = {
            let _runtime = enter();
            let (here, there) = std::os::unix::net::UnixStream::pair().expect("a pair");
            let [here, there] = [here, there].map(|stream| {
                stream.set_nonblocking(true).expect("a socket");
                io(tokio::net::UnixStream::from_std(stream).expect("a runtime"))
            });
            (here, there)
        };
        std::io::Write::write_all(&mut writer, b"hello").expect("no error");
        let mut read = [0; 5];
        std::io::Read::read_exact(&mut reader, &mut read).expect("no error");
        assert_eq!(&read, b"hello");
    });
}

#[test]
fn calls_and_tasks_under_the_guard_work() {
    everywhere(|case| {
        let guard = enter();
        let id = Handle::current().id();
        assert_eq!(sync_call!(async { Handle::current().id() }), id, "{}", case.name);
        let task = tokio::spawn(async { 7 });
        assert_eq!(sync_call!(task).expect("the task"), 7);
        sync_call!(tokio::time::sleep(SHORT));
        drop(SpawnsInDrop);
        {
            let _inner = enter();
            assert_eq!(Handle::current().id(), id);
        }
        drop(guard);
        sync_call!(tokio::time::sleep(SHORT));
    });
}

#[test]
fn the_runtime_is_the_one_that_would_serve_a_call() {
    everywhere(|case| {
        let would_serve = sync_call!(async { Handle::current().id() });
        let _runtime = enter();
        assert_eq!(Handle::current().id(), would_serve, "{}", case.name);
    });
}

#[test]
fn a_thread_that_polls_nothing_may_still_start_a_run() {
    within("a run under the guard", || {
        let _runtime = enter();
        assert_eq!(ThreadContext::current(), ThreadContext::Entered);
        assert_eq!(bridgehead::run(async { 7 }), 7);
    });
    within("a run under a guard on a thread that drives a runtime", || {
        single().block_on(async {
            let _runtime = enter();
            assert_eq!(ThreadContext::current(), ThreadContext::InCall);
            assert!(bridgehead::try_run(async { 7 }).is_err());
        });
    });
}

#[test]
fn what_an_adapter_has_is_dropped_with_a_runtime_current() {
    within("a drop", || {
        let stream = {
            let _runtime = enter();
            let spawns = SpawnsInDrop;
            stream::poll_fn(move |_| {
                let _ = &spawns;
                std::task::Poll::Ready(Some(()))
            })
        };
        // Made under no guard, and polled once.
        let mut polled = iter(stream);
        polled.next();
        drop(polled);
        let never_polled = {
            let _runtime = enter();
            io(SpawnsInDrop)
        };
        drop(never_polled);
    });
}
