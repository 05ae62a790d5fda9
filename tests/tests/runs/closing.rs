//! How a run ends: in four phases, in bounded time, and with a report of every task.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{Builder, Flavor, Kind, Report, Runner, cancelled, spawn, to_thread};
use bridgehead_tests::{child, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(100);
/// Longer than any test, for a wait that a test must not await.
const LONG: Duration = Duration::from_secs(3600);

fn runners() -> [Runner; 2] {
    let patient = || Builder::new().grace_period(LONG).shutdown_timeout(LONG);
    [patient().build(), patient().flavor(Flavor::CurrentThread).build()]
}

fn here(report: &[bridgehead::Leftover]) -> bool {
    report.iter().all(|one| one.location.is_some_and(|place| place.file().ends_with("closing.rs")))
}

struct Flag(Arc<AtomicBool>);

impl Drop for Flag {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[test]
fn a_task_that_awaits_cancelled_finishes_and_the_others_are_dropped() {
    within("drain", || {
        for runner in runners() {
            let (send, receive) = mpsc::channel();
            let dropped = Arc::new(AtomicBool::new(false));
            let flag = Flag(Arc::clone(&dropped));
            let report_drop = Arc::clone(&dropped);
            runner.run(async move {
                spawn(async move {
                    cancelled().await;
                    // Cleans up with an `.await`. The other task has been dropped by then.
                    sleep(SHORT).await;
                    send.send(report_drop.load(Ordering::Acquire)).expect("the test listens");
                })
                .detach();
                spawn(async move {
                    let _flag = flag;
                    sleep(LONG).await;
                })
                .detach();
                sleep(SHORT).await;
            });
            let report = runner.close();
            assert_eq!(receive.recv(), Ok(true), "the one that doesn't await it goes first");
            assert_eq!((report.finished().len(), report.dropped().len()), (1, 1), "{report}");
            assert!(
                here(report.finished()) && here(report.dropped()) && report.is_clean(),
                "{report}"
            );
        }
    });
}

#[test]
fn the_grace_period_is_bounded() {
    within("grace", || {
        for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
            let runner =
                Builder::new().flavor(flavor).grace_period(SHORT).shutdown_timeout(LONG).build();
            runner.run(async {
                spawn(async {
                    cancelled().await;
                    sleep(LONG).await;
                })
                .detach();
                sleep(SHORT).await;
            });
            let start = Instant::now();
            let report = runner.close();
            assert!(start.elapsed() >= SHORT);
            assert_eq!((report.finished().len(), report.dropped().len()), (0, 1), "{report}");
        }
    });
}

/// The grace period uses tokio's clock, which can be paused.
#[test]
fn the_grace_period_passes_at_once_on_a_paused_clock() {
    within("paused", || {
        let start = Instant::now();
        let runner = Builder::new()
            .flavor(Flavor::CurrentThread)
            .start_paused(true)
            .grace_period(LONG)
            .shutdown_timeout(LONG)
            .build();
        runner.run(async {
            spawn(async {
                cancelled().await;
                sleep(LONG / 2).await;
            })
            .detach();
            spawn(async {
                cancelled().await;
                sleep(2 * LONG).await;
            })
            .detach();
            sleep(SHORT).await;
        });
        let report = runner.close();
        assert_eq!((report.finished().len(), report.dropped().len()), (1, 1), "{report}");
        assert!(start.elapsed() < LONG);
    });
}

#[test]
fn a_real_peer_gets_the_last_words() {
    within("peer", || {
        for runner in runners() {
            let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a socket");
            let address = listener.local_addr().expect("its address");
            let peer = thread::spawn(move || {
                let (mut stream, _) = listener.accept().expect("the connection");
                let mut text = String::new();
                std::io::Read::read_to_string(&mut stream, &mut text).expect("the text");
                text
            });
            runner.run(async move {
                spawn(async move {
                    let mut stream = TcpStream::connect(address).await?;
                    stream.write_all(b"hello, ").await?;
                    cancelled().await;
                    sleep(SHORT).await;
                    stream.write_all(b"and goodbye").await?;
                    stream.shutdown().await
                })
                .detach();
                sleep(5 * SHORT).await;
            });
            assert!(runner.close().is_clean());
            assert_eq!(peer.join().expect("the peer"), "hello, and goodbye");
        }
    });
}

#[test]
fn blocking_work_is_joined_or_named() {
    within("join", || {
        let runner = Builder::new().shutdown_timeout(LONG).build();
        let done = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&done);
        runner.run(async move {
            to_thread(move || {
                thread::sleep(5 * SHORT);
                flag.store(true, Ordering::Release);
            })
            .detach();
        });
        let report = runner.close();
        assert!(done.load(Ordering::Acquire), "closed before the work was done");
        assert!(report.is_clean() && report.finished().len() == 1, "{report}");

        // Blocking work doesn't get the rest of the grace period.
        let runner = Builder::new().grace_period(LONG).shutdown_timeout(SHORT).build();
        runner.run(async {
            to_thread(|| thread::sleep(LONG)).detach();
            // Untracked work.
            drop(tokio::task::spawn_blocking(|| thread::sleep(LONG)));
            sleep(SHORT).await;
        });
        let report = runner.close();
        let kinds: Vec<_> = report.abandoned().iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [Kind::Blocking, Kind::Thread], "{report}");
        assert!(report.to_string().contains("closing.rs"), "{report}");
        assert!(!report.is_clean());
    });
}

