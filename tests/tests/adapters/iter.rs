//! A stream as an iterator: what it promises, in every context.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::rc::Rc;
use std::sync::mpsc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use bridgehead::{CallError, Iter, ThreadContext, iter, sync_call};
use bridgehead_tests::contexts::{everywhere, multi, single};
use bridgehead_tests::{message, within};
use futures::stream::{self, Stream, StreamExt};
use tokio::runtime::Handle;
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(1);

/// The numbers below `end`, each after a sleep. The stream is not `Unpin`, and panics if it is
/// polled after its end.
fn slowly(end: u32) -> impl Stream<Item = u32> {
    stream::unfold(0, move |number| async move {
        sleep(SHORT).await;
        (number < end).then_some((number, number + 1))
    })
}

#[test]
fn the_items_come_in_order_and_end() {
    everywhere(|case| {
        assert_eq!(iter(stream::iter(0..5)).collect::<Vec<_>>(), [0, 1, 2, 3, 4], "ready");
        assert_eq!(iter(slowly(3)).collect::<Vec<_>>(), [0, 1, 2], "pending");
        assert_eq!(iter(stream::empty::<u32>()).next(), None, "empty");
        assert_eq!(ThreadContext::current(), case.context, "afterwards");
    });
}

#[test]
fn items_come_from_a_task() {
    everywhere(|_| {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        sync_call!(async {
            drop(tokio::spawn(async move {
                for number in 0..300 {
                    sender.send(number).await.expect("the receiver is there");
                }
            }));
        });
        let items = iter(stream::poll_fn(move |cx| receiver.poll_recv(cx)));
        assert_eq!(items.sum::<u32>(), 299 * 150);
    });
}

#[test]
fn it_is_fused() {
    everywhere(|_| {
        let mut goes_on = 0;
        let mut numbers = iter(stream::poll_fn(|_| {
            goes_on += 1;
            Poll::Ready((goes_on != 2).then_some(goes_on))
        }));
        assert_eq!((numbers.next(), numbers.next()), (Some(1), None));
        assert_eq!((numbers.next(), numbers.size_hint()), (None, (0, Some(0))));
        assert_eq!(numbers.next_timeout(SHORT).expect("no call"), None);

        let mut panics_after_the_end = iter(slowly(0));
        assert_eq!((panics_after_the_end.next(), panics_after_the_end.next()), (None, None));
        let mut timed = iter(slowly(0));
        assert_eq!(timed.next_timeout(Duration::MAX).expect("the end"), None);
        assert_eq!(timed.next(), None);
    });
}

#[test]
fn the_size_hint_is_the_streams() {
    let mut numbers = iter(stream::iter(0..5));
    assert_eq!(numbers.size_hint(), (5, Some(5)));
    numbers.next();
    assert_eq!(numbers.size_hint(), (4, Some(4)));
    let mut unknown = iter(slowly(0));
    assert_eq!(unknown.size_hint(), (0, None));
    unknown.next();
    assert_eq!(unknown.size_hint(), (0, Some(0)));
}

