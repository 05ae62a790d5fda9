//! The traps of tokio that naive ways to wait fall into. Each case runs with `sync_call!`, which
//! must pass it, and with the two bridges that people write by hand. `a_control_fails` shows that
//! the case can fail.

use std::future::Future;
use std::panic;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use bridgehead_tests::bridge::{Bridgehead, InPlace, InPlaceOrThread};
use bridgehead_tests::contexts::{everywhere, in_task, multi, single};
use bridgehead_tests::traps::{self, EatsTheToken, KeepsItsWaker, SHORT};
use bridgehead_tests::{Outcome, outcome, within};
use tokio::sync::{mpsc, oneshot};
use tokio::task;
use tokio::time::sleep;

/// A control that has not ended by then hangs.
const CONTROL: Duration = Duration::from_secs(3);

/// Runs a case with `sync_call!`, and checks that at least one of the bridges made by hand fails
/// it.
fn trap(name: &'static str, ours: fn(), controls: [fn(); 2]) {
    within(name, ours);
    // The controls panic and hang, which these builds can't cope with.
    if cfg!(any(miri, panic = "abort")) {
        return;
    }
    let failed = controls.map(|control| !matches!(outcome(CONTROL, control), Outcome::Done(())));
    assert_ne!(failed, [false; 2], "{name}: both controls pass, the case shows nothing");
}

macro_rules! traps {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[test]
        fn $name() {
            let name = stringify!($name);
            trap(name, traps::$name::<Bridgehead>, [traps::$name::<InPlace>, traps::$name::<InPlaceOrThread>]);
        }
    )*};
}

traps! {
    /// The root future and the call share a thread, and must not share a wake signal.
    wake_up_of_the_outer_future_during_a_call
    wake_up_of_the_outer_future_during_a_nested_call
    wake_up_in_a_select
    budget_of_400_calls_in_one_poll_of_block_on
    budget_of_400_calls_in_one_poll_of_a_current_thread_runtime
    budget_of_1000_receives_in_one_call_of_a_current_thread_runtime
    yield_on_a_driving_thread
    yield_in_a_local_set
    yield_in_a_nested_call_on_a_driving_thread
    local_set_on_a_multi_thread_runtime
    guard_of_another_runtime_in_a_driven_one
    recursion_on_a_driving_thread
}

/// The controls pass these cases as well. The cases are traps for other naive bridges, which hop to
/// another thread or keep the worker.
mod workers {
    use super::*;

    #[test]
    fn a_sibling_that_was_just_spawned_runs_on_the_only_worker() {
        within("sibling", || {
            in_task(
                &multi(1),
                Box::new(|| {
                    let (send, receive) = oneshot::channel();
                    tokio::spawn(async { send.send(1).expect("somebody waits") });
                    assert_eq!(bridgehead::sync_call!(receive), Ok(1));
                    let sibling = tokio::spawn(async { 2 });
                    assert_eq!(bridgehead::sync_call!(sibling).expect("the sibling"), 2);
                }),
            );
        });
    }

    #[test]
    fn a_barrier_of_64_calls_on_2_workers() {
        within("barrier", traps::barrier_of_64_calls_on_2_workers::<Bridgehead>);
    }

    #[test]
    fn timers_and_tasks_go_on_while_all_workers_wait() {
        for workers in [1, 2, 4] {
            within("all workers wait", move || traps::all_workers_wait::<Bridgehead>(workers));
        }
    }

    /// After the first wait the thread has lost its worker. It must not be mistaken for one that
    /// drives a current-thread runtime.
    #[test]
    fn the_second_wait_in_a_task_is_no_busier_than_the_first() {
        within("second wait", || {
            in_task(
                &multi(2),
                Box::new(|| {
                    for _ in 0..3 {
                        let mut polls = 0;
                        bridgehead::sync_call!(async {
                            let mut timer = std::pin::pin!(sleep(4 * SHORT));
                            std::future::poll_fn(|cx| {
                                polls += 1;
                                timer.as_mut().poll(cx)
                            })
                            .await;
                        });
                        assert!(polls < 10, "{polls} polls for one timer");
                    }
                }),
            );
        });
    }

