use std::io;
use std::net::SocketAddr;

use bridgehead::{background, try_sync_call};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A container that a test uses. Dropping this value stops the container.
struct Container {
    daemon: TcpStream,
}

impl Container {
    /// Starts a container. The background runtime drives the connection, since it outlives the
    /// runtime of each test.
    async fn start(daemon: SocketAddr) -> io::Result<Self> {
        let start = async move {
            let mut daemon = TcpStream::connect(daemon).await?;
            daemon.write_all(b"start\n").await?;
            daemon.read_u8().await?;
            Ok(Self { daemon })
        };
        background()?.spawn(start).await?
    }

    async fn stop(&mut self) -> io::Result<()> {
        self.daemon.write_all(b"stop\n").await?;
        self.daemon.read_u8().await?;
        Ok(())
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let stopped = try_sync_call!(self.stop(), on = "background", timeout = "10s");
        // Don't panic here: if a failed test unwinds, a second panic would abort the process.
        if let Err(error) = stopped.unwrap_or_else(|error| Err(error.into())) {
            eprintln!("the container is left behind: {error}");
        }
    }
}

mod at_exit;

#[cfg(test)]
mod tests {
    use std::future;
    use std::panic::{self, AssertUnwindSafe};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use bridgehead::sync_call;
    use bridgehead_tests::contexts::{everywhere, multi, single};
    use bridgehead_tests::within;
    use tokio::runtime::{LocalOptions, Runtime};
    use tokio::task::LocalSet;

    use super::*;
    use crate::servers::daemon;

    #[test]
    fn a_container_is_stopped_wherever_it_is_dropped() {
        let (address, running) = daemon();
        everywhere(move |case| {
            let container = sync_call!(Container::start(address)).expect("a container");
            assert_eq!(running.load(Ordering::SeqCst), 1);
            drop(container);
            assert_eq!(running.load(Ordering::SeqCst), 0, "{}", case.name);
        });
    }

    async fn start_and_drop(address: SocketAddr, running: Arc<AtomicUsize>) {
        let container = Container::start(address).await.expect("a container");
        tokio::task::yield_now().await;
        drop(container);
        assert_eq!(running.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn a_container_that_async_code_has_started_is_stopped_there() {
        within("async code", || {
            let begun = Instant::now();
            let (address, running) = daemon();
            let test = || start_and_drop(address, Arc::clone(&running));
            for runtime in [single(), multi(1)] {
                runtime.block_on(test());
                runtime.block_on(LocalSet::new().run_until(test()));
                runtime.block_on(runtime.spawn(test())).expect("the task");
            }
            let mut local = tokio::runtime::Builder::new_current_thread();
            local
                .enable_all()
                .build_local(LocalOptions::default())
                .expect("a runtime")
                .block_on(test());
            // Each request that isn't answered takes ten seconds.
            assert!(begun.elapsed() < Duration::from_secs(30), "it was not answered");
        });
    }

    /// The container belongs to a task, which is dropped when its runtime ends.
    #[test]
    fn a_container_is_stopped_when_its_runtime_ends() {
        within("the end of a runtime", || {
            let (address, running) = daemon();
            let ends = |runtime: Runtime| {
                let (send, started) = std::sync::mpsc::channel();
                runtime.spawn(async move {
                    let _container = Container::start(address).await.expect("a container");
                    send.send(()).expect("the test listens");
                    future::pending::<()>().await;
                });
                runtime.block_on(async {
                    while started.try_recv().is_err() {
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                });
                assert_eq!(running.load(Ordering::SeqCst), 1);
                drop(runtime);
                assert_eq!(running.load(Ordering::SeqCst), 0);
            };
            ends(single());
            ends(multi(1));
            ends(multi(2));
        });
    }

    #[test]
    #[cfg_attr(panic = "abort", ignore = "something panics")]
    fn a_container_is_stopped_by_a_test_that_fails() {
        let (address, running) = daemon();
        everywhere(move |case| {
            let fails = || {
                let _container = sync_call!(Container::start(address)).expect("a container");
                panic::resume_unwind(Box::new("of the test"));
            };
            panic::catch_unwind(AssertUnwindSafe(fails)).expect_err("the panic");
            assert_eq!(running.load(Ordering::SeqCst), 0, "{}", case.name);
        });
    }
}
