//! A library's handler of `atexit` closes the background runtime, on a thread where tokio's
//! thread-local state is gone.

use std::time::Duration;

use bridgehead::{cancelled, spawn, sync_call};
use tokio::time::sleep;

extern "C" fn close() {
    let report = bridgehead::close_background();
    println!("{} finished, {} dropped", report.finished().len(), report.dropped().len());
}

fn main() {
    #[cfg(unix)]
    bridgehead_tests::system::at_exit(close);
    spawn(async {
        cancelled().await;
        sleep(Duration::from_millis(10)).await;
        println!("flushed");
    })
    .detach();
    spawn(std::future::pending::<()>()).detach();
    sync_call!(sleep(Duration::from_millis(20)));
    if cfg!(not(unix)) {
        close();
    }
}
