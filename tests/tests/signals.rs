//! Signals that request the shutdown of a run, in a program that goes on.
#![cfg(unix)]

use std::future::pending;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bridgehead::{Builder, Flavor, RunError, Runner, Signal, cancelled};
use bridgehead_tests::child;
use libc::c_int;
use tokio::time::{sleep, timeout};

const SHORT: Duration = Duration::from_millis(50);

/// Signals belong to the process, so each test runs in a child.
macro_rules! in_a_child {
    ($($(#[$attribute:meta])* fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[test]
        fn $name() {
            let name = stringify!($name);
            if child::is_child(name) {
                $body
            } else {
                child::assert_success(name, &child::run(name));
            }
        }
    )*};
}

in_a_child! {
    fn a_runner_reports_which_signal_it_was_and_restores_the_handlers() {
        set(libc::SIGINT, libc::SIG_IGN);
        set(libc::SIGTERM, libc::SIG_DFL);
        for _ in 0..2 {
            // The second runner counts the signals anew.
            assert_interrupted(&closed_by(libc::SIGTERM), Signal::Terminate);
            assert_interrupted(&closed_by(libc::SIGINT), Signal::Interrupt);
            assert_eq!(does(libc::SIGINT), libc::SIG_IGN);
            assert_eq!(does(libc::SIGTERM), libc::SIG_DFL);
        }
    }

    fn a_run_that_nobody_interrupts_gives_them_back() {
        set(libc::SIGINT, libc::SIG_IGN);
        set(libc::SIGTERM, libc::SIG_DFL);
        for flavor in [Flavor::MultiThread, Flavor::CurrentThread, Flavor::Local] {
            let (interrupt, terminate) = watching().flavor(flavor).run(async { (does(libc::SIGINT), does(libc::SIGTERM)) });
            assert_eq!(interrupt, terminate);
            assert!(![libc::SIG_IGN, libc::SIG_DFL].contains(&interrupt));
            assert_eq!(does(libc::SIGINT), libc::SIG_IGN);
            assert_eq!(does(libc::SIGTERM), libc::SIG_DFL);
        }
    }

    #[cfg_attr(panic = "abort", ignore = "something panics")]
    fn a_main_that_panics_gives_them_back() {
        set(libc::SIGINT, libc::SIG_IGN);
        let panicked = thread::spawn(|| watching().run(async { panic!("of the test") })).join();
        panicked.expect_err("a panic");
        assert_eq!(does(libc::SIGINT), libc::SIG_IGN);
    }

    fn nothing_changes_unless_asked_for() {
        set(libc::SIGINT, libc::SIG_DFL);
        assert_eq!(bridgehead::run(async { does(libc::SIGINT) }), libc::SIG_DFL);
    }

    /// tokio's handlers stay until the process ends, and call the handlers that they have replaced.
    fn handlers_that_were_installed_meanwhile_stay() {
        set(libc::SIGINT, libc::SIG_DFL);
        let run = || {
            watching().try_run(async {
                let mut theirs = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()).expect("tokio's");
                send(libc::SIGINT);
                cancelled().await;
                theirs.recv().await;
            })
        };
        run().expect("main awaits `cancelled()`");
        assert_ne!(does(libc::SIGINT), libc::SIG_DFL);
        // The signal isn't watched for any more, and the handlers don't end the process.
        send(libc::SIGINT);
        send(libc::SIGINT);
    }

    fn all_who_watch_are_asked_and_late_comers_too() {
        set(libc::SIGINT, libc::SIG_IGN);
        let (begun, begins) = mpsc::channel();
        let (go_on, goes_on) = mpsc::channel::<()>();
        let first = {
            let begun = begun.clone();
            thread::spawn(move || {
                Runner::builder().signals(true).build().try_run(async {
                    begun.send(()).expect("the test listens");
                    cancelled().await;
                    tokio::task::spawn_blocking(move || goes_on.recv()).await
                })
            })
        };
        let second = thread::spawn(move || {
            // A run within another one, which awaits `cancelled()` itself.
            watching().try_run(async move {
                let inner = tokio::task::spawn_blocking(move || {
                    watching().try_run(async {
                        begun.send(()).expect("the test listens");
                        pending::<()>().await;
                    })
                });
                cancelled().await;
                inner.await.expect("the thread")
            })
        });
        begins.recv().expect("one");
        begins.recv().expect("the other");
        send(libc::SIGINT);
        let inner = second.join().expect("the thread").expect("its main finishes");
        assert_interrupted(&inner, Signal::Interrupt);
        // The first run still watches.
        assert_interrupted(&watching().try_run(pending::<()>()), Signal::Interrupt);
        Builder::new().signals([Signal::Hangup]).try_run(async { sleep(SHORT).await }).expect("it isn't its signal");
        assert_ne!(does(libc::SIGINT), libc::SIG_IGN);
        go_on.send(()).expect("it listens");
        first.join().expect("the thread").expect("its main finishes").expect("the thread").expect("the message");
        assert_eq!(does(libc::SIGINT), libc::SIG_IGN);
    }

    #[cfg(target_os = "linux")]
    fn two_hundred_runs_leave_no_descriptor_and_no_thread_behind() {
        let run = |signalled| {
            let builder = watching().flavor(Flavor::CurrentThread);
            let result = builder.try_run(async {
                if signalled {
                    send(libc::SIGINT);
                    pending::<()>().await;
                }
            });
            assert_eq!(result.is_err(), signalled);
        };
        run(true);
        let count = || std::fs::read_dir("/proc/self/fd").expect("the list").count();
        let before = count();
        for number in 0..200 {
            run(number % 2 == 0);
        }
        assert_eq!(count(), before);
        // One thread is libtest's, one the test's.
        assert!(bridgehead_tests::system::count_threads(2) <= 2);
    }

    fn a_forked_child_watches_for_nothing() {
        set(libc::SIGINT, libc::SIG_DFL);
        set(libc::SIGTERM, libc::SIG_IGN);
        watching().run(async {
            assert_eq!(end_of(&fork(), || send(libc::SIGINT)), Some(libc::SIGINT));
            assert_eq!(end_of(&fork(), || send(libc::SIGTERM)), None);
            // The child may watch for signals itself.
            let end = end_of(&fork(), || {
                assert_interrupted(&thread::spawn(|| closed_by(libc::SIGINT)).join().expect("the thread"), Signal::Interrupt);
                assert_eq!(does(libc::SIGINT), libc::SIG_DFL);
            });
            assert_eq!(end, None);
            assert!(timeout(SHORT, cancelled()).await.is_err(), "the parent was asked");
        });
    }

    /// This fork ran no handlers of `pthread_atfork`, which would have restored the signals in the
    /// child.
    #[cfg(target_os = "linux")]
    fn a_child_that_forked_behind_our_back_does_not_ask_its_parent() {
        watching().run(async {
            assert_eq!(end_of(&fork_quietly(), || send(libc::SIGINT)), Some(libc::SIGINT));
            assert!(timeout(SHORT, cancelled()).await.is_err(), "the parent was asked");
        });
    }
}

