//! The cooperative budget of a call: a future that is always ready yields to other work, and the
//! surrounding task keeps its own budget.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bridgehead::sync_call;
use bridgehead_tests::contexts::{Case, everywhere, in_task, multi, single};
use bridgehead_tests::within;
use futures::StreamExt;
use tokio::sync::{Mutex, Semaphore, mpsc};
use tokio::task::{coop, yield_now};
use tokio::time::{sleep, timeout};

const SHORT: Duration = Duration::from_millis(20);

/// Never completes, and never waits.
async fn busy_channel() {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    loop {
        sender.send(1).expect("the receiver is there");
        receiver.recv().await;
    }
}

async fn busy_mutex() {
    let mutex = Mutex::new(());
    loop {
        drop(mutex.lock().await);
    }
}

async fn busy_semaphore() {
    let semaphore = Semaphore::new(1);
    loop {
        drop(semaphore.acquire().await);
    }
}

async fn busy_stream() {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let stream = futures::stream::poll_fn(move |cx| {
        sender.send(1).expect("the receiver is there");
        receiver.poll_recv(cx)
    });
    stream.for_each(|_| async {}).await;
}

async fn busy_after_a_wait() {
    sleep(Duration::from_millis(1)).await;
    busy_channel().await;
}

/// Whether a call in this context is on a fiber that another executor polls. Such a call has no
/// budget, as `.await` has none there.
fn has_no_budget(case: &Case) -> bool {
    let is_polled_by_tokio =
        || tokio::runtime::Handle::try_current().is_ok() && budget_left().is_some();
    case.name.contains("fiber") && !is_polled_by_tokio()
}

#[test]
fn a_timeout_around_a_future_that_is_always_ready_ends_it_everywhere() {
    everywhere(|case| {
        if has_no_budget(case) {
            return;
        }
        let name = case.name;
        assert!(sync_call!(timeout(SHORT, busy_channel())).is_err(), "{name}");
        assert!(sync_call!(timeout(SHORT, busy_mutex())).is_err(), "{name}");
        assert!(sync_call!(timeout(SHORT, busy_semaphore())).is_err(), "{name}");
        assert!(sync_call!(timeout(SHORT, busy_stream())).is_err(), "{name}");
        assert!(sync_call!(timeout(SHORT, busy_after_a_wait())).is_err(), "{name}");
    });
}

/// The call checks its own timeout, too, although the future wakes it all the time.
#[test]
fn the_timeout_of_the_call_ends_it_everywhere() {
    everywhere(|case| {
        if has_no_budget(case) {
            return;
        }
        let late = bridgehead::try_sync_call!(busy_channel(), timeout = SHORT);
        assert!(late.is_err_and(|error| error.is_timeout()), "{}", case.name);
    });
}

/// Many more operations than the 128 of a poll's budget.
#[test]
fn many_operations_that_are_ready_are_done_everywhere() {
    everywhere(|_| {
        let received = sync_call!(async {
            let (sender, mut receiver) = mpsc::channel(1);
            for number in 0..10_000 {
                sender.send(number).await.expect("the receiver is there");
                receiver.recv().await;
            }
            receiver
        });
        drop(received);
    });
}

/// How many operations of tokio's the surrounding budget still allows, which it doesn't change.
/// `None` where there is no limit.
fn budget_left() -> Option<usize> {
    const UNLIMITED: usize = 1000;
    let mut cx = Context::from_waker(Waker::noop());
    let mut permits = Vec::new();
    while permits.len() < UNLIMITED {
        match coop::poll_proceed(&mut cx) {
            Poll::Ready(permit) => permits.push(permit),
            Poll::Pending => break,
        }
    }
    let count = permits.len();
    // Each permit that is dropped unused restores the budget that it was taken from.
    while permits.pop().is_some() {}
    (count < UNLIMITED).then_some(count)
}

/// Uses up `count` operations of the surrounding budget.
fn spend(count: usize) {
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..count {
        if let Poll::Ready(permit) = coop::poll_proceed(&mut cx) {
            permit.made_progress();
        }
    }
}

/// As an `.await` does, where tokio polls a task on the thread. Elsewhere a call has a budget of
/// its own.
#[test]
fn a_call_spends_at_most_what_it_uses_of_the_surrounding_budget() {
    const USES: usize = 10;
    everywhere(|case| {
        // On a fiber the task polls the call, and has a full budget again after a wait.
        if case.name.contains("fiber") {
            return;
        }
        let check = |what: &str| {
            let before = budget_left();
            sync_call!(async {
                let mutex = Mutex::new(());
                for _ in 0..USES {
                    drop(mutex.lock().await);
                }
            });
            let after = budget_left();
            let name = case.name;
            assert_eq!(after.is_some(), before.is_some(), "{name}: {what}");
            let spent = before.zip(after).map_or(0, |(before, after)| before - after);
            assert!(spent <= USES, "{name}: {what}, {before:?} to {after:?}");
        };
        check("at first");
        spend(5);
        check("after five operations");
        spend(300);
        check("after all of them");
    });
}

/// With a spent budget, a future of tokio's is pending even if it is ready.
#[test]
fn calls_work_where_the_surrounding_budget_is_spent() {
    for runtime in [|| multi(1), || multi(2), single] {
        within("spent", move || {
            in_task(
                &runtime(),
                Box::new(|| {
                    spend(300);
                    let mutex = Arc::new(Mutex::new(0));
                    for _ in 0..300 {
                        *sync_call!(mutex.lock()) += 1;
                    }
                    sync_call!(yield_now());
                    sync_call!(sleep(Duration::from_millis(1)));
                    assert_eq!(*sync_call!(mutex.lock()), 300);
                }),
            );
        });
    }
}

/// After the call the poll around it goes on with its own budget.
#[test]
fn a_task_that_calls_goes_on_with_its_own_budget() {
    within("own budget", || {
        multi(1).block_on(async {
            let task = tokio::spawn(poll_fn(|cx| {
                spend(100);
                let before = budget_left();
                sync_call!(async { yield_now().await });
                // A call that has waited has handed the worker off, and tokio restores the task's
                // budget.
                assert_eq!(budget_left(), before);
                let mut proceed = std::pin::pin!(yield_now());
                let _ = proceed.as_mut().poll(cx);
                Poll::Ready(())
            }));
            task.await.expect("the task");
        });
    });
}
