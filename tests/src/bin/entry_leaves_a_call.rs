//! A call on a worker still waits when `main` returns. The program's status is the one that `main`
//! returns all the same.

use std::future::pending;
use std::process::ExitCode;
use std::time::Duration;

use bridgehead::{spawn, sync_call};

/// Synchronous.
fn legacy() {
    sync_call!(pending::<()>());
}

#[bridgehead::entry(shutdown_timeout = "100ms")]
async fn main() -> ExitCode {
    let (begun, begins) = tokio::sync::oneshot::channel();
    spawn(async {
        begun.send(()).expect("main waits for it");
        legacy();
    })
    .detach();
    begins.await.expect("the task");
    tokio::time::sleep(Duration::from_millis(50)).await;
    ExitCode::from(7)
}
