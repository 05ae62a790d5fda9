//! A program with a synchronous `main`, which closes the background runtime at its end and prints
//! the report of what was lost.

use std::future::pending;
use std::time::Duration;

use bridgehead::{
    Builder, cancelled, close_background, configure_background, spawn, sync_call, to_thread,
};
use tokio::time::sleep;

fn main() {
    let builder = Builder::new().worker_threads(1).shutdown_timeout(Duration::from_millis(50));
    configure_background(builder).expect("nothing has run yet");
    spawn(async {
        cancelled().await;
        sleep(Duration::from_millis(10)).await;
        println!("flushed");
    })
    .detach();
    spawn(pending::<()>()).detach();
    spawn(async { Err::<(), _>("the disk is full") }).detach();
    to_thread(|| std::thread::sleep(Duration::from_secs(60))).detach();
    sync_call!(sleep(Duration::from_millis(20)));
    println!("{}", close_background());
}
