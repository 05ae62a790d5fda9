//! `spawn_local`: tasks that stay on their thread, and that their run tracks.

use std::cell::Cell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bridgehead::{
    Builder, Flavor, Report, TaskError, cancelled, spawn_fiber, spawn_local, to_thread,
};
use bridgehead_tests::contexts::everywhere;
use bridgehead_tests::{message, within};
use tokio::task::{LocalSet, yield_now};
use tokio::time::sleep;

const MOMENT: Duration = Duration::from_millis(10);

fn local() -> Builder {
    Builder::new().flavor(Flavor::Local)
}

#[test]
fn a_task_and_its_output_need_not_be_send() {
    let output = local().run(async {
        let count = Rc::new(Cell::new(1));
        let task = spawn_local(async move {
            yield_now().await;
            count.set(count.get() + 1);
            count
        });
        task.await.expect("the task").get()
    });
    assert_eq!(output, 2);
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn it_works_in_every_place_that_runs_local_tasks_and_names_the_caller_elsewhere() {
    everywhere(|case| {
        let line = line!() + 1;
        let spawned = catch_unwind(AssertUnwindSafe(|| spawn_local(async {})));
        // The last context is in a `LocalSet`, too.
        let names = ["LocalSet", "LocalRuntime", "local flavor", "a fiber that unwinds"];
        let is_local = names.iter().any(|name| case.name.contains(name));
        match spawned {
            // As with `spawn` in this context, the task's output is the error that the runtime has
            // ended.
            Ok(task) if case.name.contains("gone") => assert!(task.is_finished(), "{}", case.name),
            Ok(task) => {
                assert!(is_local, "{}", case.name);
                task.detach();
            }
            Err(payload) => {
                let text = message(payload.as_ref());
                assert!(!is_local, "{}: {text}", case.name);
                assert!(text.contains(&format!("local_tasks.rs:{line}:")), "{}: {text}", case.name);
                assert!(
                    text.contains("help: give the run `flavor = \"local\"`"),
                    "{}: {text}",
                    case.name
                );
            }
        }
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn it_is_refused_on_another_thread_of_a_local_runtime() {
    local().run(async {
        let work = to_thread(|| {
            let refused = catch_unwind(|| drop(spawn_local(async {})));
            message(refused.expect_err("a panic").as_ref())
        });
        let text = work.await.expect("the work");
        assert!(text.contains("local_tasks.rs:") && text.contains("another thread"), "{text}");
    });
}

#[test]
fn a_set_without_a_runtime_has_tasks_too() {
    within("a set", || {
        let set = LocalSet::new();
        let task = {
            let _guard = set.enter();
            spawn_local(async { Rc::new(3) })
        };
        let output = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        assert_eq!(*output.block_on(set.run_until(task)).expect("the task"), 3);
    });
}

#[test]
fn on_a_thread_for_fibers_it_stays_there() {
    let name = bridgehead::run(async {
        let fiber = spawn_fiber(|| {
            bridgehead::sync_call!(spawn_local(async {
                std::thread::current().name().map(str::to_owned)
            }))
        });
        fiber.await.expect("the fiber").expect("the task")
    });
    assert_eq!(name.as_deref(), Some("bridgehead-fibers"));
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn aborting_and_dropping_it_cancel_it() {
    local().run(async {
        let held = Rc::new(());
        let task = |held: &Rc<()>| {
            let held = Rc::clone(held);
            spawn_local(async move {
                pending::<()>().await;
                drop(held);
            })
        };
        let aborted = task(&held);
        yield_now().await;
        aborted.abort();
        assert!(matches!(aborted.await, Err(TaskError::Cancelled { .. })));
        let dropped = task(&held);
        yield_now().await;
        drop(dropped);
        yield_now().await;
        assert_eq!(Rc::strong_count(&held), 1);
        let panicked = spawn_local(async { panic!("of the test") });
        assert!(matches!(panicked.await, Err(TaskError::Panicked { .. })));
    });
}

/// Runs `main`, and returns the failures that its handler got.
fn failures_of(builder: Builder, main: impl Future<Output = ()>) -> Vec<String> {
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let reported = Arc::clone(&seen);
    builder
        .on_unhandled(move |failure| reported.lock().expect("it").push(failure.to_string()))
        .run(main);
    let seen = seen.lock().expect("it");
    seen.clone()
}

#[test]
fn a_detached_one_that_fails_is_not_lost() {
    let line = line!() + 2;
    let main = || async {
        spawn_local(async { Err::<(), _>("of the test") }).detach();
        yield_now().await;
    };
    let expected =
        format!("task started at tests/tests/runs/local_tasks.rs:{line}:9 failed: of the test");
    assert_eq!(failures_of(local(), main()), [expected.as_str()]);
    for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
        let in_set = async { LocalSet::new().run_until(main()).await };
        assert_eq!(failures_of(Builder::new().flavor(flavor), in_set), [expected.as_str()]);
    }
}

/// Three tasks: one that cleans up in the grace period, one that takes too long for that, and one
/// that doesn't await `cancelled`.
async fn three(goodbyes: Rc<Cell<u32>>) {
    let says = Rc::clone(&goodbyes);
    spawn_local(async move {
        cancelled().await;
        sleep(MOMENT).await;
        says.set(says.get() + 1);
    })
    .detach();
    spawn_local(async move {
        cancelled().await;
        pending::<()>().await;
    })
    .detach();
    spawn_local(pending::<()>()).detach();
    yield_now().await;
}

#[test]
fn the_end_of_a_run_gives_them_time_or_drops_them() {
    within("the end", || {
        let goodbyes = Rc::new(Cell::new(0));
        let builder = local().grace_period(10 * MOMENT);
        builder.run(three(Rc::clone(&goodbyes)));
        // The other two tasks have been dropped as well, with their values.
        assert_eq!((goodbyes.get(), Rc::strong_count(&goodbyes)), (1, 1));
    });
}

#[test]
fn a_set_that_is_polled_while_its_runner_closes_is_named_in_the_report() {
    within("the report", || {
        let runner = Arc::new(Builder::new().grace_period(20 * MOMENT).build());
        let (sends, sent) = std::sync::mpsc::channel();
        let other = Arc::clone(&runner);
        let drives = std::thread::spawn(move || {
            let tasks = LocalSet::new();
            let main = tasks.run_until(async {
                let goodbyes = Rc::new(Cell::new(0));
                three(Rc::clone(&goodbyes)).await;
                sends.send(()).expect("the test");
                cancelled().await;
                sleep(40 * MOMENT).await;
            });
            let _ = other.try_run(main);
        });
        sent.recv().expect("the tasks");
        let report: Report = runner.close();
        drives.join().expect("the thread");
        let text = report.to_string();
        let finished =
            report.finished().iter().filter(|left| left.kind == bridgehead::Kind::Task).count();
        assert_eq!((finished, report.dropped().len() >= 2), (1, true), "{text}");
        assert!(report.abandoned().is_empty(), "{text}");
    });
}

#[test]
fn in_a_run_that_closes_none_is_started() {
    local().run(async {
        spawn_local(async {
            cancelled().await;
            let late = spawn_local(async {});
            assert!(late.await.expect_err("it is too late").is_cancelled());
        })
        .detach();
        yield_now().await;
    });
}
