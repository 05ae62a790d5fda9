//! No wake-up is lost, and what the waking thread wrote before is visible.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Waker};

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

use crate::call::park::{Parker, block_on};
use crate::model;

/// A message that another thread sends before it wakes.
#[derive(Debug, Default)]
struct Slot(AtomicBool);

impl Slot {
    fn fill(&self, waker: &Waker) {
        self.0.store(true, Ordering::Release);
        waker.wake_by_ref();
    }

    fn is_full(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Waits until `count` threads have each sent a message. `eat` may consume park tokens of the
/// waiting thread.
// Threads are not joined: for loom a thread that joins is parked, and a token unparks it.
fn wait(count: usize, eat: fn()) {
    let mut slots = Vec::new();
    let all = poll_fn(|cx| {
        if slots.is_empty() {
            for _ in 0..count {
                let (waker, slot) = (cx.waker().clone(), Arc::new(Slot::default()));
                slots.push(Arc::clone(&slot));
                thread::spawn(move || slot.fill(&waker));
            }
        }
        eat();
        if slots.iter().all(|slot| slot.is_full()) { Poll::Ready(()) } else { Poll::Pending }
    });
    assert!(block_on(all, None).is_some());
}

/// The value has no synchronisation of its own, so that loom reports a race if the signal has none.
#[test]
#[expect(
    unsafe_code,
    clippy::arc_with_non_send_sync,
    reason = "loom watches the accesses to the cell"
)]
fn what_was_written_before_a_wake_up_is_seen() {
    model(|| {
        let value = Arc::new(UnsafeCell::new(0));
        let mut is_sent = false;
        let sent = poll_fn(|cx| {
            if is_sent {
                // The only wake-up has arrived.
                // SAFETY: loom checks the access.
                return Poll::Ready(value.with(|value| unsafe { *value }));
            }
            is_sent = true;
            let (waker, value) = (cx.waker().clone(), Arc::clone(&value));
            thread::spawn(move || {
                // SAFETY: as above.
                value.with_mut(|value| unsafe { *value = 7 });
                waker.wake();
            });
            Poll::Pending
        });
        assert_eq!(block_on(sent, None), Some(7));
    });
}

#[test]
fn a_wake_up_is_not_lost() {
    model(|| wait(1, || ()));
}

#[test]
fn nor_one_of_two() {
    model(|| wait(2, || ()));
}

/// A wait inside a wait has a signal of its own, and the thread's park token is the same.
#[test]
fn nor_one_that_comes_during_a_nested_wait() {
    model(|| {
        let outer = Arc::new(Slot::default());
        let mut has_nested = false;
        let nested = poll_fn(|cx| {
            if outer.is_full() {
                return Poll::Ready(());
            }
            assert!(!has_nested, "woken for nothing");
            has_nested = true;
            let (waker, slot) = (cx.waker().clone(), Arc::clone(&outer));
            thread::spawn(move || slot.fill(&waker));
            wait(1, || ());
            Poll::Pending
        });
        assert!(block_on(nested, None).is_some());
    });
}

/// The polled code may park, be unparked by the token of our waker, and so consume it.
#[test]
fn nor_one_whose_park_token_is_eaten() {
    model(|| {
        wait(2, || {
            thread::current().unpark();
            thread::park();
        });
    });
}

/// A waker that was kept from an earlier wait sets the signal of a later one, which only causes an
/// additional poll.
#[test]
fn an_old_waker_does_no_harm() {
    model(|| {
        let old = {
            let mut waker = None;
            let taken = poll_fn(|cx| {
                waker = Some(cx.waker().clone());
                Poll::Ready(())
            });
            assert!(Parker::lend().poll(pin!(taken)).is_ready());
            waker.unwrap()
        };
        thread::spawn(move || old.wake());
        wait(1, || ());
    });
}
