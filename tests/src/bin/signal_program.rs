//! A program in which a signal begins the graceful shutdown. Its first argument selects what it
//! does, its second the signal that it sends to itself.

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
fn main() {
    programs::main();
}

#[cfg(unix)]
mod programs {
    use std::cell::Cell;
    use std::env;
    use std::future::pending;
    use std::thread;
    use std::time::Duration;

    use bridgehead::{Builder, Flavor, Signal, cancelled, spawn, to_thread};
    use libc::c_int;
    use tokio::time::sleep;

    const SHORT: Duration = Duration::from_millis(20);
    /// Longer than the test waits.
    const LONG: Duration = Duration::from_secs(600);

    /// What `#[entry]` expands to.
    fn entry(builder: Builder, main: impl Future<Output = ()>) {
        bridgehead::__private::entry(builder, main, |()| ());
    }

    pub(super) fn main() {
        let arguments: Vec<String> = env::args().collect();
        let [_, what, signal] = arguments.as_slice() else { panic!("expected two arguments") };
        let signal = match signal.as_str() {
            "SIGINT" => libc::SIGINT,
            "SIGTERM" => libc::SIGTERM,
            _ => libc::SIGHUP,
        };
        forget_what_was_inherited();
        let off = Builder::new().grace_period(LONG).shutdown_timeout(LONG);
        let on = off.clone().signals(true);
        match what.as_str() {
            "off" => entry(off, is_dropped(signal)),
            "list" => entry(off.signals([Signal::Interrupt, Signal::Hangup]), is_dropped(signal)),
            "dropped" => entry(on, is_dropped(signal)),
            "dropped, current_thread" => {
                entry(on.flavor(Flavor::CurrentThread), is_dropped(signal));
            }
            "finishes" => entry(on, finishes(signal)),
            "blocks it" => entry(on, blocks_it(signal)),
            "long grace" => entry(on, cleans_up_without_end(signal)),
            "stuck" => entry(on, is_stuck(signal)),
            "storm" => entry(on, is_in_a_storm(signal)),
            "last moment" => entry(on, ends_as_it_comes(signal)),
            "unheard" => entry(on.shutdown_timeout(SHORT), loses_work_unheard(signal)),
            _ => panic!("unknown: {what}"),
        }
    }

    struct SaysSo(&'static str);

    impl Drop for SaysSo {
        fn drop(&mut self) {
            println!("{}", self.0);
        }
    }

    async fn is_dropped(signal: c_int) {
        let _says_so = SaysSo("main is dropped");
        spawn(async {
            cancelled().await;
            sleep(SHORT).await;
            println!("the task has cleaned up");
        })
        .detach();
        // By then the task awaits `cancelled`.
        sleep(SHORT).await;
        send(signal);
        pending::<()>().await;
    }

    async fn finishes(signal: c_int) {
        send(signal);
        cancelled().await;
        sleep(SHORT).await;
        print!("main has finished, without a newline");
    }

    async fn blocks_it(signal: c_int) {
        send(signal);
        cancelled().await;
        block(signal);
        println!("main has blocked it");
    }

    async fn cleans_up_without_end(signal: c_int) {
        spawn(async move {
            cancelled().await;
            println!("cleaning up");
            send(signal);
            pending::<()>().await;
        })
        .detach();
        sleep(SHORT).await;
        send(if signal == libc::SIGINT { libc::SIGTERM } else { libc::SIGINT });
        pending::<()>().await;
    }

    async fn is_stuck(signal: c_int) {
        spawn(async move {
            cancelled().await;
            println!("asked");
            send(signal);
        })
        .detach();
        sleep(SHORT).await;
        send(signal);
        thread::sleep(LONG);
    }

    async fn is_in_a_storm(signal: c_int) {
        for _ in 0..4 {
            thread::spawn(move || {
                for _ in 0..250 {
                    send(signal);
                }
            });
        }
        pending::<()>().await;
    }

    /// Sends the signal when the thread of `to_thread` ends, after the run has closed everything
    /// but its watch for signals.
    async fn ends_as_it_comes(signal: c_int) {
        struct Sends(c_int);

        impl Drop for Sends {
            fn drop(&mut self) {
                send(self.0);
            }
        }

        thread_local! {
            static WHEN_THE_THREAD_ENDS: Cell<Option<Sends>> = const { Cell::new(None) };
        }

        to_thread(move || WHEN_THE_THREAD_ENDS.set(Some(Sends(signal)))).await.expect("the thread");
    }

    async fn loses_work_unheard(signal: c_int) {
        to_thread(|| thread::sleep(LONG)).detach();
        sleep(SHORT).await;
        close_standard_error();
        send(signal);
        pending::<()>().await;
    }

    /// The parent process may ignore signals, as a shell does for background jobs, and this process
    /// inherits that.
    #[expect(unsafe_code, reason = "there is no other way")]
    fn forget_what_was_inherited() {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            // SAFETY: `SIG_DFL` is no handler of this program.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
    }

    #[expect(unsafe_code, reason = "there is no other way")]
    fn send(signal: c_int) {
        // SAFETY: `kill` takes no pointer.
        assert_eq!(unsafe { libc::kill(libc::getpid(), signal) }, 0);
    }

    #[expect(unsafe_code, reason = "there is no other way")]
    fn block(signal: c_int) {
        let mut set = std::mem::MaybeUninit::uninit();
        // SAFETY: the set is initialised before it is used.
        unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            libc::sigaddset(set.as_mut_ptr(), signal);
            libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), std::ptr::null_mut());
        }
    }

    #[expect(unsafe_code, reason = "there is no other way")]
    fn close_standard_error() {
        // SAFETY: only standard error uses this descriptor.
        unsafe { libc::close(2) };
    }
}
