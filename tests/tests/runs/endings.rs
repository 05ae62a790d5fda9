//! Calls while something ends: a runtime, a task, a thread, or a parent process after a fork.

use std::cell::RefCell;
use std::future::{pending, poll_fn, ready};
use std::mem;
use std::panic;
use std::pin::pin;
use std::process;
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use bridgehead::{
    CallError, Flavor, RunError, Runner, ThreadContext, cancelled, spawn, sync_call, try_run,
    try_sync_call,
};
use bridgehead_tests::contexts::{Job, multi, single};
use bridgehead_tests::{DEADLINE, child, system, within};
use futures::poll;
use tokio::sync::Semaphore;
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(5);

/// Makes a call when it is dropped, and sends the context that it was in.
struct CallsOnDrop(mpsc::Sender<ThreadContext>);

impl Drop for CallsOnDrop {
    fn drop(&mut self) {
        let context = ThreadContext::current();
        sync_call!(sleep(SHORT));
        self.0.send(context).expect("the test listens");
    }
}

/// A future that owns such a value. It makes a call, which registers the runtime, adds a permit,
/// and then never completes.
async fn never_returns(guard: CallsOnDrop, waiting: Arc<Semaphore>) {
    let _guard = guard;
    sync_call!(sleep(SHORT), allow_async);
    waiting.add_permits(1);
    pending::<()>().await;
}

/// Waits until `count` such futures have added their permits.
async fn all_wait(count: u32, waiting: &Semaphore) {
    waiting.acquire_many(count).await.expect("it isn't closed").forget();
}

#[test]
fn the_drop_of_a_leftover_task_may_call_when_our_own_runtime_ends() {
    for flavor in [Flavor::MultiThread, Flavor::CurrentThread, Flavor::Local] {
        within("own", move || {
            let (send, receive) = mpsc::channel();
            bridgehead::Builder::new().flavor(flavor).run(async {
                let waiting = Arc::new(Semaphore::new(0));
                for _ in 0..3 {
                    tokio::spawn(never_returns(CallsOnDrop(send.clone()), Arc::clone(&waiting)));
                }
                all_wait(3, &waiting).await;
            });
            for _ in 0..3 {
                assert_eq!(receive.recv(), Ok(ThreadContext::RuntimeGone), "{flavor:?}");
            }
        });
    }
}

#[test]
fn the_drop_of_a_leftover_task_may_call_when_a_foreign_current_thread_runtime_ends() {
    within("foreign", || {
        let (send, receive) = mpsc::channel();
        let runtime = single();
        let waiting = Arc::new(Semaphore::new(0));
        for _ in 0..3 {
            runtime.spawn(never_returns(CallsOnDrop(send.clone()), Arc::clone(&waiting)));
        }
        runtime.block_on(all_wait(3, &waiting));
        drop(runtime);
        for _ in 0..3 {
            assert_eq!(receive.recv(), Ok(ThreadContext::RuntimeGone));
        }
    });
}

/// The call can't find out in time that this runtime ends. It has to panic with its location, and
/// must not hang.
#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn the_drop_of_a_leftover_task_is_located_when_a_foreign_multi_thread_runtime_ends() {
    const NAME: &str =
        "the_drop_of_a_leftover_task_is_located_when_a_foreign_multi_thread_runtime_ends";
    if child::is_child(NAME) {
        let (send, _receive) = mpsc::channel();
        let runtime = multi(1);
        // tokio drops the tasks in an order of its own. With so many, some are dropped before the
        // task of this crate that detects the end.
        let (gate, waiting) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        for _ in 0..5 {
            let (gate, waiting) = (Arc::clone(&gate), Arc::clone(&waiting));
            let guard = CallsOnDrop(send.clone());
            runtime.spawn(async move {
                let _permit = gate.acquire().await;
                never_returns(guard, waiting).await;
            });
        }
        gate.add_permits(5);
        runtime.block_on(all_wait(5, &waiting));
        return drop(runtime);
    }
    let output = child::run(NAME);
    let text = child::stderr(&output);
    assert!(
        text.contains("endings.rs:") && text.contains("runtime that is shutting down"),
        "{text}"
    );
}

