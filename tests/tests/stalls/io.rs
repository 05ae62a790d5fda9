//! Stalls of synchronous reads and iterations.

use std::io::{ErrorKind, Read};
use std::thread;

use bridgehead::{Builder, CallError, Flavor, OnStall, io, iter};
use bridgehead_tests::reported::{AFTER, LONG, pending_thread, reported};
use bridgehead_tests::{contexts, message, within};
use futures::stream;
use tokio::io::{AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::mpsc;

/// A stream to which another task of the runtime writes that the thread drives.
fn written_by_a_sibling() -> DuplexStream {
    let (here, mut there) = duplex(64);
    tokio::spawn(async move { there.write_all(b"never").await });
    here
}

fn sent_by_a_sibling() -> mpsc::Receiver<u32> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move { sender.send(1).await });
    receiver
}

fn next(mut receiver: mpsc::Receiver<u32>) {
    iter(stream::poll_fn(move |cx| receiver.poll_recv(cx))).next();
}

#[test]
fn reading_and_iterating_are_reported() {
    const NAME: &str = "reading_and_iterating_are_reported";
    let job = || {
        let jobs: [fn(); 4] = [
            || drop(io(written_by_a_sibling()).read(&mut [0])),
            || drop(io(written_by_a_sibling()).with_timeout(4 * LONG).read(&mut [0])),
            || next(sent_by_a_sibling()),
            || drop(io(written_by_a_sibling()).with_timeout(AFTER / 4).read(&mut [0])),
        ];
        for job in jobs {
            thread::spawn(move || contexts::single().block_on(async { job() }));
        }
    };
    let mut reported = reported(NAME, 3, move || {
        job();
        pending_thread();
    });
    reported.sort();
    assert_eq!(reported.len(), 3, "{reported:#?}");
    assert!(reported.iter().all(|message| message.contains("stalls/io.rs")), "{reported:#?}");
    assert!(reported.iter().all(|message| message.contains("make no progress")), "{reported:#?}");
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn they_stop_waiting_where_that_is_set() {
    within("given up", || {
        let builder = || {
            Builder::new().flavor(Flavor::CurrentThread).stall_after(AFTER).on_stall(OnStall::Panic)
        };
        for timeout in [None, Some(10 * LONG)] {
            let error = builder().run(async {
                let mut reader = io(written_by_a_sibling());
                reader.set_timeout(timeout);
                reader.read(&mut [0]).expect_err("the stall")
            });
            assert_eq!(error.kind(), ErrorKind::Deadlock);
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref()).expect("ours");
            assert!(matches!(inner, CallError::Stalled { .. }), "{inner}");
            assert!(inner.location().file().ends_with("stalls/io.rs"));
        }
        let payload =
            std::panic::catch_unwind(|| builder().run(async { next(sent_by_a_sibling()) }));
        let text = message(payload.expect_err("the stall").as_ref());
        assert!(text.contains("stalls/io.rs") && text.contains("make no progress"), "{text}");
    });
}
