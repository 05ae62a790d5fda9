//! Fibers: what their calls wait for, and which tasks make progress meanwhile.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::panic;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{
    Builder, CallError, Flavor, Runner, ThreadContext, fiber, fiber_future, sync_call,
    try_sync_call,
};
use bridgehead_tests::contexts::single;
use bridgehead_tests::{Outcome, message, outcome, within};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{self, LocalSet, yield_now};
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(5);
/// A case that has not ended by then hangs.
const CONTROL: Duration = Duration::from_secs(2);

/// A synchronous function, `depth` frames deep, which waits for a task of the runtime that the
/// thread drives.
fn ask(task: task::JoinHandle<u32>, depth: u32) -> u32 {
    match depth {
        0 => sync_call!(task).expect("the task"),
        _ => ask(task, depth - 1),
    }
}

fn ask_a_task() -> u32 {
    ask(tokio::spawn(async { 7 }), 10)
}

fn current_thread() -> Builder {
    Builder::new().flavor(Flavor::CurrentThread)
}

#[bridgehead::test(fiber = true)]
async fn a_call_that_needs_its_own_runtime() {
    assert_eq!(ask_a_task(), 7);
    assert_eq!(ThreadContext::current(), ThreadContext::Fiber);
}

#[bridgehead::test(flavor = "local", fiber = true, fiber_stack_size = 512 * 1024, timeout = "20s")]
async fn a_call_that_needs_its_own_local_runtime() {
    assert_eq!(ask_a_task(), 7);
    let local = Rc::new(5);
    assert_eq!(
        sync_call!(task::spawn_local(async move { *local }), allow_async).expect("the task"),
        5
    );
}

#[test]
fn without_the_option_it_hangs() {
    let control = outcome(CONTROL, || current_thread().run(async { ask_a_task() }));
    assert!(matches!(control, Outcome::Hung), "{control:?}");
    within("with it", || {
        assert_eq!(current_thread().fiber(true).run(async { ask_a_task() }), 7);
        let runner = current_thread().fiber(true).build();
        assert_eq!(runner.run(async { ask_a_task() }), 7);
        assert_eq!(runner.run(async { ask_a_task() }), 7);
        assert!(runner.close().is_clean());
    });
}

#[test]
fn a_future_that_borrows_runs_on_a_fiber() {
    within("the run", || {
        let mut text = String::from("a");
        let borrowed = &mut text;
        current_thread().fiber(true).run(async {
            let pushed = tokio::spawn(async { 'b' });
            borrowed.push(sync_call!(pushed, allow_async).expect("the task"));
        });
        assert_eq!(text, "ab");
    });
}

#[test]
fn the_option_is_refused_where_there_are_workers() {
    let error = Builder::new().fiber(true).try_run(async {}).expect_err("the flavor");
    assert!(error.to_string().contains("`fiber` needs the flavor"), "{error}");
}

#[test]
fn the_others_go_on_meanwhile() {
    within("the run", || {
        single().block_on(async {
            let ticks = Cell::new(0);
            let (send, receive) = oneshot::channel();
            let waits = fiber(move || sync_call!(receive).expect("the number"));
            let others = async {
                for _ in 0..5 {
                    sleep(Duration::from_millis(1)).await;
                    ticks.set(ticks.get() + 1);
                }
                tokio::spawn(async move { send.send(9).expect("the fiber waits") })
                    .await
                    .expect("the task");
            };
            let (number, ()) = tokio::join!(waits, others);
            assert_eq!((number, ticks.get()), (9, 5));
        });
    });
}

#[test]
fn a_thousand_wait_for_each_other() {
    const COUNT: usize = 1000;
    within("the run", || {
        let barrier = Arc::new(tokio::sync::Barrier::new(COUNT));
        let meet = move |barrier: Arc<tokio::sync::Barrier>| {
            sync_call!(sleep(SHORT));
            usize::from(sync_call!(barrier.wait()).is_leader())
        };
        single().block_on(LocalSet::new().run_until(async {
            let tasks: Vec<_> = (0..COUNT)
                .map(|_| {
                    let barrier = Arc::clone(&barrier);
                    task::spawn_local(fiber(move || meet(barrier)))
                })
                .collect();
            let mut leaders = 0;
            for task in tasks {
                leaders += task.await.expect("the task");
            }
            assert_eq!(leaders, 1);
        }));
    });
}

