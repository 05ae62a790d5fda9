//! `on = …`: the user chooses the runtime that serves a call.

use std::cell::Cell;
use std::future;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bridgehead::{Builder, CallError, Flavor, Runner, background, sync_call, try_sync_call};
use bridgehead_tests::contexts::{everywhere, everywhere_at_once, multi, single};
use bridgehead_tests::within;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(2);

/// A client whose connection is driven by a task, as in most libraries.
#[derive(Clone)]
struct Client(mpsc::Sender<(u32, oneshot::Sender<u32>)>);

impl Client {
    /// Spawns the connection's task on the current runtime.
    async fn connect() -> Self {
        sleep(SHORT).await;
        let (send, mut requests) = mpsc::channel::<(u32, oneshot::Sender<u32>)>(8);
        tokio::spawn(async move {
            while let Some((number, answer)) = requests.recv().await {
                sleep(SHORT).await;
                let _ = answer.send(2 * number);
            }
        });
        Self(send)
    }

    async fn double(&self, number: u32) -> u32 {
        let not_send = Rc::new(());
        let (send, answer) = oneshot::channel();
        self.0.send((number, send)).await.expect("the connection");
        drop(not_send);
        answer.await.expect("an answer")
    }
}

fn current_thread() -> Runner {
    Runner::builder().flavor(Flavor::CurrentThread).build()
}

#[test]
fn a_call_is_served_by_the_background_runtime_wherever_it_is_made() {
    let client = within("connect", || sync_call!(Client::connect(), on = "background"));
    everywhere(move |_| {
        assert_eq!(sync_call!(client.double(4), on = "background"), 8);
        let id = sync_call!(async { Handle::current().id() }, on = "background");
        assert_eq!(id, background().expect("the handle").id());
    });
}

#[test]
fn a_call_is_served_by_the_runtime_of_a_handle() {
    let runtime = multi(1);
    let handle = runtime.handle().clone();
    everywhere(move |_| {
        let client = sync_call!(Client::connect(), on = handle);
        assert_eq!(sync_call!(client.double(4), on = &handle), 8);
        assert_eq!(
            try_sync_call!(async { Handle::current().id() }, on = handle).unwrap(),
            handle.id()
        );
    });
    drop(runtime);
}

#[test]
fn a_call_is_served_by_a_runner() {
    for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
        let runner = Arc::new(Builder::new().worker_threads(1).flavor(flavor).build());
        let id = runner.handle().expect("a runtime").id();
        everywhere(move |_| {
            let client = sync_call!(Client::connect(), on = runner);
            assert_eq!(sync_call!(client.double(4), on = &*runner), 8);
            assert_eq!(try_sync_call!(async { Handle::current().id() }, on = runner).unwrap(), id);
        });
    }
}

#[test]
fn a_current_thread_runner_serves_many_threads_at_once() {
    let runner = Arc::new(current_thread());
    let client = sync_call!(Client::connect(), on = runner);
    everywhere_at_once(move |_| {
        for number in 0..20 {
            assert_eq!(sync_call!(client.double(number), on = runner), 2 * number);
        }
    });
}

#[test]
fn the_current_runtime_is_what_it_was_before_after_the_call() {
    let runtime = multi(1);
    let handle = runtime.handle().clone();
    everywhere(move |_| {
        let current = || Handle::try_current().map(|handle| handle.id()).ok();
        // On a fiber a runtime is current from the first call on.
        sync_call!(async {});
        let before = current();
        sync_call!(sleep(SHORT), on = handle);
        assert_eq!(current(), before);
        let in_nested = sync_call!(
            async {
                // The chosen runtime serves a nested call, too.
                sync_call!(sleep(SHORT), allow_async);
                sync_call!(async { current() }, allow_async)
            },
            on = handle
        );
        assert_eq!(in_nested, Some(handle.id()));
        assert_eq!(
            sync_call!(
                async { sync_call!(sleep(SHORT), on = "background", allow_async) },
                on = handle
            ),
            ()
        );
        assert_eq!(current(), before);
    });
    drop(runtime);
}

#[test]
fn a_call_has_its_timeout() {
    let runner = Arc::new(current_thread());
    everywhere(move |_| {
        let never = try_sync_call!(future::pending::<()>(), on = runner, timeout = "5ms");
        assert!(never.is_err_and(|error| error.is_timeout()));
        let never = try_sync_call!(future::pending::<()>(), on = "background", timeout = "5ms");
        assert!(never.is_err_and(|error| error.is_timeout()));
    });
}

#[test]
fn a_runtime_that_has_ended_is_an_error_before_anything_is_evaluated() {
    let gone = multi(1).handle().clone();
    let closed = Arc::new(Runner::new());
    let _ = closed.close();
    everywhere(move |_| {
        let evaluated = Cell::new(false);
        let evaluate = || {
            evaluated.set(true);
            future::ready(())
        };
        let refused = try_sync_call!(evaluate(), on = gone);
        assert!(matches!(refused, Err(CallError::Shutdown { .. })), "{refused:?}");
        let refused = try_sync_call!(evaluate(), on = closed);
        assert!(matches!(refused, Err(CallError::Shutdown { .. })), "{refused:?}");
        assert!(!evaluated.get());
    });
}

#[test]
fn a_runner_that_is_closed_interrupts_the_calls_that_it_serves() {
    for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
        everywhere(move |_| {
            let runner =
                Builder::new().worker_threads(1).flavor(flavor).grace_period(SHORT).build();
            let runner = Arc::new(runner);
            let shared = Arc::clone(&runner);
            let closer = thread::spawn(move || {
                thread::sleep(10 * SHORT);
                shared.close()
            });
            let waits = try_sync_call!(future::pending::<()>(), on = runner);
            assert!(matches!(waits, Err(CallError::Shutdown { .. })), "{waits:?}");
            assert!(!closer.join().expect("the closer").is_in_progress());
        });
    }
}

#[test]
fn a_handle_of_a_runtime_that_no_thread_drives_is_a_stall() {
    everywhere(|_| {
        let runtime = single();
        let handle = runtime.handle();
        let waits =
            try_sync_call!(sleep(SHORT), on = handle, stall_after = "20ms", on_stall = "panic");
        assert!(matches!(waits, Err(CallError::Stalled { .. })), "{waits:?}");
        runtime.shutdown_background();
    });
}

#[test]
fn other_tasks_go_on_while_a_call_of_theirs_is_served_elsewhere() {
    within("a worker that is alone", || {
        let runtime = multi(1);
        let (send, receive) = oneshot::channel();
        let task =
            runtime.spawn(async move { sync_call!(receive, on = "background", allow_async) });
        thread::sleep(10 * SHORT);
        runtime.spawn(async move { send.send(7) });
        assert_eq!(runtime.block_on(task).expect("the task"), Ok(7));
    });
    #[cfg(not(any(miri, thread_sanitizer)))]
    within("a fiber", || {
        single().block_on(async {
            let (send, receive) = oneshot::channel();
            let waits = bridgehead::fiber(|| sync_call!(receive, on = "background"));
            let (answer, _) = tokio::join!(waits, async { send.send(7) });
            assert_eq!(answer, Ok(7));
        });
    });
}
