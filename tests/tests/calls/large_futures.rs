//! Futures of hundreds of kilobytes, on a thread of 2 MiB, in debug builds as well: there each pass
//! by value puts one more copy on the stack.

use std::thread;
use std::time::Duration;

use bridgehead::__private::{Leaks, entry, test, test_within};
use bridgehead::{Builder, Flavor, Runner, fiber_future, on_background, spawn, sync_call};
use bridgehead_tests::{DEADLINE, child};
use tokio::task::yield_now;

/// The default stack size of std's threads.
const STACK: usize = 2 * 1024 * 1024;

/// A future with an array of `SIZE` bytes that lives across waits.
async fn large<const SIZE: usize>() -> usize {
    let bytes = [1_u8; SIZE];
    yield_now().await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    let bytes = &bytes;
    bytes.len()
}

type Way = (&'static str, fn() -> usize);

/// The ways to run a future.
fn ways<const SIZE: usize>() -> Vec<Way> {
    vec![
        ("run", || bridgehead::run(large::<SIZE>())),
        ("try_run", || bridgehead::try_run(large::<SIZE>()).expect("it runs")),
        ("Builder::run", || single().run(large::<SIZE>())),
        ("Builder::try_run", || single().try_run(large::<SIZE>()).expect("it runs")),
        ("a local run", || Builder::new().flavor(Flavor::Local).run(large::<SIZE>())),
        ("a run on a fiber", || single().fiber(true).run(large::<SIZE>())),
        ("Runner::run", || Runner::new().run(large::<SIZE>())),
        ("Runner::try_run", || single().build().try_run(large::<SIZE>()).expect("it runs")),
        ("Runner::spawn", || {
            let runner = Runner::new();
            let task = runner.spawn(large::<SIZE>());
            runner.run(task).expect("the task")
        }),
        ("entry", || entry(Builder::new(), large::<SIZE>(), |size| size)),
        ("spawn", || bridgehead::run(async { spawn(large::<SIZE>()).await.expect("the task") })),
        ("spawn on a plain thread", || {
            let task = spawn(large::<SIZE>());
            sync_call!(task).expect("the task")
        }),
        ("on_background", || on_background(large::<SIZE>()).expect("it runs")),
        ("fiber_future", || bridgehead::run(async { fiber_future(large::<SIZE>()).await })),
        ("test", || test(single(), Leaks::Ignore, large::<SIZE>(), |size| size)),
        ("test with a timeout", || {
            let limit = Duration::from_secs(600);
            test_within(single(), Leaks::Ignore, limit, large::<SIZE>, |size| size)
        }),
    ]
}

fn single() -> Builder {
    Builder::new().flavor(Flavor::CurrentThread)
}

/// Runs each way in a process of its own, since a stack overflow ends the process.
fn all_hold<const SIZE: usize>(name: &str) {
    if child::is_child(name) {
        let part = child::part();
        let ways = ways::<SIZE>();
        let (_, way) = ways.iter().find(|(way, _)| *way == part).expect("a way");
        let thread = thread::Builder::new().stack_size(STACK).spawn(*way).expect("a thread");
        assert_eq!(thread.join().expect("no panic"), SIZE);
        return;
    }
    let fail = |(way, _): Way| {
        let ended = child::run_part(name, way, DEADLINE);
        let holds = ended.status.is_some_and(|status| status.success());
        (!holds).then(|| format!("{way}: {ended:?}"))
    };
    let failures: Vec<_> = ways::<SIZE>().into_iter().filter_map(fail).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn futures_of_400_kb() {
    all_hold::<400_000>("futures_of_400_kb");
}

#[test]
fn futures_of_700_kb() {
    all_hold::<700_000>("futures_of_700_kb");
}
