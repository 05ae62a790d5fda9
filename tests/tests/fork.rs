//! Forks: a child is served by a runtime of its own, whatever its parent was doing, and the parent
//! is unaffected.
//!
//! tokio calls any use of it in a forked child unsupported. These tests cover what works on the
//! systems that they run on.
#![cfg(unix)]

use std::os::unix::process::CommandExt;
use std::process::{self, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{
    Flavor, RunError, Runner, TaskError, ThreadContext, run, spawn, spawn_fiber, sync_call,
    to_thread,
};
use bridgehead_tests::child;
use bridgehead_tests::contexts::{multi, single};
use bridgehead_tests::system::{in_forked_child, status_of_forked_child};
use bridgehead_tests::traps::SHORT;
use tokio::time::sleep;

/// Less than the time limit of any wait in vain.
const SOON: Duration = Duration::from_secs(4);

/// Runs `parent`, which forks, in a process of its own.
fn forks(name: &str, parent: impl FnOnce()) {
    if child::is_child(name) {
        parent();
        call();
        return;
    }
    child::assert_success(name, &child::run(name));
}

/// Calls that need a task and a timer, and whose wake-ups tokio would defer to a scheduler that
/// doesn't run in the child.
fn call() {
    sync_call!(async { tokio::spawn(sleep(SHORT / 10)).await.expect("the task") });
    sync_call!(tokio::task::yield_now());
}

#[test]
fn on_a_plain_thread_with_calls_pending() {
    forks("on_a_plain_thread_with_calls_pending", || {
        call();
        for _ in 0..4 {
            thread::spawn(|| sync_call!(std::future::pending::<()>()));
        }
        let waiting = thread::spawn(|| sync_call!(sleep(10 * SHORT)));
        in_forked_child(|| {
            assert_eq!(ThreadContext::current(), ThreadContext::Plain);
            call();
            // The same in a child of the child.
            in_forked_child(call);
            call();
        });
        waiting.join().expect("the parent's call");
    });
}

#[test]
fn in_a_task() {
    forks("in_a_task", || {
        for runtime in [multi(1), multi(2), single()] {
            let task = runtime.spawn(async {
                call();
                in_forked_child(|| {
                    assert_eq!(ThreadContext::current(), ThreadContext::Forked);
                    call();
                });
                call();
            });
            runtime.block_on(task).expect("the task");
        }
    });
}

#[test]
fn in_a_call() {
    forks("in_a_call", || {
        sync_call!(async {
            sleep(SHORT / 10).await;
            in_forked_child(|| {
                assert_eq!(ThreadContext::current(), ThreadContext::Forked);
                call();
            });
            sleep(SHORT / 10).await;
        });
    });
}

#[test]
fn on_a_fiber() {
    forks("on_a_fiber", || {
        single().block_on(bridgehead::fiber(|| {
            call();
            in_forked_child(|| {
                assert_eq!(ThreadContext::current(), ThreadContext::Forked);
                call();
            });
            call();
        }));
    });
}

#[test]
fn in_blocking_work_and_under_a_guard() {
    forks("in_blocking_work_and_under_a_guard", || {
        run(async { bridgehead::to_thread(|| in_forked_child(call)).await.expect("the work") });
        let runtime = multi(1);
        let _guard = runtime.enter();
        in_forked_child(call);
    });
}

#[test]
fn a_child_may_exit_with_calls_pending_in_the_parent() {
    forks("a_child_may_exit_with_calls_pending_in_the_parent", || {
        let waiting = thread::spawn(|| sync_call!(sleep(5 * SHORT)));
        call();
        for calls in [false, true] {
            let status = status_of_forked_child(|| {
                if calls {
                    call();
                }
                process::exit(7);
            });
            assert_eq!(libc::WEXITSTATUS(status), 7);
        }
        waiting.join().expect("the parent's call");
    });
}

#[test]
fn a_child_may_execute_another_program() {
    forks("a_child_may_execute_another_program", || {
        call();
        for calls in [false, true] {
            let status = status_of_forked_child(|| {
                if calls {
                    call();
                }
                let error = Command::new("sh").args(["-c", "exit 7"]).exec();
                panic!("{error}");
            });
            assert_eq!(libc::WEXITSTATUS(status), 7);
        }
        // Child processes of std and of tokio work as before.
        let output = Command::new("sh").args(["-c", "echo 7"]).output().expect("the program");
        assert_eq!(output.stdout, b"7\n");
        let output = sync_call!(tokio::process::Command::new("sh").args(["-c", "echo 7"]).output());
        assert_eq!(output.expect("the program").stdout, b"7\n");
    });
}

#[test]
fn many_forks_while_other_threads_take_our_lock() {
    forks("many_forks_while_other_threads_take_our_lock", || {
        static IS_OVER: AtomicBool = AtomicBool::new(false);
        call();
        // No thread begins or ends meanwhile, see `status_of_forked_child`.
        let callers: Vec<_> = (0..4)
            .map(|_| {
                thread::spawn(|| {
                    while !IS_OVER.load(Ordering::Relaxed) {
                        // The first call on each new runtime takes the lock.
                        single().block_on(async { call() });
                    }
                })
            })
            .collect();
        for _ in 0..50 {
            in_forked_child(call);
        }
        IS_OVER.store(true, Ordering::Relaxed);
        for caller in callers {
            caller.join().expect("the caller");
        }
    });
}

#[test]
fn a_runner_of_the_parents_is_closed_in_the_child() {
    forks("a_runner_of_the_parents_is_closed_in_the_child", || {
        for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
            let runner = Runner::builder().flavor(flavor).build();
            runner.run(async { spawn(sleep(10 * SHORT)).detach() });
            let mut runner = Some(runner);
            let started = Instant::now();
            in_forked_child(|| {
                let runner = runner.take().expect("the runner");
                assert!(matches!(runner.try_run(async {}), Err(RunError::Closed { .. })));
                let refused = sync_call!(runner.spawn(sleep(SHORT)));
                assert!(matches!(refused, Err(TaskError::Refused { .. })), "{refused:?}");
                assert!(runner.close().is_clean());
                drop(runner);
            });
            assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
            let runner = runner.expect("the parent has it still");
            runner.run(async { sleep(SHORT).await });
            assert!(runner.close().is_clean());
        }
    });
}