#[test]
fn streams_may_be_lent_and_taken_back() {
    everywhere(|_| {
        let mut numbers = stream::iter(0..6);
        assert_eq!(iter(&mut numbers).take(2).collect::<Vec<_>>(), [0, 1]);
        let mut pinned = pin!(slowly(4));
        assert_eq!(iter(pinned.as_mut()).take(2).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(iter(pinned.as_mut()).collect::<Vec<_>>(), [2, 3]);

        let mut rest = iter(numbers);
        assert_eq!(rest.by_ref().take(2).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(rest.get_ref().size_hint().0, 2);
        assert_eq!(sync_call!(rest.get_mut().next()), Some(4));
        assert_eq!(rest.get_pin_mut().size_hint().0, 1);
        assert_eq!(sync_call!(rest.into_inner().next()), Some(5));
    });
}

#[test]
fn nothing_need_be_send_or_static() {
    everywhere(|_| {
        let polled = Rc::new(Cell::new(0));
        let text = String::from("abc");
        let letters = slowly(3).map(|number| {
            polled.set(polled.get() + 1);
            text.chars().nth(number as usize)
        });
        let mut letters = iter(letters);
        assert_eq!(letters.next(), Some(Some('a')));
        // `next` polls the stream only as far as to the item that it returns.
        assert_eq!(polled.get(), 1);
        assert_eq!(letters.last(), Some(Some('c')));
    });
}

#[test]
fn it_may_go_to_another_thread() {
    everywhere(|_| {
        let mut numbers = iter(slowly(3));
        assert_eq!(numbers.next(), Some(0));
        let rest = thread::spawn(move || numbers.collect::<Vec<_>>()).join();
        assert_eq!(rest.expect("the thread"), [1, 2]);
    });
}

/// Spawns a task when it is dropped, as a pool does when a connection is returned to it, and sends
/// the thread that it was dropped on.
struct SpawnsOnDrop(mpsc::Sender<Option<thread::ThreadId>>);

impl Drop for SpawnsOnDrop {
    fn drop(&mut self) {
        let spawned = Handle::try_current().map(|handle| handle.spawn(async {}));
        let _ = self.0.send(spawned.ok().map(|_| thread::current().id()));
    }
}

fn with_guard(guard: SpawnsOnDrop) -> impl Stream<Item = u32> {
    slowly(10).inspect(move |_| _ = &guard)
}

#[test]
fn dropping_it_half_way_drops_the_stream_where_a_task_can_be_started() {
    everywhere(|case| {
        let (send, dropped) = mpsc::channel();
        for number in iter(with_guard(SpawnsOnDrop(send))) {
            if number == 1 {
                break;
            }
        }
        assert_eq!(dropped.try_recv(), Ok(Some(thread::current().id())));
        assert_eq!(ThreadContext::current(), case.context, "afterwards");
    });
}

/// No runtime is started for a stream that no call has polled.
#[test]
fn a_stream_that_was_not_polled_is_dropped_as_it_is() {
    let (send, dropped) = mpsc::channel();
    drop(iter(with_guard(SpawnsOnDrop(send))));
    assert_eq!(dropped.recv(), Ok(None));
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn after_a_panic_the_stream_goes_on() {
    everywhere(|_| {
        let mut numbers = iter(stream::iter(0..3).map(|number| {
            assert_ne!(number, 1, "of the test");
            number
        }));
        assert_eq!(numbers.next(), Some(0));
        let payload =
            panic::catch_unwind(AssertUnwindSafe(|| numbers.next())).expect_err("the panic");
        assert!(message(payload.as_ref()).contains("of the test"));
        assert_eq!((numbers.next(), numbers.next()), (Some(2), None));
    });
}

#[test]
fn streams_and_iterators_nest() {
    everywhere(|_| {
        let table =
            iter(slowly(3)).flat_map(|row| iter(slowly(row).map(move |column| 10 * row + column)));
        assert_eq!(table.collect::<Vec<_>>(), [10, 20, 21]);
        // A stream that calls a synchronous function in its poll, which iterates a stream itself.
        let sums = stream::iter(1..4).map(|end| iter(slowly(end)).sum::<u32>());
        assert_eq!(iter(sums).collect::<Vec<_>>(), [0, 1, 3]);
    });
}

#[test]
fn a_time_limit_loses_no_item() {
    everywhere(|_| {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        let mut numbers = iter(stream::poll_fn(move |cx| receiver.poll_recv(cx)));
        let error = numbers.next_timeout(SHORT).expect_err("the timeout");
        assert!(matches!(error, CallError::Timeout { timeout: SHORT, .. }), "{error:?}");
        let late = thread::spawn(move || {
            thread::sleep(SHORT);
            sender.blocking_send(7).expect("the receiver is there");
        });
        assert_eq!(numbers.next_timeout(Duration::MAX).expect("in time"), Some(7));
        late.join().expect("the sender");
        assert_eq!(numbers.next(), None);
    });
}

/// The documented limit, and its remedy.
#[test]
fn a_task_of_the_runtime_that_makes_no_progress_gives_nothing() {
    within("stands still", || {
        single().block_on(async {
            let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
            let task = tokio::spawn(async move { sender.send(5).await });
            let mut numbers = iter(stream::poll_fn(move |cx| receiver.poll_recv(cx)));
            numbers.next_timeout(20 * SHORT).expect_err("the timeout");
            task.await.expect("the task").expect("the receiver is there");
            assert_eq!(numbers.next(), Some(5));
        });
    });
}

/// `next` is usually called by code of std, which the message must not name.
#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn messages_name_the_line_where_it_was_made() {
    fn made() -> (Iter<impl Stream<Item = u32>>, u32) {
        (iter(stream::pending()), line!())
    }
    within("the end of the runtime", || {
        let (waiting, line) = made();
        let runtime = multi(1);
        let panics = runtime
            .spawn_blocking(move || panic::catch_unwind(AssertUnwindSafe(|| waiting.count())));
        let (mut waiting, _) = made();
        let fails = runtime.spawn_blocking(move || waiting.next_timeout(Duration::MAX));
        let result = thread::spawn(move || {
            thread::sleep(20 * SHORT);
            runtime.shutdown_background();
            futures::executor::block_on(async { (panics.await, fails.await) })
        });
        let (panicked, failed) = result.join().expect("the thread");
        let payload = panicked.expect("caught").expect_err("the end of the runtime");
        let error = failed.expect("no panic").expect_err("the end of the runtime");
        assert!(matches!(error, CallError::Shutdown { .. }), "{error:?}");
        for text in [message(payload.as_ref()), error.to_string()] {
            assert!(text.contains(&format!("iter.rs:{line}")), "{text}");
        }
    });
    let (unused, line) = made();
    let text = format!("{unused:?}");
    assert!(text.contains("ended: false") && text.contains(&format!("line: {line}")), "{text}");
}