/// Neither closing the runner nor dropping the task waits for it any longer.
#[test]
fn a_task_that_was_abandoned_may_be_dropped_and_detached() {
    within("abandoned", || {
        let abandoned = || {
            let runner = Builder::new()
                .worker_threads(1)
                .grace_period(SHORT)
                .shutdown_timeout(SHORT)
                .build();
            let (begun, begins) = mpsc::channel();
            let begun_work = begun.clone();
            let work = runner.to_thread(move || {
                begun_work.send(()).expect("the test listens");
                thread::sleep(LONG);
            });
            let task = runner.spawn(async move {
                begun.send(()).expect("the test listens");
                thread::sleep(LONG);
            });
            begins.iter().take(2).for_each(drop);
            let report = runner.close();
            assert_eq!(report.abandoned().len(), 2, "{report}");
            [work, task]
        };
        for task in abandoned() {
            assert!(!task.is_finished());
            drop(task);
        }
        for task in abandoned() {
            task.detach();
        }
    });
}

#[test]
fn a_task_that_never_yields_is_abandoned_and_named() {
    within("never yields", || {
        // The task blocks the only worker, and with it the runtime's timers.
        let runner =
            Builder::new().worker_threads(1).grace_period(SHORT).shutdown_timeout(SHORT).build();
        runner.run(async {
            let (send, receive) = tokio::sync::oneshot::channel();
            spawn(async {
                send.send(()).expect("somebody waits");
                thread::sleep(LONG);
            })
            .detach();
            receive.await.expect("it has begun");
        });
        let report = runner.close();
        let kinds: Vec<_> = report.abandoned().iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [Kind::Task], "{report}");
        assert!(report.abandoned()[0].age.is_some_and(|age| age >= SHORT), "{report}");
    });
}

#[test]
fn plain_tokio_tasks_are_dropped_and_their_drop_runs() {
    within("plain", || {
        for runner in runners() {
            let dropped = Arc::new(AtomicBool::new(false));
            let flag = Flag(Arc::clone(&dropped));
            runner.run(async move {
                tokio::spawn(async move {
                    let _flag = flag;
                    sleep(LONG).await;
                });
                sleep(SHORT).await;
            });
            assert!(runner.close().is_clean());
            assert!(dropped.load(Ordering::Acquire));
        }
    });
}

#[test]
fn a_plain_tokio_task_that_awaits_cancelled_has_the_grace_period_too() {
    within("stranger", || {
        for runner in runners() {
            let (send, receive) = mpsc::channel();
            runner.run(async move {
                tokio::spawn(async move {
                    cancelled().await;
                    sleep(SHORT).await;
                    send.send(()).expect("the test listens");
                });
                sleep(SHORT).await;
            });
            assert!(runner.close().is_clean());
            assert_eq!(receive.recv(), Ok(()));
        }
    });
}

#[test]
fn blocking_work_learns_of_it_in_a_call_also_late() {
    within("work", || {
        for runner in runners() {
            let (send, receive) = mpsc::channel();
            let (begun, begins) = mpsc::channel();
            let late = send.clone();
            let (closing, closes) = mpsc::channel::<()>();
            runner
                .to_thread(move || {
                    begun.send(()).expect("the test listens");
                    bridgehead::sync_call!(cancelled());
                    send.send("in time").expect("the test listens");
                    drop(closing);
                })
                .detach();
            runner
                .to_thread(move || {
                    let _ = closes.recv();
                    bridgehead::sync_call!(cancelled());
                    late.send("late").expect("the test listens");
                })
                .detach();
            // An untracked task, which would use up the grace period if blocking work were mistaken
            // for a task.
            runner.run(async { drop(tokio::spawn(std::future::pending::<()>())) });
            begins.recv().expect("it begins");
            assert!(runner.close().is_clean());
            assert_eq!((receive.recv(), receive.recv()), (Ok("in time"), Ok("late")));
        }
    });
}