/// The workers of the inherited runtime don't exist in the child.
#[test]
fn what_is_spawned_under_an_inherited_runtime_runs_in_the_child() {
    forks("what_is_spawned_under_an_inherited_runtime_runs_in_the_child", || {
        call();
        let in_child = || {
            assert_eq!(ThreadContext::current(), ThreadContext::Forked);
            let task = spawn(async {
                sleep(SHORT).await;
                1
            });
            let work = to_thread(|| 2);
            let fiber = spawn_fiber(|| {
                sync_call!(sleep(SHORT));
                3
            });
            assert_eq!(sync_call!(task).expect("the task"), 1);
            assert_eq!(sync_call!(work).expect("the work"), 2);
            assert_eq!(sync_call!(fiber).expect("the fiber"), 3);
            let (send, receive) = mpsc::channel();
            spawn(async move { send.send(4).expect("the test listens") }).detach();
            assert_eq!(receive.recv_timeout(SOON), Ok(4));
        };
        for runtime in [multi(1), single()] {
            let _guard = runtime.enter();
            in_forked_child(in_child);
        }
        run(async { in_forked_child(in_child) });
        let runner = Runner::new();
        runner.run(async {
            in_forked_child(|| {
                let refused = [
                    sync_call!(runner.spawn(async { 1 })),
                    sync_call!(runner.to_thread(|| 1)),
                    sync_call!(runner.spawn_fiber(|| 1)),
                ];
                assert!(
                    refused.iter().all(|refused| matches!(refused, Err(TaskError::Refused { .. })))
                );
            });
        });
    });
}

/// Another thread may have locked the runner at the moment of the fork.
#[test]
fn many_forks_while_another_thread_uses_a_runner() {
    forks("many_forks_while_another_thread_uses_a_runner", || {
        let (is_over, runner) = (AtomicBool::new(false), Runner::new());
        runner.run(async {});
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    runner.handle().expect("it is open");
                }
            });
            for _ in 0..50 {
                in_forked_child(|| {
                    assert!(matches!(runner.try_run(async {}), Err(RunError::Closed { .. })));
                    assert!(runner.close().is_clean());
                });
            }
            is_over.store(true, Ordering::Relaxed);
        });
        assert!(runner.close().is_clean());
    });
}

/// `run` returns in both processes, and the child doesn't wait for its parent's threads.
#[test]
fn a_child_may_leave_a_run_of_its_parents() {
    forks("a_child_may_leave_a_run_of_its_parents", || {
        let started = Instant::now();
        let child = run(async {
            spawn(std::future::pending::<()>()).detach();
            sleep(SHORT).await;
            fork()
        });
        if child == 0 {
            process::exit(i32::from(started.elapsed() > SOON));
        }
        assert_eq!(wait_for(child), 0);
    });
}

#[expect(unsafe_code, reason = "std can't fork")]
fn fork() -> libc::pid_t {
    // SAFETY: the child only uses what works in a forked child.
    unsafe { libc::fork() }
}

#[expect(unsafe_code, reason = "std doesn't wait for what it hasn't started")]
fn wait_for(child: libc::pid_t) -> i32 {
    let mut status = 0;
    // SAFETY: `status` lives as long as the call.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    status
}