fn watching() -> Builder {
    Builder::new().signals(true)
}

fn closed_by(signal: c_int) -> Result<(), RunError> {
    let runner = Runner::builder().signals(true).build();
    runner.try_run(async move {
        send(signal);
        pending::<()>().await;
    })
}

#[track_caller]
fn assert_interrupted<T: std::fmt::Debug>(result: &Result<T, RunError>, by: Signal) {
    let Err(RunError::Interrupted { signal, .. }) = result else { panic!("{result:?}") };
    assert_eq!(*signal, Some(by));
}

#[expect(unsafe_code, reason = "std has no signals")]
fn send(signal: c_int) {
    // SAFETY: `kill` takes no pointer.
    assert_eq!(unsafe { libc::kill(libc::getpid(), signal) }, 0);
}

#[expect(unsafe_code, reason = "std has no signals")]
fn set(signal: c_int, what: libc::sighandler_t) {
    // SAFETY: `what` is one of the two values that are no function.
    assert_ne!(unsafe { libc::signal(signal, what) }, libc::SIG_ERR);
}

/// The handler of the signal.
#[expect(unsafe_code, reason = "std has no signals")]
fn does(signal: c_int) -> libc::sighandler_t {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: no handler is installed, and the result is only read after it was written.
    unsafe {
        assert_eq!(libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()), 0);
        action.assume_init().sa_sigaction
    }
}

/// The process id, which is zero in the child.
struct Fork(libc::pid_t);

#[expect(unsafe_code, reason = "std has no fork")]
fn fork() -> Fork {
    // SAFETY: the child has only this thread, and uses no other.
    Fork(unsafe { libc::fork() })
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "std has no fork")]
fn fork_quietly() -> Fork {
    // SAFETY: as for `fork`, and the child only makes system calls.
    let child = unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) };
    Fork(child.try_into().expect("a process"))
}

/// The signal that has ended the child. `None` if the child exited.
#[expect(unsafe_code, reason = "std has no fork")]
fn end_of(fork: &Fork, child: impl FnOnce()) -> Option<c_int> {
    if fork.0 == 0 {
        child();
        // SAFETY: the child has nothing to clean up.
        unsafe { libc::_exit(0) };
    }
    let mut status = 0;
    // SAFETY: the status can be written to.
    assert_eq!(unsafe { libc::waitpid(fork.0, &raw mut status, 0) }, fork.0);
    assert!(libc::WIFSIGNALED(status) || libc::WEXITSTATUS(status) == 0, "{status:#x}");
    libc::WIFSIGNALED(status).then(|| libc::WTERMSIG(status))
}