#[test]
fn what_is_spawned_while_closing_is_cancelled_at_once_and_reported() {
    within("late", || {
        for runner in runners() {
            let (send, receive) = mpsc::channel();
            runner.run(async move {
                spawn(async move {
                    cancelled().await;
                    let late = spawn(async { unreachable!("it is not polled") });
                    send.send(late.await.expect_err("cancelled").is_cancelled())
                        .expect("the test listens");
                    let late = to_thread(|| unreachable!("it is not begun"));
                    send.send(late.await.expect_err("cancelled").is_cancelled())
                        .expect("the test listens");
                })
                .detach();
                sleep(SHORT).await;
            });
            let report = runner.close();
            assert_eq!((receive.recv(), receive.recv()), (Ok(true), Ok(true)));
            let kinds: Vec<_> = report.dropped().iter().map(|one| one.kind).collect();
            assert_eq!(kinds, [Kind::Task, Kind::Blocking], "{report}");
        }
    });
}

struct Counts(Arc<AtomicUsize>);

impl Drop for Counts {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn ten_thousand_leftover_tasks_are_dropped_and_reported_in_a_line() {
    within("many", || {
        for runner in runners() {
            let count = Arc::new(AtomicUsize::new(0));
            let counter = Arc::clone(&count);
            runner.run(async move {
                for _ in 0..10_000 {
                    let counts = Counts(Arc::clone(&counter));
                    spawn(async move {
                        let _counts = counts;
                        sleep(LONG).await;
                    })
                    .detach();
                }
            });
            let report = runner.close();
            assert_eq!((count.load(Ordering::Relaxed), report.dropped().len()), (10_000, 10_000));
            let text = report.to_string();
            assert!(text.lines().count() < 5 && text.contains("9999 more"), "{text}");
        }
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "its process ends in a way of its own")]
fn a_leftover_read_of_standard_input_does_not_keep_the_program() {
    const NAME: &str = "a_leftover_read_of_standard_input_does_not_keep_the_program";
    if child::is_child(NAME) {
        let builder = Builder::new().shutdown_timeout(SHORT);
        builder.run(async {
            tokio::spawn(async {
                let mut line = [0; 1];
                tokio::io::stdin().read_exact(&mut line).await
            });
            sleep(SHORT).await;
        });
        std::process::exit(0);
    }
    // A pipe that stays open and empty.
    let output = child::run_with_open_stdin(NAME);
    child::assert_success(NAME, &output);
    assert!(child::stderr(&output).contains("thread of the runtime"), "{}", child::stderr(&output));
}

/// The work takes a minute, and the bound is milliseconds.
#[test]
#[cfg_attr(panic = "abort", ignore = "its process ends in a way of its own")]
fn a_run_with_blocking_work_ends_within_its_bound_and_names_it() {
    const NAME: &str = "a_run_with_blocking_work_ends_within_its_bound_and_names_it";
    if child::is_child(NAME) {
        Builder::new().shutdown_timeout(SHORT).run(async {
            to_thread(|| thread::sleep(Duration::from_secs(60))).detach();
        });
        std::process::exit(0);
    }
    let start = Instant::now();
    let output = child::run(NAME);
    assert!(start.elapsed() < Duration::from_secs(30));
    child::assert_success(NAME, &output);
    let text = child::stderr(&output);
    assert!(text.contains("blocking work started at") && text.contains("closing.rs"), "{text}");
}

#[test]
fn durations_of_every_size_are_bounds() {
    within("durations", || {
        for duration in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
            let builder = || Builder::new().grace_period(duration).shutdown_timeout(duration);
            for runner in [builder().build(), builder().flavor(Flavor::CurrentThread).build()] {
                runner.run(async {
                    spawn(async { cancelled().await }).detach();
                    to_thread(|| ()).await.expect("the work");
                    sleep(SHORT).await;
                });
                let report: Report = runner.close();
                assert!(
                    report.abandoned().is_empty() || duration < SHORT,
                    "{duration:?}: {report}"
                );
            }
        }
        // A grace period may be longer than the shutdown timeout: one follows the other.
        let runner = Builder::new().grace_period(LONG).shutdown_timeout(Duration::ZERO).build();
        runner.run(async {
            spawn(async {
                cancelled().await;
                sleep(SHORT).await;
            })
            .detach();
            sleep(SHORT).await;
        });
        let report = runner.close();
        assert_eq!(report.finished().len(), 1, "{report}");
    });
}

/// Each task waits for data of the other one, over a connection within the run.
#[test]
fn tasks_that_wait_for_each_other_are_dropped() {
    within("each other", || {
        for runner in runners() {
            runner.run(async {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a socket");
                let address = listener.local_addr().expect("its address");
                spawn(async move {
                    let (mut stream, _) = listener.accept().await?;
                    stream.read_u8().await
                })
                .detach();
                spawn(async move { TcpStream::connect(address).await?.read_u8().await }).detach();
                sleep(SHORT).await;
            });
            let report = runner.close();
            assert!(report.is_clean() && report.dropped().len() == 2, "{report}");
        }
    });
}
