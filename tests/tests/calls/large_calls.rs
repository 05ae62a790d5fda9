//! Futures of hundreds of kilobytes, on threads of 2 MiB. A debug build copies a value each time
//! that it is passed on: once where the future is made, and twice on its way to the heap.
//!
//! Each case runs in a process of its own, since a stack overflow ends it.

use std::hint::black_box;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use bridgehead::{iter, sync_call, try_sync_call};
use bridgehead_tests::contexts::{everywhere, multi};
use bridgehead_tests::{child, within};
use futures::Stream;

/// The default stack size of std's threads.
const STACK: usize = 2 * 1024 * 1024;

/// A future of this size that is pending once. Its poll needs no stack for the bytes.
struct Large<const SIZE: usize> {
    bytes: [u8; SIZE],
    is_polled: bool,
}

#[inline(never)]
fn large<const SIZE: usize>() -> Large<SIZE> {
    Large { bytes: [1; SIZE], is_polled: false }
}

impl<const SIZE: usize> Future for Large<SIZE> {
    type Output = usize;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
        if mem::replace(&mut self.is_polled, true) {
            return Poll::Ready(black_box(&self.bytes).len());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<const SIZE: usize> Stream for Large<SIZE> {
    type Item = usize;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        self.poll(cx).map(Some)
    }
}

fn on_a_thread(job: fn()) {
    thread::Builder::new().stack_size(STACK).spawn(job).expect("a thread").join().expect("the job");
}

macro_rules! in_children {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            const NAME: &str = stringify!($name);
            if child::is_child(NAME) {
                within(NAME, cases::$name);
                return;
            }
            child::assert_success(NAME, &child::run(NAME));
        }
    )*};
}

in_children! {
    four_hundred_kilobytes_everywhere
    nearly_seven_hundred_kilobytes_on_a_plain_thread
    nearly_seven_hundred_kilobytes_on_a_worker
    items_of_a_stream_that_is_large
}

mod cases {
    use super::*;

    pub(super) fn four_hundred_kilobytes_everywhere() {
        everywhere(|case| {
            // A fiber has a stack of 1 MiB.
            if !case.name.contains("fiber") {
                assert_eq!(sync_call!(large::<400_000>()), 400_000);
                assert_eq!(
                    try_sync_call!(large::<400_000>(), timeout = "1h").expect("it is in time"),
                    400_000
                );
            }
        });
    }

    pub(super) fn nearly_seven_hundred_kilobytes_on_a_plain_thread() {
        on_a_thread(|| assert_eq!(sync_call!(large::<680_000>()), 680_000));
        on_a_thread(|| assert_eq!(try_sync_call!(large::<680_000>()).expect("it ends"), 680_000));
        on_a_thread(|| {
            let future = try_sync_call!(large::<680_000>(), timeout = "1h", stall_after = "1h");
            assert_eq!(future.expect("it ends"), 680_000);
        });
    }

    pub(super) fn nearly_seven_hundred_kilobytes_on_a_worker() {
        let task = || sync_call!(large::<680_000>());
        let runtime = multi(1);
        assert_eq!(
            runtime.block_on(runtime.spawn(async move { task() })).expect("the task"),
            680_000
        );
    }

    pub(super) fn items_of_a_stream_that_is_large() {
        on_a_thread(|| {
            let mut items = iter(large::<400_000>());
            assert_eq!(items.next(), Some(400_000));
        });
    }
}