#[test]
fn the_drop_of_an_aborted_task_may_call() {
    within("abort", || {
        for runtime in [multi(1), single()] {
            let (send, receive) = mpsc::channel();
            runtime.block_on(async {
                let waiting = Arc::new(Semaphore::new(0));
                let task = tokio::spawn(never_returns(CallsOnDrop(send), Arc::clone(&waiting)));
                all_wait(1, &waiting).await;
                task.abort();
                assert!(task.await.expect_err("the abort").is_cancelled());
            });
            let context = receive.recv().expect("the drop");
            assert!(matches!(context, ThreadContext::Worker | ThreadContext::Driver), "{context}");
        }
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_drop_may_call_while_its_thread_unwinds() {
    within("unwind", || {
        for runtime in [multi(1), single()] {
            let (send, receive) = mpsc::channel();
            let task = runtime.spawn(async {
                let _guard = CallsOnDrop(send);
                panic!("of the test");
            });
            assert!(runtime.block_on(task).expect_err("the panic").is_panic());
            receive.recv().expect("the drop");
        }
    });
}

#[test]
fn blocking_work_may_call_after_its_runtime_has_ended() {
    within("blocking", || {
        for runtime in [multi(1), single()] {
            let (send, receive) = mpsc::channel();
            let (started, start) = tokio::sync::oneshot::channel();
            let (ended, end) = mpsc::channel::<()>();
            runtime.spawn_blocking(move || {
                sync_call!(sleep(SHORT));
                started.send(()).expect("the test listens");
                let _ = end.recv();
                sync_call!(sleep(SHORT));
                send.send(ThreadContext::current()).expect("the test listens");
            });
            runtime.block_on(start).expect("the work began");
            runtime.shutdown_timeout(SHORT);
            drop(ended);
            assert_eq!(receive.recv(), Ok(ThreadContext::RuntimeGone));
        }
    });
}

/// A run with a short shutdown timeout.
fn brief() -> bridgehead::Builder {
    bridgehead::Builder::new().shutdown_timeout(SHORT)
}

/// Calls without an end must not keep the run from ending.
#[test]
fn calls_that_wait_are_released_when_their_runtime_ends() {
    within("released", || {
        let (send, receive) = mpsc::channel();
        let runs: [fn(Job); 2] = [
            |work| drop(tokio::task::spawn_blocking(work)),
            |work| drop(tokio::spawn(async { work() })),
        ];
        for start in runs {
            let (begun, begins) = tokio::sync::oneshot::channel();
            let send = send.clone();
            let work = move || {
                let mut begun = Some(begun);
                // It is sent in a poll: a later call would be served by another runtime.
                let waits = poll_fn(|_| {
                    if let Some(begun) = begun.take() {
                        begun.send(()).expect("the run waits");
                    }
                    Poll::<()>::Pending
                });
                send.send(try_sync_call!(waits)).expect("the test listens");
            };
            brief().run(async {
                start(Box::new(work));
                begins.await.expect("the work");
            });
            let error = receive.recv().expect("the outcome").expect_err("the end");
            assert!(matches!(error, CallError::Shutdown { .. }), "{error:?}");
            assert!(error.to_string().contains("endings.rs"), "{error}");
        }
    });
}

/// tokio closes the blocking pool first. So no thread takes over the worker, and the runtime is
/// never shut down unless the call returns.
#[test]
fn a_call_that_begins_to_wait_just_when_its_runtime_ends_is_released() {
    within("released", || {
        let runtime = multi(1);
        let (begun, begins) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let (send, receive) = mpsc::channel();
        runtime.spawn(async move {
            let mut is_first = true;
            let outcome = try_sync_call!(
                poll_fn(|_| {
                    if mem::take(&mut is_first) {
                        begun.send(()).expect("the test listens");
                        ended.recv().expect("the end");
                    }
                    Poll::<()>::Pending
                }),
                allow_async
            );
            send.send(outcome).expect("the test listens");
        });
        begins.recv().expect("the call");
        runtime.shutdown_background();
        end.send(()).expect("the call");
        let error = receive.recv().expect("the outcome").expect_err("the end");
        assert!(matches!(error, CallError::Shutdown { .. }), "{error:?}");
    });
}

/// This includes a call that waits for nothing of the runtime's.
#[test]
fn a_call_that_waits_when_its_run_ends_is_interrupted() {
    within("interrupted", || {
        let (send, receive) = mpsc::channel();
        let (_answer, wait) = tokio::sync::oneshot::channel::<()>();
        bridgehead::run(async {
            let (begun, begins) = tokio::sync::oneshot::channel();
            drop(tokio::task::spawn_blocking(move || {
                let waits = async {
                    begun.send(()).expect("main waits for it");
                    wait.await
                };
                send.send(try_sync_call!(waits)).expect("the test listens");
            }));
            begins.await.expect("the call");
        });
        let outcome = receive.recv().expect("the outcome");
        assert!(matches!(outcome, Err(CallError::Shutdown { .. })), "{outcome:?}");
    });
}

thread_local! {
    static EARLY: RefCell<Option<AtThreadEnd>> = const { RefCell::new(None) };
    static LATE: RefCell<Option<AtThreadEnd>> = const { RefCell::new(None) };
}

struct AtThreadEnd(Box<dyn FnMut()>);

impl Drop for AtThreadEnd {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Thread-local values are dropped in reverse order of their first use, so a value that is set
/// before tokio is used is dropped after tokio's state.
fn at_thread_end(before_tokio_ends: impl FnMut() + 'static, after: impl FnMut() + 'static) {
    EARLY.set(Some(AtThreadEnd(Box::new(after))));
    // Registers the thread-local state of tokio and of this crate.
    sync_call!(sleep(SHORT));
    LATE.set(Some(AtThreadEnd(Box::new(before_tokio_ends))));
}

#[test]
fn a_thread_that_ends_may_call_what_needs_no_tokio() {
    within("thread end", || {
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            let later = send.clone();
            at_thread_end(
                move || {
                    sync_call!(sleep(SHORT));
                    send.send(ThreadContext::current()).expect("the test listens");
                },
                move || {
                    assert_eq!(sync_call!(ready(3)), 3);
                    let (answer, wait) = tokio::sync::oneshot::channel();
                    thread::spawn(move || answer.send(4));
                    assert_eq!(sync_call!(wait), Ok(4));
                    let refused: Result<u32, _> = try_sync_call!({
                        unreachable!("evaluated");
                        #[expect(unreachable_code, reason = "that is the test")]
                        ready(1)
                    });
                    assert!(matches!(refused, Err(CallError::ThreadExiting { .. })), "{refused:?}");
                    later.send(ThreadContext::current()).expect("the test listens");
                },
            );
        });
        assert_eq!(receive.recv(), Ok(ThreadContext::Plain));
        assert_eq!(receive.recv(), Ok(ThreadContext::ThreadExiting));
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "its process ends in a way of its own")]
fn a_thread_that_ends_reports_where_it_called_what_needs_tokio() {
    const NAME: &str = "a_thread_that_ends_reports_where_it_called_what_needs_tokio";
    if child::is_child(NAME) {
        let thread = thread::spawn(|| at_thread_end(|| (), || sync_call!(sleep(SHORT))));
        let _ = thread.join();
        return;
    }
    let output = child::run(NAME);
    assert!(!output.status.success(), "{}", output.status);
    let text = child::stderr(&output);
    assert!(text.contains("endings.rs:") && text.contains("`bridgehead::on_background`"), "{text}");
}

/// A panic can't unwind here, through the frames of the system: std aborts, and reports that the
/// panic failed to begin.
#[test]
#[cfg_attr(panic = "abort", ignore = "its process ends in a way of its own")]
fn an_exit_handler_reports_where_it_called_what_needs_tokio() {
    const NAME: &str = "an_exit_handler_reports_where_it_called_what_needs_tokio";
    extern "C" fn handler() {
        assert_eq!(sync_call!(ready(3)), 3);
        sync_call!(sleep(SHORT));
    }
    if child::is_child(NAME) {
        system::on_bare_thread(|| {
            sync_call!(sleep(SHORT));
            system::at_exit(handler);
            process::exit(0);
        });
    }
    let output = child::run(NAME);
    assert!(!output.status.success(), "{}", output.status);
    let text = child::stderr(&output);
    assert!(text.contains("endings.rs:") && text.contains("`bridgehead::on_background`"), "{text}");
    assert_eq!(text.matches("`bridgehead::on_background`").count(), 1, "{text}");
}

/// The hook that the program has set is called as well.
#[test]
#[cfg_attr(panic = "abort", ignore = "its process ends in a way of its own")]
fn a_thread_that_ends_reports_it_whatever_hook_the_program_has() {
    const NAME: &str = "a_thread_that_ends_reports_it_whatever_hook_the_program_has";
    if child::is_child(NAME) {
        let part = child::part();
        if part != "later" {
            panic::set_hook(Box::new(|_| eprintln!("the program's hook")));
        }
        let thread = thread::spawn(move || {
            at_thread_end(
                || (),
                move || {
                    if part == "later" {
                        // The first call sets this crate's hook, and the program's replaces it.
                        sync_call!(ready(1));
                        panic::set_hook(Box::new(|_| eprintln!("the program's hook")));
                    }
                    sync_call!(sleep(SHORT));
                },
            );
        });
        let _ = thread.join();
        return;
    }
    for part in ["before", "later"] {
        let text = child::run_part(NAME, part, DEADLINE).stderr;
        assert!(text.contains("the program's hook"), "{part}: {text}");
        assert_eq!(text.matches("`bridgehead::on_background`").count(), 1, "{part}: {text}");
    }
}

/// As a runner in a `thread_local!` does.
#[test]
fn a_thread_that_ends_may_close_and_drop_a_runner() {
    const NAME: &str = "a_thread_that_ends_may_close_and_drop_a_runner";
    if child::is_child(NAME) {
        for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
            let (send, receive) = mpsc::channel();
            let runners = [(); 2].map(|()| says_goodbye(flavor, &send));
            let ends = thread::spawn(move || {
                at_thread_end(
                    || (),
                    move || {
                        assert_eq!(ThreadContext::current(), ThreadContext::ThreadExiting);
                        assert_eq!(runners[0].close().finished().len(), 1);
                    },
                );
            });
            ends.join().expect("the thread");
            drop(send);
            assert_eq!(receive.iter().count(), 2);
        }
        return;
    }
    let output = child::run(NAME);
    child::assert_success(NAME, &output);
}

fn says_goodbye(flavor: Flavor, send: &mpsc::Sender<()>) -> Runner {
    let runner = Runner::builder().flavor(flavor).build();
    let send = send.clone();
    runner.run(async {
        let waiting = Arc::new(Semaphore::new(0));
        let waits = Arc::clone(&waiting);
        spawn(async move {
            let mut closes = pin!(cancelled());
            assert!(poll!(closes.as_mut()).is_pending());
            waits.add_permits(1);
            closes.await;
            sleep(SHORT).await;
            send.send(()).expect("the test listens");
        })
        .detach();
        all_wait(1, &waiting).await;
    });
    runner
}

#[test]
fn a_run_where_its_thread_ends_is_an_error() {
    const NAME: &str = "a_run_where_its_thread_ends_is_an_error";
    if child::is_child(NAME) {
        let (unused, used) = (Runner::new(), Runner::new());
        used.run(async {});
        let ends = thread::spawn(move || {
            at_thread_end(
                || (),
                move || {
                    let line = line!() + 1;
                    let error = try_run(async {}).expect_err("the end");
                    assert!(matches!(error, RunError::ThreadExiting { .. }), "{error:?}");
                    assert_eq!(error.location().line(), line);
                    assert!(error.to_string().contains("`bridgehead::on_background`"), "{error}");
                    let refused = [
                        unused.try_run(async {}),
                        used.try_run(async {}),
                        unused.handle().map(drop),
                    ];
                    for error in refused.map(|refused| refused.expect_err("the end")) {
                        assert!(matches!(error, RunError::ThreadExiting { .. }), "{error:?}");
                    }
                    let refused = sync_call!(unused.spawn(ready(1))).expect_err("the end");
                    assert!(refused.to_string().contains("endings.rs"), "{refused}");
                    // This runner has a runtime.
                    assert_eq!(sync_call!(used.spawn(ready(1))).expect("the task"), 1);
                },
            );
        });
        ends.join().expect("the thread");
        return;
    }
    child::assert_success(NAME, &child::run(NAME));
}
