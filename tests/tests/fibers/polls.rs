//! A fiber may be polled by any executor, with any waker, and with another one each time.

use std::future::{Future, poll_fn, ready};
use std::panic::{self, AssertUnwindSafe};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use bridgehead::{ThreadContext, fiber, sync_call};
use bridgehead_tests::contexts::{multi, single};
use bridgehead_tests::{message, within};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(5);

/// Counts its wake-ups.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A call in a call is suspended, and each poll of the fiber has another waker.
#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn who_polls_may_change() {
    within("the polls", || {
        let (send, receive) = oneshot::channel();
        let mut waits = fiber(move || {
            sync_call!(async {
                let inner = || sync_call!(async { receive.await.expect("the number") });
                let number = inner();
                let mut first = true;
                poll_fn(|cx| {
                    cx.waker().wake_by_ref();
                    if std::mem::take(&mut first) { Poll::Pending } else { Poll::Ready(()) }
                })
                .await;
                number
            })
        });
        let counters: Vec<Arc<Counter>> = (0..3).map(|_| Arc::default()).collect();
        let poll = |waits: &mut bridgehead::Fiber<u32>, counter: &Arc<Counter>| {
            let waker = Waker::from(Arc::clone(counter));
            Pin::new(waits).poll(&mut Context::from_waker(&waker))
        };
        assert!(poll(&mut waits, &counters[0]).is_pending());
        assert!(poll(&mut waits, &counters[1]).is_pending());
        // The fiber may be moved between polls.
        let mut waits = Box::new(waits);
        send.send(4).expect("it waits");
        let woken = |index: usize| counters[index].0.load(Ordering::Relaxed);
        assert_eq!((woken(0), woken(1)), (0, 1));
        let mut polled = poll(&mut waits, &counters[2]);
        for _ in 0..2 {
            if polled.is_pending() {
                polled = poll(&mut waits, &counters[2]);
            }
        }
        assert_eq!(polled, Poll::Ready(4));
        assert!(woken(1) + woken(2) > 1);
        let again = panic::catch_unwind(AssertUnwindSafe(|| poll(&mut waits, &counters[2])));
        assert!(message(again.expect_err("it has ended").as_ref()).contains("has ended"));
    });
}

#[test]
fn two_of_them_may_be_in_another_executor() {
    within("the run", || {
        single().block_on(async {
            let in_executor = || {
                fiber(|| {
                    sync_call!(yield_now());
                    futures::executor::block_on(async {
                        sync_call!(sleep(SHORT), allow_async);
                        1
                    })
                })
            };
            assert_eq!(tokio::join!(in_executor(), in_executor()), (1, 1));
        });
    });
}

#[test]
fn on_another_executor_it_has_a_runtime() {
    within("the executor", || {
        let in_task = || {
            fiber(|| {
                let handle = sync_call!(async { Handle::current() });
                let spawned = handle.spawn(async { 2 });
                sync_call!(sleep(SHORT));
                // From its first call on, a runtime is current on the fiber outside of calls as
                // well.
                tokio::spawn(ready(()));
                sync_call!(spawned).expect("the task")
            })
        };
        let both = futures::executor::block_on(async { futures::join!(in_task(), in_task()) });
        assert_eq!(both, (2, 2));
        assert_eq!(ThreadContext::current(), ThreadContext::Plain);
        assert!(Handle::try_current().is_err());
    });
}

#[test]
fn the_runtime_that_polls_it_may_change() {
    within("the runs", || {
        let (send, mut receive) = mpsc::unbounded_channel();
        let mut waits = pin!(fiber(move || {
            let mut sum = 0;
            // With `stall_after` a call watches the runtime that serves it. It must not mistake the
            // end of a runtime that has polled the fiber for the end of that one.
            let mut next = || {
                let inner = async { sync_call!(receive.recv(), stall_after = "1h", allow_async) };
                sync_call!(inner, stall_after = "1h")
            };
            while let Some(number) = next() {
                assert_eq!(ThreadContext::current(), ThreadContext::Fiber);
                sum += number;
            }
            sum
        }));
        for _ in 0..3 {
            let runtime = single();
            runtime.block_on(async {
                assert!(futures::poll!(waits.as_mut()).is_pending());
                send.send(1).expect("it listens");
                assert!(futures::poll!(waits.as_mut()).is_pending());
            });
        }
        drop(send);
        assert_eq!(multi(1).block_on(waits), 3);
    });
}

/// A call must not suspend its fiber inside a frame of tokio's `block_on`. To which runtime that
/// belongs makes no difference.
#[test]
fn two_of_them_may_be_in_their_own_runtimes_block_on() {
    within("the run", || {
        for runtime in [multi(1), single()] {
            let blocking = || {
                let in_block_on = || {
                    let handle = Handle::current();
                    fiber(move || {
                        sync_call!(yield_now());
                        handle.block_on(async { sync_call!(sleep(SHORT), allow_async) });
                        sync_call!(yield_now());
                        1
                    })
                };
                futures::executor::block_on(async { futures::join!(in_block_on(), in_block_on()) })
            };
            let blocking = async { tokio::task::spawn_blocking(blocking).await.expect("no panic") };
            assert_eq!(runtime.block_on(blocking), (1, 1));
        }
    });
}
