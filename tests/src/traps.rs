//! The traps of tokio that naive ways to wait fall into, and futures that set some of them.
#![allow(
    missing_docs,
    clippy::missing_panics_doc,
    reason = "each case is named after what it does, and panics where a bridge fails"
)]

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use tokio::sync::{Barrier, Notify, mpsc, oneshot};
use tokio::task::{self, LocalSet};
use tokio::time::sleep;

use crate::bridge::Bridge;
use crate::contexts::{multi, single};

/// Long enough for another thread to get under way.
pub const SHORT: Duration = Duration::from_millis(20);

thread_local! {
    static KEPT: Cell<Option<Waker>> = const { Cell::new(None) };
}

/// Keeps a clone of its waker when it completes.
#[derive(Debug, Default)]
pub struct KeepsItsWaker(bool);

impl KeepsItsWaker {
    /// The waker that the last such future on this thread has kept.
    #[must_use]
    pub fn taken() -> Option<Waker> {
        KEPT.take()
    }
}

impl Future for KeepsItsWaker {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            KEPT.set(Some(cx.waker().clone()));
            return Poll::Ready(());
        }
        self.0 = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Consumes the park token that its own wake-up has left.
#[derive(Debug, Default)]
pub struct EatsTheToken(bool);

impl Future for EatsTheToken {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        cx.waker().wake_by_ref();
        thread::park_timeout(SHORT);
        Poll::Pending
    }
}

fn slow<B: Bridge>() {
    B::call(|| sleep(SHORT));
}

pub fn wake_up_of_the_outer_future_during_a_call<B: Bridge>() {
    multi(1).block_on(async {
        let (send, mut receive) = mpsc::channel(1);
        thread::spawn(move || {
            thread::sleep(SHORT / 2);
            send.blocking_send(1).expect("somebody waits");
        });
        let (message, ()) = tokio::join!(receive.recv(), async { slow::<B>() });
        assert_eq!(message, Some(1));
    });
}

pub fn wake_up_of_the_outer_future_during_a_nested_call<B: Bridge>() {
    multi(1).block_on(async {
        let notify = Arc::new(Notify::new());
        let later = Arc::clone(&notify);
        thread::spawn(move || {
            thread::sleep(SHORT / 2);
            later.notify_one();
        });
        B::call(|| async { tokio::join!(notify.notified(), async { slow::<B>() }) });
    });
}

pub fn wake_up_in_a_select<B: Bridge>() {
    multi(1).block_on(async {
        let (send, mut receive) = oneshot::channel();
        let mut send = Some(send);
        let mut passed = false;
        while !passed {
            tokio::select! {
                biased;
                message = &mut receive => { message.expect("a message"); passed = true; }
                () = async {
                    if let Some(send) = send.take() {
                        thread::spawn(move || {
                            thread::sleep(SHORT / 2);
                            send.send(()).expect("somebody waits");
                        });
                    }
                    slow::<B>();
                    std::future::pending::<()>().await;
                } => {}
            }
        }
    });
}

/// Each call uses one unit of the budget of the surrounding poll.
#[expect(clippy::unused_async, reason = "that it is a single poll is the point")]
async fn calls_in_one_poll<B: Bridge>(count: u32) {
    let (send, mut receive) = mpsc::unbounded_channel();
    for number in 0..count {
        send.send(number).expect("open");
        let receive = &mut receive;
        assert_eq!(B::call(|| async { receive.recv().await }), Some(number));
    }
}

pub fn budget_of_400_calls_in_one_poll_of_block_on<B: Bridge>() {
    multi(1).block_on(LocalSet::new().run_until(calls_in_one_poll::<B>(400)));
}

pub fn budget_of_400_calls_in_one_poll_of_a_current_thread_runtime<B: Bridge>() {
    single().block_on(async {
        let on_this_thread = thread::current().id();
        B::call(|| async { assert_eq!(thread::current().id(), on_this_thread) });
        calls_in_one_poll::<B>(400).await;
    });
}

pub fn budget_of_1000_receives_in_one_call_of_a_current_thread_runtime<B: Bridge>() {
    single().block_on(async {
        let (send, mut receive) = mpsc::unbounded_channel();
        (0..1000).for_each(|number| send.send(number).expect("open"));
        let on_this_thread = thread::current().id();
        B::call(|| async {
            assert_eq!(thread::current().id(), on_this_thread);
            for number in 0..1000 {
                assert_eq!(receive.recv().await, Some(number));
            }
        });
    });
}

async fn yields(on_thread: thread::ThreadId) {
    for _ in 0..200 {
        task::yield_now().await;
        assert_eq!(thread::current().id(), on_thread);
    }
}

pub fn yield_on_a_driving_thread<B: Bridge>() {
    single().block_on(async {
        let here = thread::current().id();
        B::call(|| yields(here));
    });
}

pub fn yield_in_a_local_set<B: Bridge>() {
    let case = |runtime: tokio::runtime::Runtime| {
        runtime.block_on(LocalSet::new().run_until(async {
            let here = thread::current().id();
            task::spawn_local(async move { B::call(|| yields(here)) }).await.expect("the task");
        }));
    };
    case(multi(1));
    case(single());
}

pub fn yield_in_a_nested_call_on_a_driving_thread<B: Bridge>() {
    single().block_on(async {
        let here = thread::current().id();
        B::call(|| async {
            sleep(SHORT / 10).await;
            B::call(|| yields(here));
        });
    });
}

pub fn local_set_on_a_multi_thread_runtime<B: Bridge>() {
    multi(2).block_on(LocalSet::new().run_until(async { slow::<B>() }));
}

pub fn guard_of_another_runtime_in_a_driven_one<B: Bridge>() {
    let other = multi(1);
    single().block_on(async {
        let _guard = other.enter();
        slow::<B>();
    });
}

pub fn recursion_on_a_driving_thread<B: Bridge>() {
    single().block_on(async {
        let here = thread::current().id();
        B::call(|| async { assert_eq!(thread::current().id(), here) });
        down::<B>(64);
    });
}

pub fn barrier_of_64_calls_on_2_workers<B: Bridge>() {
    multi(2).block_on(async {
        let barrier = Arc::new(Barrier::new(64));
        let tasks: Vec<_> = (0..64)
            .map(|_| Arc::clone(&barrier))
            .map(|barrier| tokio::spawn(async move { B::call(|| barrier.wait()).is_leader() }))
            .collect();
        let mut leaders = 0;
        for task in tasks {
            leaders += u32::from(task.await.expect("the task"));
        }
        assert_eq!(leaders, 1);
    });
}

/// Timers and tasks make progress while every worker of the runtime is in a call.
pub fn all_workers_wait<B: Bridge>(workers: usize) {
    multi(workers).block_on(async move {
        let notify = Arc::new(Notify::new());
        let callers: Vec<_> = (0..workers)
            .map(|_| Arc::clone(&notify))
            .map(|notify| tokio::spawn(async move { B::call(|| notify.notified()) }))
            .collect();
        sleep(SHORT).await;
        tokio::spawn(sleep(SHORT)).await.expect("the timer");
        tokio::spawn(async move { notify.notify_waiters() }).await.expect("the task");
        for caller in callers {
            caller.await.expect("the caller");
        }
    });
}

/// Calls sync from async from sync code, `depth` levels deep. Each call waits before the next, so
/// that a worker has been handed off to another thread by then.
pub fn down<B: Bridge>(depth: u32) {
    if depth > 0 {
        B::call(|| async move {
            sleep(SHORT / 100).await;
            down::<B>(depth - 1);
        });
    }
}
