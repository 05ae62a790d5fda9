//! Clocks, and processes and system calls that are interrupted.

use std::future::{pending, ready};
use std::time::{Duration, Instant};

use bridgehead::{Builder, Flavor, sync_call, try_sync_call};
use bridgehead_tests::contexts::{everywhere, in_task};
use bridgehead_tests::within;
use tokio::time::{self, sleep, timeout};

const SHORT: Duration = Duration::from_millis(5);

#[test]
fn no_duration_is_too_long_or_too_short() {
    everywhere(|_| {
        for longest in [Duration::MAX, Duration::from_secs(u64::MAX), Duration::from_secs(1 << 40)]
        {
            assert_eq!(try_sync_call!(ready(1), timeout = longest).expect("in time"), 1);
            try_sync_call!(sleep(SHORT), timeout = longest).expect("in time");
            let call = || try_sync_call!(sleep(SHORT), stall_after = longest, on_stall = "panic");
            call().expect("in time");
            try_sync_call!(sleep(longest), timeout = SHORT).expect_err("the time is over");
            sync_call!(timeout(longest, sleep(SHORT))).expect("in time");
        }
        assert_eq!(try_sync_call!(ready(1), timeout = Duration::ZERO).expect("at once"), 1);
        assert!(
            try_sync_call!(pending::<()>(), timeout = Duration::ZERO)
                .expect_err("late")
                .is_timeout()
        );
        sync_call!(sleep(Duration::ZERO));
        sync_call!(sleep(SHORT), stall_after = Duration::ZERO, on_stall = "ignore");
    });
}

#[test]
fn a_deadline_is_never_early() {
    everywhere(|_| {
        for limit in [Duration::from_micros(300), SHORT, 4 * SHORT] {
            let start = Instant::now();
            try_sync_call!(pending::<()>(), timeout = limit).expect_err("the time is over");
            assert!(start.elapsed() >= limit);
        }
    });
}

/// The time limit of a call uses the system's clock. Timers of tokio's in it are those of the
/// runtime that serves it.
#[test]
fn a_paused_clock_holds_up_nobody() {
    within("paused", || {
        for flavor in [Flavor::CurrentThread, Flavor::Local] {
            Builder::new().flavor(flavor).start_paused(true).run(async {
                let begun = time::Instant::now();
                in_call();
                assert_eq!(begun.elapsed(), Duration::ZERO, "the runtime's clock stands still");
                sleep(Duration::from_secs(3600)).await;
            });
        }
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().start_paused(true).build().expect("a runtime");
        in_task(&runtime, Box::new(in_call));
    });
}

fn in_call() {
    let start = Instant::now();
    try_sync_call!(pending::<()>(), timeout = SHORT).expect_err("the time is over");
    sync_call!(sleep(SHORT));
    assert!(start.elapsed() >= 2 * SHORT);
}

#[cfg(unix)]
mod interrupted {
    use std::process::Command;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use bridgehead::OnStall;
    use bridgehead_tests::child;
    use bridgehead_tests::contexts::{multi, single};

    use super::*;

    /// Interrupts all threads of the process with signals, again and again.
    fn storm(is_over: &Arc<AtomicBool>) -> thread::JoinHandle<()> {
        extern "C" fn nothing(_: libc::c_int) {}
        #[expect(unsafe_code, reason = "std has no signals")]
        // SAFETY: the handler does nothing, and the structure is one for which zero is a value.
        // Without `SA_RESTART` calls are interrupted.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = nothing as *const () as libc::sighandler_t;
            assert_eq!(libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut()), 0);
        }
        let is_over = Arc::clone(is_over);
        thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                #[cfg(target_os = "linux")]
                for thread in std::fs::read_dir("/proc/self/task").expect("the threads").flatten() {
                    let id: i64 = thread.file_name().to_string_lossy().parse().expect("a number");
                    #[expect(unsafe_code, reason = "std can't send signals")]
                    // SAFETY: `tgkill` takes no pointer, and does nothing for a thread that has
                    // ended.
                    unsafe {
                        libc::syscall(
                            libc::SYS_tgkill,
                            i64::from(std::process::id()),
                            id,
                            libc::SIGUSR1,
                        );
                    }
                }
                thread::sleep(Duration::from_micros(100));
            }
        })
    }

    #[test]
    fn a_storm_of_signals_loses_nothing_and_hurries_nothing() {
        const NAME: &str = "interrupted::a_storm_of_signals_loses_nothing_and_hurries_nothing";
        if child::is_child(NAME) {
            let is_over = Arc::new(AtomicBool::new(false));
            let storm = storm(&is_over);
            everywhere(|_| {
                let start = Instant::now();
                for _ in 0..5 {
                    sync_call!(sleep(SHORT));
                    let (answer, wait) = tokio::sync::oneshot::channel();
                    thread::spawn(move || answer.send(1));
                    assert_eq!(sync_call!(wait), Ok(1));
                    try_sync_call!(pending::<()>(), timeout = SHORT).expect_err("the time is over");
                }
                assert!(start.elapsed() >= 10 * SHORT);
            });
            is_over.store(true, Ordering::Relaxed);
            storm.join().expect("the storm");
            return;
        }
        child::assert_success(NAME, &child::run(NAME));
    }

    /// Stops this process with SIGSTOP for one second, 0.2 seconds from now.
    fn stop_for_a_while() -> std::process::Child {
        let script = "sleep 0.2; kill -STOP $0; sleep 1; kill -CONT $0";
        Command::new("sh")
            .args(["-c", script, &std::process::id().to_string()])
            .spawn()
            .expect("a shell")
    }

    #[test]
    fn a_process_that_was_stopped_goes_on_and_nothing_is_reported() {
        const NAME: &str =
            "interrupted::a_process_that_was_stopped_goes_on_and_nothing_is_reported";
        if child::is_child(NAME) {
            let stalls =
                Builder::new().stall_after(Duration::from_millis(300)).on_stall(OnStall::Panic);
            bridgehead::configure_background(stalls).expect("nobody else does");
            for runtime in [multi(1), multi(2)] {
                let start = Instant::now();
                let calls: [fn(); 3] = [
                    || sync_call!(sleep(Duration::from_millis(1500))),
                    || {
                        try_sync_call!(sleep(Duration::from_secs(2)), timeout = "10s")
                            .expect("in time");
                    },
                    || {
                        let limit = Duration::from_millis(500);
                        let error =
                            try_sync_call!(pending::<()>(), timeout = limit).expect_err("late");
                        assert!(error.is_timeout(), "{error}");
                    },
                ];
                let calls = calls.map(|call| runtime.spawn(async move { call() }));
                let plain = thread::spawn(|| sync_call!(sleep(Duration::from_millis(1500))));
                let mut stopped = stop_for_a_while();
                for call in calls {
                    runtime.block_on(call).expect("the call");
                }
                plain.join().expect("the call");
                assert!(start.elapsed() >= Duration::from_secs(2));
                stopped.wait().expect("the shell");
            }
            // The same on a thread that drives a runtime.
            let mut stopped = stop_for_a_while();
            let sleeps = || sync_call!(sleep(Duration::from_millis(1500)), on_stall = "ignore");
            in_task(&single(), Box::new(sleeps));
            stopped.wait().expect("the shell");
            return;
        }
        child::assert_success(NAME, &child::run(NAME));
    }
}