#[test]
fn a_ready_call_takes_part_in_the_budget_of_its_task() {
    within("the run", || {
        single().block_on(LocalSet::new().run_until(async {
            let (send, mut receive) = mpsc::unbounded_channel();
            for number in 0..1000 {
                send.send(number).expect("it listens");
            }
            let turns = Rc::new(Cell::new(0));
            let counted = Rc::clone(&turns);
            let other = task::spawn_local(async move {
                loop {
                    counted.set(counted.get() + 1);
                    yield_now().await;
                }
            });
            let busy = task::spawn_local(fiber(move || {
                for _ in 0..1000 {
                    sync_call!(receive.recv()).expect("a number");
                }
            }));
            busy.await.expect("the fiber");
            other.abort();
            // The fiber yields when its budget of 128 operations is spent.
            assert!((5..100).contains(&turns.get()), "{}", turns.get());
        }));
    });
}

#[test]
fn the_task_stays_the_same() {
    within("the run", || {
        single().block_on(LocalSet::new().run_until(async {
            let own = fiber(|| {
                let before = task::id();
                for _ in 0..3 {
                    sync_call!(yield_now());
                    assert_eq!(task::id(), before);
                }
                before
            });
            let task = task::spawn_local(own);
            let id = task.id();
            assert_eq!(task.await.expect("the task"), id);
        }));
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_panic_crosses_with_its_payload() {
    within("the run", || {
        let caught = panic::catch_unwind(|| {
            single().block_on(fiber(|| {
                sync_call!(sleep(SHORT));
                panic::panic_any(String::from("of the test"));
            }));
        });
        assert_eq!(message(caught.expect_err("the panic").as_ref()), "of the test");
        assert_eq!(single().block_on(fiber(|| sync_call!(async { 1 }))), 1);
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn code_on_a_fiber_may_catch_panics() {
    within("the run", || {
        let caught = single().block_on(fiber(|| {
            let caught = panic::catch_unwind(|| {
                sync_call!(async {
                    sleep(SHORT).await;
                    panic!("of the test");
                });
            });
            sync_call!(sleep(SHORT));
            caught
        }));
        assert_eq!(message(caught.expect_err("the panic").as_ref()), "of the test");
    });
}

/// A time limit uses the system's clock, not the paused clock of the runtime.
#[test]
fn a_time_limit_goes_by_the_systems_clock() {
    fn limited() {
        let start = Instant::now();
        let error = try_sync_call!(pending::<()>(), timeout = SHORT).expect_err("the timeout");
        assert!(matches!(error, CallError::Timeout { timeout: SHORT, .. }), "{error:?}");
        assert!(start.elapsed() >= SHORT);
        try_sync_call!(pending::<()>(), timeout = Duration::ZERO).expect_err("the timeout");
        let value = try_sync_call!(async { 1 }, timeout = Duration::ZERO);
        assert_eq!(value.expect("it is ready"), 1);
    }
    within("paused", || current_thread().start_paused(true).run(fiber(limited)));
    within("running", || current_thread().run(fiber(limited)));
    within("none", || {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime")
            .block_on(fiber(limited));
    });
    within("no runtime", || futures::executor::block_on(fiber(limited)));
}

#[test]
fn a_borrow_over_a_call_is_met_by_others_of_the_thread() {
    thread_local! {
        static SHARED: RefCell<u32> = const { RefCell::new(0) };
    }
    within("the run", || {
        single().block_on(async {
            let holds = fiber(|| {
                SHARED.with_borrow_mut(|shared| {
                    sync_call!(sleep(SHORT));
                    *shared += 1;
                });
            });
            let meets = fiber(|| SHARED.with(|shared| shared.try_borrow().is_err()));
            assert_eq!(tokio::join!(holds, meets), ((), true));
        });
    });
}

#[test]
fn a_run_is_refused_on_a_fiber() {
    within("the run", || {
        let error =
            single().block_on(fiber(|| bridgehead::try_run(async {}).expect_err("it nests")));
        assert!(error.to_string().contains("on a fiber"), "{error}");
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something unwinds")]
fn a_runner_may_be_closed_meanwhile() {
    within("the run", || {
        let runner = Arc::new(Runner::builder().flavor(Flavor::CurrentThread).fiber(true).build());
        let closer = Arc::clone(&runner);
        let (dropped, was_dropped) = std::sync::mpsc::channel::<()>();
        let error = runner.try_run(async move {
            let _dropped = dropped;
            thread::spawn(move || {
                thread::sleep(SHORT);
                let _ = closer.close();
            });
            sync_call!(pending::<()>(), allow_async);
        });
        assert!(matches!(error, Err(bridgehead::RunError::Interrupted { .. })), "{error:?}");
        was_dropped.recv().expect_err("it was dropped");
    });
}

#[test]
fn a_whole_future_may_be_on_a_fiber() {
    within("the run", || {
        let sum = single().block_on(async {
            let on_fiber = fiber_future(async {
                let mut sum = 0;
                for _ in 0..3 {
                    sum += ask_a_task();
                    yield_now().await;
                }
                sum
            });
            let (sum, ()) = tokio::join!(on_fiber, yield_now());
            sum
        });
        assert_eq!(sum, 21);
    });
}
