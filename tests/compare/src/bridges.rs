//! The bridges: each waits, in a synchronous function, for the future that `make` returns.

use std::pin::Pin;
use std::sync::{LazyLock, Mutex, mpsc};
use std::thread;

use bridgehead_tests::bridge::{self, Bridge as _};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task;

pub type Work = Pin<Box<dyn Future<Output = u32> + Send>>;

pub struct Bridge {
    /// The name, as Markdown.
    pub name: &'static str,
    /// Whether the future may be `!Send`, and may borrow.
    pub takes_any_future: bool,
    pub call: fn(Work) -> u32,
}

const fn bridge(name: &'static str, takes_any_future: bool, call: fn(Work) -> u32) -> Bridge {
    Bridge { name, takes_any_future, call }
}

pub const BRIDGES: &[Bridge] = &[
    bridge("`sync_call!`", true, |work| bridgehead::sync_call!(work)),
    bridge("`Handle::current().block_on(future)`", true, |work| Handle::current().block_on(work)),
    bridge("`block_in_place` around `Handle::current().block_on(future)`", true, |work| {
        bridge::InPlace::call(|| work)
    }),
    bridge(
        "on the multi-thread flavor as 3, otherwise a new runtime on a scoped thread",
        false,
        |work| bridge::InPlaceOrThread::call(|| work),
    ),
    bridge("`Runtime::new()?.block_on(future)` in each call", true, |work| {
        Runtime::new().expect("a runtime").block_on(work)
    }),
    bridge("a current-thread runtime that a client keeps, as in `postgres`", true, of_postgres),
    bridge(
        "a thread that keeps a runtime, and a channel, as in `reqwest::blocking`",
        false,
        of_reqwest,
    ),
    bridge(
        "a scoped thread with the current `Handle`, as in `sync-run-async` 0.1",
        false,
        of_sync_run_async,
    ),
    bridge(
        "`block_in_place` around a spawned task, as in `tokio_safe_block_on` 0.2",
        false,
        |work| {
            task::block_in_place(|| futures::executor::block_on(tokio::spawn(work)))
                .expect("the task")
        },
    ),
    bridge("`futures::executor::block_on`", true, futures::executor::block_on),
    bridge("`pollster::block_on`", true, pollster::block_on),
    bridge("`async_compat::Compat` in `pollster::block_on`", true, |work| {
        pollster::block_on(async_compat::Compat::new(work))
    }),
    bridge("`async_global_executor::block_on`, with its feature `tokio`", true, |work| {
        async_global_executor::block_on(work)
    }),
];

fn of_postgres(work: Work) -> u32 {
    static CLIENT: LazyLock<Mutex<Runtime>> = LazyLock::new(|| {
        Mutex::new(Builder::new_current_thread().enable_all().build().expect("a runtime"))
    });
    CLIENT.lock().expect("no panic before").block_on(work)
}

/// As in release builds. In debug builds `reqwest::blocking` panics in async code on purpose.
fn of_reqwest(work: Work) -> u32 {
    type Request = (Work, oneshot::Sender<u32>);
    static THREAD: LazyLock<mpsc::Sender<Request>> = LazyLock::new(|| {
        let (sender, requests) = mpsc::channel::<Request>();
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
            for (work, answer) in requests {
                let _ = answer.send(runtime.block_on(work));
            }
        });
        sender
    });
    let (sender, answer) = oneshot::channel();
    THREAD.send((work, sender)).expect("the thread");
    futures::executor::block_on(answer).expect("the answer")
}

fn of_sync_run_async(work: Work) -> u32 {
    match Handle::try_current() {
        Ok(handle) => {
            thread::scope(|scope| scope.spawn(|| handle.block_on(work)).join()).expect("no panic")
        }
        Err(_) => Runtime::new().expect("a runtime").block_on(work),
    }
}
