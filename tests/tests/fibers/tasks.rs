//! Fibers of `spawn_fiber`: a few threads of their run poll them, and the run tracks them.

use std::collections::HashSet;
#[cfg(target_os = "linux")]
use std::fs;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread::{self, ThreadId};
use std::time::Duration;

use bridgehead::{
    Builder, Flavor, Kind, RunError, Runner, TaskError, ThreadContext, cancelled, spawn_fiber,
    sync_call,
};
#[cfg(target_os = "linux")]
use bridgehead_tests::child;
use bridgehead_tests::contexts::{everywhere, multi, single};
use bridgehead_tests::{message, within};
use tokio::runtime::Handle;
use tokio::sync::Barrier;
use tokio::task::{spawn_local, yield_now};
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(5);

/// Counts its drop.
struct Counted(Arc<AtomicU32>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn runner() -> Runner {
    Runner::builder().worker_threads(1).fiber_threads(2).build()
}

#[test]
fn anywhere_there_is_somebody_to_run_it() {
    everywhere(|case| {
        let task = spawn_fiber(|| {
            assert_eq!(ThreadContext::current(), ThreadContext::Fiber);
            sync_call!(async { 5 })
        });
        match sync_call!(task) {
            // This includes a fiber in such a context, before its first call.
            Err(error) if case.name.contains("that is gone") => {
                assert!(
                    matches!(error, TaskError::Refused { source: RunError::Closed { .. }, .. }),
                    "{error}"
                );
            }
            result => assert_eq!(result.expect("the fiber"), 5),
        }
    });
}

#[test]
fn many_share_a_few_threads_and_stay_where_they_are() {
    const COUNT: usize = 500;
    within("the run", || {
        let runner = runner();
        let barrier = Arc::new(Barrier::new(COUNT));
        let threads: Arc<Mutex<HashSet<ThreadId>>> = Arc::default();
        let work = |barrier: Arc<Barrier>, threads: Arc<Mutex<HashSet<ThreadId>>>| {
            let own = thread::current().id();
            threads.lock().expect("no panic").insert(own);
            for _ in 0..3 {
                sync_call!(sleep(Duration::from_millis(1)));
                assert_eq!(thread::current().id(), own);
            }
            sync_call!(barrier.wait());
            sync_call!(async { tokio::spawn(async { Handle::current().id() }).await })
                .expect("the task")
        };
        let id = runner.handle().expect("a runtime").id();
        let spawn = |_| {
            let (barrier, threads) = (Arc::clone(&barrier), Arc::clone(&threads));
            runner.spawn_fiber(move || work(barrier, threads))
        };
        let tasks: Vec<_> = (0..COUNT).map(spawn).collect();
        for task in tasks {
            assert_eq!(runner.run(task).expect("the fiber"), id);
        }
        assert_eq!(threads.lock().expect("no panic").len(), 2);
        assert!(runner.close().is_clean());
    });
}

#[test]
fn in_every_flavor() {
    for flavor in [Flavor::MultiThread, Flavor::CurrentThread, Flavor::Local] {
        within("the run", move || {
            let sum = Builder::new().flavor(flavor).run(async {
                let task = spawn_fiber(|| {
                    sync_call!(sleep(SHORT));
                    sync_call!(async { tokio::task::spawn_blocking(|| 5).await }).expect("the work")
                });
                task.await.expect("the fiber")
            });
            assert_eq!(sum, 5);
        });
    }
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn its_end_is_known() {
    within("the run", || {
        let (reported, failed) = mpsc::channel();
        let tell = move |failure: &bridgehead::Failure| {
            reported.send(failure.clone()).expect("it listens");
        };
        let runner =
            Runner::builder().worker_threads(1).fiber_threads(1).on_unhandled(tell).build();
        let panicked = runner.spawn_fiber(|| {
            sync_call!(yield_now());
            panic!("of the test");
        });
        match runner.run(panicked) {
            Err(TaskError::Panicked { payload, .. }) => {
                assert_eq!(message(payload.as_ref()), "of the test");
            }
            other => panic!("{other:?}"),
        }
        let dropped = Arc::new(AtomicU32::new(0));
        let counted = Counted(Arc::clone(&dropped));
        let (begun, has_begun) = mpsc::channel();
        let waits = runner.spawn_fiber(move || {
            let _counted = counted;
            begun.send(()).expect("it listens");
            sync_call!(pending::<()>());
        });
        has_begun.recv().expect("it has begun");
        waits.abort();
        let error = runner.run(waits).expect_err("it was aborted");
        assert!(error.is_cancelled() && error.location().file().ends_with("fibers/tasks.rs"));
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
        let counted = Counted(Arc::clone(&dropped));
        drop(runner.spawn_fiber(move || {
            let _counted = counted;
            sync_call!(pending::<()>());
        }));
        runner.spawn_fiber(|| Err::<(), _>("of the fiber")).detach();
        let failure = failed.recv().expect("it fails");
        assert_eq!((failure.kind, failure.message.as_str()), (Kind::Fiber, "of the fiber"));
        // The fibers were on one thread, so the other one has been dropped before this one failed.
        assert_eq!(dropped.load(Ordering::Relaxed), 2);
        assert_eq!(runner.close().failures(), [failure]);
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something unwinds")]
fn it_ends_with_its_run() {
    within("the run", || {
        let dropped = Arc::new(AtomicU32::new(0));
        let runner = runner();
        for wants_grace in [false, true] {
            for _ in 0..3 {
                let counted = Counted(Arc::clone(&dropped));
                runner
                    .spawn_fiber(move || {
                        let _counted = counted;
                        if wants_grace {
                            sync_call!(cancelled());
                            sync_call!(sleep(SHORT));
                        } else {
                            sync_call!(pending::<()>());
                        }
                    })
                    .detach();
            }
        }
        runner.run(async { sleep(SHORT * 4).await });
        let report = runner.close();
        assert_eq!((report.finished().len(), report.dropped().len()), (3, 3), "{report}");
        assert!(report.dropped().iter().all(|leftover| leftover.kind == Kind::Fiber));
        assert_eq!(dropped.load(Ordering::Relaxed), 6);
        let refused = sync_call!(runner.spawn_fiber(|| 1)).expect_err("it is closed");
        assert!(
            matches!(refused, TaskError::Refused { source: RunError::Closed { .. }, .. }),
            "{refused}"
        );
    });
}

#[test]
fn what_it_starts_on_its_thread_ends_with_the_run() {
    within("the run", || {
        let dropped = Arc::new(AtomicU32::new(0));
        let runner = runner();
        let counted = Counted(Arc::clone(&dropped));
        let waits = async move {
            let _counted = counted;
            pending::<()>().await;
        };
        runner
            .run(runner.spawn_fiber(|| sync_call!(async { drop(spawn_local(waits)) })))
            .expect("the fiber");
        assert!(runner.close().is_clean());
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
    });
}

/// A blocking local task on a fiber's thread can't be ended. It isn't one of the run's fibers.
#[test]
fn what_it_starts_on_its_thread_holds_up_no_end() {
    within("the run", || {
        let runner = Runner::builder().shutdown_timeout(SHORT).build();
        let (stop, stopped) = mpsc::channel::<()>();
        let blocks = async move {
            let _ = stopped.recv();
        };
        runner
            .run(runner.spawn_fiber(|| sync_call!(async { drop(spawn_local(blocks)) })))
            .expect("the fiber");
        let _ = runner.close();
        drop(stop);
    });
}

#[test]
fn one_that_does_not_wait_is_named() {
    within("the run", || {
        let runner = Runner::builder().grace_period(SHORT).shutdown_timeout(SHORT).build();
        let (stop, stopped) = mpsc::channel::<()>();
        let (begun, has_begun) = mpsc::channel();
        runner
            .spawn_fiber(move || {
                begun.send(()).expect("it listens");
                let _ = stopped.recv();
            })
            .detach();
        has_begun.recv().expect("it has begun");
        let report = runner.close();
        assert_eq!(report.abandoned().len(), 1, "{report}");
        assert_eq!(report.abandoned()[0].kind, Kind::Fiber);
        drop(stop);
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something unwinds")]
fn it_ends_with_a_runtime_of_somebody_elses() {
    within("the runtimes", || {
        for make in [single as fn() -> _, || multi(1)] {
            let dropped = Arc::new(AtomicU32::new(0));
            let counted = Counted(Arc::clone(&dropped));
            let runtime = make();
            let (begun, has_begun) = mpsc::channel();
            let guard = runtime.enter();
            let task = spawn_fiber(move || {
                let _counted = counted;
                let begins = async { begun.send(()).expect("it listens") };
                sync_call!(async { tokio::join!(sleep(Duration::from_secs(3600)), begins) });
            });
            drop(guard);
            has_begun.recv().expect("it has begun");
            drop(runtime);
            assert!(sync_call!(task).expect_err("its runtime is gone").is_cancelled());
            assert_eq!(dropped.load(Ordering::Relaxed), 1);
        }
    });
}

/// Without a setting, the number of threads is that of the cores. std determines that anew each
/// time, on Linux from files.
#[test]
#[cfg(target_os = "linux")]
fn to_spawn_one_reads_no_files() {
    const NAME: &str = "to_spawn_one_reads_no_files";
    const COUNT: u32 = 1000;
    /// How often this process has read from a descriptor. `None` if Linux doesn't count that.
    fn reads() -> Option<u32> {
        let counters = fs::read_to_string("/proc/self/io").ok()?;
        counters.lines().find_map(|line| line.strip_prefix("syscr: ")?.parse().ok())
    }
    if child::is_child(NAME) {
        bridgehead::run(async {
            spawn_fiber(|| ()).await.expect("it is the first one");
            let before = reads();
            for _ in 0..COUNT {
                spawn_fiber(|| ()).await.expect("there is a thread");
            }
            let more = reads().zip(before).map_or(0, |(after, before)| after - before);
            assert!(more < COUNT / 2, "{more} reads for {COUNT} fibers");
        });
        return;
    }
    child::assert_success(NAME, &child::run(NAME));
}

#[test]
fn without_a_stack_it_is_refused() {
    within("the run", || {
        let runner = Runner::builder().fiber_stack_size(usize::MAX).build();
        let error = runner.run(runner.spawn_fiber(|| ())).expect_err("the size");
        assert!(
            matches!(error, TaskError::Refused { source: RunError::Build { .. }, .. }),
            "{error}"
        );
        assert!(error.to_string().contains("fibers/tasks.rs"), "{error}");
        let error = Builder::new().fiber_threads(0).try_run(async {}).expect_err("the number");
        assert!(error.to_string().contains("`fiber_threads` is 0"), "{error}");
    });
}
