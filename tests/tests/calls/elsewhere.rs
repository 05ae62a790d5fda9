//! `on_background`: a future that runs on the background runtime's own threads, for a thread that
//! can't use tokio.

use std::cell::RefCell;
use std::panic;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bridgehead::{
    Builder, CallError, ThreadContext, configure_background, on_background, sync_call,
};
use bridgehead_tests::contexts::{everywhere, in_task, multi, single};
use bridgehead_tests::{child, message, within};
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(2);

/// A future that needs tokio's timers and tasks.
async fn double(number: u32) -> u32 {
    sleep(SHORT).await;
    tokio::spawn(async move { 2 * number }).await.expect("the task")
}

#[test]
fn it_runs_on_a_thread_of_the_background_runtime_wherever_it_is_called() {
    everywhere(|_| {
        let here = thread::current().id();
        let there = on_background(async move {
            assert_eq!(double(2).await, 4);
            thread::current().id()
        });
        assert_ne!(there.expect("no error"), here);
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_panic_is_passed_on() {
    everywhere(|_| {
        let call = || on_background(async { panic!("of the future") });
        let payload = panic::catch_unwind(call).expect_err("the panic");
        assert_eq!(message(payload.as_ref()), "of the future");
    });
}

thread_local! {
    static LATER: RefCell<Option<AtThreadEnd>> = const { RefCell::new(None) };
}

struct AtThreadEnd(Box<dyn FnMut()>);

impl Drop for AtThreadEnd {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Runs `job` on a thread that is ending, after tokio's own thread-local state is gone there.
fn after_tokio<T: Send + 'static>(job: fn() -> T) -> T {
    let (send, receive) = mpsc::channel();
    let thread = thread::spawn(move || {
        // Registered before tokio's thread-local state, and so dropped after it.
        LATER.set(Some(AtThreadEnd(Box::new(move || {
            assert_eq!(ThreadContext::current(), ThreadContext::ThreadExiting);
            send.send(job()).expect("the test listens");
        }))));
        // Initialises tokio's thread-local state, but not the background runtime.
        assert!(tokio::runtime::Handle::try_current().is_err());
        let _ = tokio::task::try_id();
        drop(tokio::runtime::Builder::new_current_thread().build().expect("a runtime").enter());
    });
    thread.join().expect("the thread");
    receive.recv().expect("its answer")
}

#[test]
fn a_thread_that_ends_may_use_it_where_a_call_can_not_have_tokio() {
    within("after tokio", || {
        sync_call!(sleep(SHORT));
        assert_eq!(after_tokio(|| on_background(double(3)).expect("no error")), 6);
    });
}

/// The threads of a runtime end with it, and are plain threads then.
#[test]
fn the_threads_of_a_runtime_may_call_when_they_end() {
    within("threads of a runtime", || {
        let (send, receive) = mpsc::channel();
        let calls_at_its_end = || {
            let send = send.clone();
            move || {
                LATER.set(Some(AtThreadEnd(Box::new(move || {
                    let context = ThreadContext::current();
                    sync_call!(sleep(SHORT));
                    let doubled = on_background(double(4)).expect("no error");
                    send.send((context, doubled)).expect("the test listens");
                }))));
            }
        };
        let (workers, driver) = (multi(1), single());
        in_task(&workers, Box::new(calls_at_its_end()));
        for runtime in [&workers, &driver] {
            runtime.block_on(runtime.spawn_blocking(calls_at_its_end())).expect("the work");
        }
        drop((workers, driver));
        for _ in 0..3 {
            assert_eq!(receive.recv(), Ok((ThreadContext::Plain, 8)));
        }
    });
}

#[test]
fn a_thread_that_ends_may_start_the_background_runtime() {
    const NAME: &str = "a_thread_that_ends_may_start_the_background_runtime";
    if child::is_child(NAME) {
        assert_eq!(after_tokio(|| on_background(double(3)).expect("no error")), 6);
        return;
    }
    child::assert_success(NAME, &child::run(NAME));
}

#[test]
fn what_the_background_runtime_lacks_is_an_error() {
    const NAME: &str = "what_the_background_runtime_lacks_is_an_error";
    if child::is_child(NAME) {
        configure_background(Builder::new().worker_threads(0)).expect("it is not looked at yet");
        let line = line!() + 1;
        let error = on_background(double(3)).expect_err("no workers");
        assert!(matches!(error, CallError::Runtime { .. }), "{error}");
        assert_eq!(error.location().line(), line);
        assert!(error.to_string().contains("worker_threads"), "{error}");
        assert!(after_tokio(|| on_background(double(3))).is_err());
        return;
    }
    child::assert_success(NAME, &child::run(NAME));
}
