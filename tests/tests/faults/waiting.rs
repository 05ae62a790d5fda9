//! Faults that disturb a wait: signals, clocks, wakers, locks, other executors.

use std::future::ready;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use bridgehead_tests::bridge::Bridge;
use bridgehead_tests::contexts::{in_task, multi};
use bridgehead_tests::system::Target;
use bridgehead_tests::traps::{self, EatsTheToken, KeepsItsWaker, SHORT};
use futures::executor;
use tokio::runtime::Builder;
use tokio::sync::{Mutex, oneshot};
use tokio::time::{sleep, timeout};

use crate::Held;

pub(crate) fn signals<B: Bridge>() -> Held {
    in_task(
        &multi(2),
        Box::new(|| {
            let (target, is_over) = (Target::this_thread(), AtomicBool::new(false));
            thread::scope(|scope| {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        target.interrupt();
                        thread::sleep(Duration::from_micros(50));
                    }
                });
                for _ in 0..100 {
                    let (send, receive) = oneshot::channel();
                    thread::spawn(move || send.send(1));
                    assert_eq!(B::call(|| receive), Ok(1));
                    let start = Instant::now();
                    B::call(|| sleep(SHORT / 10));
                    assert!(start.elapsed() >= SHORT / 10, "early");
                }
                is_over.store(true, Ordering::Relaxed);
            });
        }),
    );
    Held::Completed
}

pub(crate) fn durations<B: Bridge>() -> Held {
    let calls = || {
        assert_eq!(B::call(|| timeout(Duration::MAX, ready(1))), Ok(1));
        B::call(|| timeout(Duration::ZERO, std::future::pending::<()>()))
            .expect_err("the time is over");
        B::call(|| sleep(Duration::ZERO));
        B::call(|| sleep(SHORT));
    };
    in_task(&multi(2), Box::new(calls));
    let paused =
        Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
    in_task(&paused, Box::new(calls));
    Held::Completed
}

pub(crate) fn wakers<B: Bridge>() -> Held {
    in_task(
        &multi(2),
        Box::new(|| {
            B::call(EatsTheToken::default);
            B::call(KeepsItsWaker::default);
            let old = KeepsItsWaker::taken().expect("a waker");
            let waking = thread::spawn(move || (0..100).for_each(|_| old.wake_by_ref()));
            B::call(|| sleep(SHORT));
            waking.join().expect("the thread");
        }),
    );
    traps::wake_up_of_the_outer_future_during_a_call::<B>();
    Held::Completed
}

pub(crate) fn lock<B: Bridge>() -> Held {
    multi(2).block_on(async {
        tokio::spawn(async {
            let mutex = Arc::new(Mutex::new(1));
            let guard = mutex.lock().await;
            let again = B::call(|| mutex.lock());
            assert_eq!(*guard, *again);
        })
        .await
        .expect("the task");
    });
    Held::Completed
}

pub(crate) fn first_use<B: Bridge>() -> Held {
    let barrier = Barrier::new(64);
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                barrier.wait();
                B::call(|| sleep(SHORT));
            });
        }
    });
    Held::Completed
}

pub(crate) fn other_executor<B: Bridge>() -> Held {
    let call = || executor::block_on(async { B::call(|| sleep(SHORT)) });
    in_task(&multi(2), Box::new(call));
    // The other executor polls the call, and is woken itself meanwhile.
    executor::block_on(async {
        let (send, receive) = oneshot::channel();
        let mut receive = pin!(receive);
        thread::spawn(move || {
            thread::sleep(SHORT / 2);
            send.send(1)
        });
        let (received, ()) = futures::join!(receive.as_mut(), async { call_once::<B>() });
        assert_eq!(received, Ok(1));
    });
    call();
    Held::Completed
}

fn call_once<B: Bridge>() {
    B::call(|| sleep(SHORT));
}
