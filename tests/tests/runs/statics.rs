//! A value that an async function loads once, and that more tasks need than there are workers.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bridgehead::{Flavor, Runner, on_background, sync_call};
use bridgehead_tests::{Outcome, child, outcome, within};
use tokio::runtime::Runtime;
use tokio::sync::{Barrier, OnceCell};
use tokio::time::sleep;

/// More than there are workers.
const TASKS: usize = 8;

/// Needs a timer and a task of the runtime that polls it, in two steps, so that a thread that
/// merely drives the I/O driver can't complete it.
async fn load() -> u32 {
    sleep(Duration::from_millis(50)).await;
    tokio::spawn(async { 42 }).await.expect("the task")
}

/// Calls `get` in all tasks at once.
fn met_by_all(runtime: &Runtime, get: fn() -> u32) {
    let meet = Arc::new(Barrier::new(TASKS));
    let meet = || Arc::clone(&meet);
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| meet())
        .map(|meet| {
            runtime.spawn(async move {
                meet.wait().await;
                get()
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(runtime.block_on(task).expect("the task"), 42);
    }
}

macro_rules! completes {
    ($name:ident: $get:expr) => {
        #[test]
        fn $name() {
            within(stringify!($name), || {
                // Each runtime has a cell of its own, since a cell is loaded once.
                let one: fn() -> u32 = $get;
                met_by_all(&bridgehead_tests::contexts::multi(1), one);
                let two: fn() -> u32 = $get;
                met_by_all(&bridgehead_tests::contexts::multi(2), two);
                let current_thread: fn() -> u32 = $get;
                met_by_all(&bridgehead_tests::contexts::single(), current_thread);
                let plain: fn() -> u32 = $get;
                let threads: Vec<_> = (0..TASKS).map(|_| std::thread::spawn(plain)).collect();
                for thread in threads {
                    assert_eq!(thread.join().expect("the thread"), 42);
                }
            });
        }
    };
}

completes!(a_cell_of_tokios: || {
    static VALUE: OnceCell<u32> = OnceCell::const_new();
    *sync_call!(VALUE.get_or_init(load))
});

completes!(a_lazy_lock_that_is_initialised_on_the_background_runtime: || {
    static VALUE: LazyLock<u32> = LazyLock::new(|| on_background(load()).expect("the value"));
    *VALUE
});

/// The same in a run of this crate.
#[test]
fn a_cell_in_a_runner() {
    static VALUE: OnceCell<u32> = OnceCell::const_new();
    within("runner", || {
        for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
            let runner = Runner::builder().flavor(flavor).worker_threads(1).build();
            let get = || *sync_call!(VALUE.get_or_init(load));
            let tasks: Vec<_> = (0..TASKS).map(|_| runner.spawn(async move { get() })).collect();
            for task in tasks {
                assert_eq!(runner.run(task).expect("the task"), 42);
            }
        }
    });
}

/// The documentation advises against this: the other tasks park their workers in std, and the call
/// waits for a runtime that no thread drives.
#[test]
fn a_lazy_lock_whose_initialiser_calls_hangs() {
    const NAME: &str = "a_lazy_lock_whose_initialiser_calls_hangs";
    if child::is_child(NAME) {
        static VALUE: LazyLock<u32> = LazyLock::new(|| sync_call!(load()));
        let hangs = || met_by_all(&bridgehead_tests::contexts::multi(2), || *VALUE);
        let outcome = outcome(Duration::from_secs(3), hangs);
        assert!(matches!(outcome, Outcome::Hung), "{outcome:?}");
        std::process::exit(0);
    }
    child::assert_success(NAME, &child::run(NAME));
}
