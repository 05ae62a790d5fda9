//! How often a call polls its future while it waits.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bridgehead::{ThreadContext, sync_call};
use bridgehead_tests::contexts::{everywhere_at_once, single};
use bridgehead_tests::within;
use futures::future::poll_fn;
use tokio::task::yield_now;
use tokio::time::sleep;

/// Sleeps, and returns how often it was polled in the first 1.2 seconds, and after that.
async fn polls(duration: Duration) -> (usize, usize) {
    let begun = Instant::now();
    let (first, later) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut sleep = pin!(sleep(duration));
    poll_fn(|cx| {
        let count = if begun.elapsed() < Duration::from_millis(1200) { &first } else { &later };
        count.fetch_add(1, Ordering::Relaxed);
        sleep.as_mut().poll(cx)
    })
    .await;
    (first.into_inner(), later.into_inner())
}

/// A call on a thread that drives a runtime polls in steps, since wake-ups may be deferred to a
/// scheduler that doesn't run. Elsewhere a call polls only when it is woken, also on a thread that
/// has handed its worker off before.
#[test]
fn a_call_polls_when_it_is_woken_and_seldom_in_steps() {
    everywhere_at_once(|case| {
        let (first, later) = sync_call!(polls(Duration::from_millis(3200)), on_stall = "ignore");
        // A guard may hide that the thread drives a runtime.
        let in_steps = matches!(
            ThreadContext::current(),
            ThreadContext::Driver | ThreadContext::RuntimeGone | ThreadContext::InCall
        ) || case.name.contains("guard");
        // A timer wakes a call on a fiber once a second for its check, and with it the fiber's
        // task.
        if case.name.contains("fiber") {
            return;
        }
        if !in_steps {
            assert!(first + later < 10, "{}: polled {first} + {later} times", case.name);
        }
        assert!(later <= 20, "{}: polled {later} times in the last two seconds", case.name);
    });
}

/// After a wake-up the first steps are short again: four without a pause, and then a millisecond at
/// most.
#[test]
fn a_future_that_yields_after_a_wake_up_goes_on_at_once() {
    within("yields", || {
        single().block_on(async {
            let yields = async {
                sleep(Duration::from_millis(1500)).await;
                let woken = Instant::now();
                for _ in 0..200 {
                    yield_now().await;
                }
                woken.elapsed()
            };
            let took = sync_call!(yields, on_stall = "ignore", allow_async);
            // With one long step for each yield it would take fifty seconds.
            assert!(took < Duration::from_secs(10), "{took:?}");
        });
    });
}