    #[test]
    fn budget_of_400_calls_in_one_poll_of_a_worker() {
        within("budget", || {
            let receives = || {
                let (send, mut receive) = mpsc::unbounded_channel();
                for number in 0..400 {
                    send.send(number).expect("open");
                    assert_eq!(bridgehead::sync_call!(receive.recv()), Some(number));
                }
                (0..1000).for_each(|number| send.send(number).expect("open"));
                bridgehead::sync_call!(async {
                    for number in 0..1000 {
                        assert_eq!(receive.recv().await, Some(number));
                    }
                });
                bridgehead::sync_call!(async {
                    for _ in 0..1000 {
                        task::yield_now().await;
                    }
                });
            };
            in_task(&multi(1), Box::new(receives));
        });
    }
}

/// The driver leaves while another thread is in a call on the same runtime.
#[test]
fn a_second_block_on_goes_on_when_the_first_one_leaves() {
    within("second block_on", || {
        let runtime = single();
        let meet = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                runtime.block_on(async {
                    meet.wait();
                    sleep(SHORT).await;
                });
            });
            scope.spawn(|| {
                meet.wait();
                runtime.block_on(async {
                    bridgehead::sync_call!(sleep(4 * SHORT), allow_async);
                    sleep(SHORT).await;
                    bridgehead::sync_call!(sleep(SHORT), allow_async);
                });
            });
        });
    });
}

/// This thread looks like the worker of the guard's runtime, which is busy.
#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn guard_of_a_busy_multi_thread_runtime_in_a_current_thread_task() {
    within("busy", || {
        let other = multi(1);
        let (begun, begins) = std::sync::mpsc::channel();
        other.spawn(async move {
            begun.send(()).expect("the test listens");
            thread::sleep(4 * SHORT);
        });
        begins.recv().expect("the task runs");
        let handle = other.handle().clone();
        let call = move || {
            let _guard = handle.enter();
            let (send, receive) = oneshot::channel();
            thread::spawn(move || {
                thread::sleep(SHORT);
                send.send(1)
            });
            assert_eq!(bridgehead::sync_call!(receive), Ok(1));
            bridgehead::sync_call!(sleep(SHORT));
        };
        in_task(&single(), Box::new(call));
    });
}

#[test]
fn a_waker_that_is_used_long_after_does_no_harm() {
    everywhere(|_| {
        bridgehead::sync_call!(KeepsItsWaker::default());
        let old = KeepsItsWaker::taken().expect("a waker");
        let waking = thread::spawn(move || {
            for _ in 0..100 {
                old.wake_by_ref();
                thread::sleep(Duration::from_micros(100));
            }
        });
        let mut polls = 0;
        bridgehead::sync_call!(async {
            let mut timer = std::pin::pin!(sleep(SHORT));
            std::future::poll_fn(|cx| {
                polls += 1;
                timer.as_mut().poll(cx)
            })
            .await;
        });
        waking.join().expect("the thread");
        assert!(polls < 1000, "{polls} polls: a busy loop");
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_panic_in_a_drop_reaches_the_caller() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("of the drop");
        }
    }
    everywhere(|_| {
        let call = || {
            let bomb = Bomb;
            bridgehead::sync_call!(async move {
                let _bomb = bomb;
                sleep(SHORT / 10).await;
            });
        };
        let payload = panic::catch_unwind(call).expect_err("the panic");
        assert_eq!(bridgehead_tests::message(payload.as_ref()), "of the drop");
        bridgehead::sync_call!(sleep(SHORT / 10));
    });
}

/// `yield_now` defers its waker to the scheduler of the current thread.
#[test]
fn a_future_that_yields_goes_on() {
    everywhere(|_| {
        for _ in 0..10 {
            bridgehead::sync_call!(async {
                for _ in 0..20 {
                    task::yield_now().await;
                }
            });
        }
    });
    // The guard hides whether a scheduler drives this thread.
    within("guard", || {
        for runtime in [single(), multi(1)] {
            let gone = multi(1).handle().clone();
            let under_guard = move || {
                let _guard = gone.enter();
                bridgehead::sync_call!(task::yield_now());
            };
            in_task(&runtime, Box::new(under_guard));
        }
    });
}

#[test]
fn a_stolen_token_is_no_loss() {
    everywhere(|_| {
        bridgehead::sync_call!(EatsTheToken::default());
        // A token that other code has left is no loss either: it makes the first sleep end early.
        thread::current().unpark();
        bridgehead::sync_call!(sleep(SHORT));
    });
}
