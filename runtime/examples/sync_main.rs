//! A program with a synchronous `main`. Like a plugin or a Python extension it has no async `main`
//! that would end its work: it prints what runs, and shuts down in order.
//!
//!     cargo run --example sync_main

use std::time::Duration;

use bridgehead::{
    Builder, cancelled, close_background, configure_background, metrics, spawn, sync_call,
};
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Writes the lines that it receives, until the program ends, and then the remaining ones.
async fn write_log(mut lines: mpsc::Receiver<String>) {
    loop {
        tokio::select! {
            Some(line) = lines.recv() => println!("log: {line}"),
            () = cancelled() => break,
        }
    }
    lines.close();
    while let Some(line) = lines.recv().await {
        sleep(Duration::from_millis(10)).await;
        println!("log, at the end: {line}");
    }
}

fn main() {
    let builder = Builder::new().worker_threads(1).grace_period(Duration::from_secs(1));
    configure_background(builder).expect("it is the first thing that this program does");

    let (log, lines) = mpsc::channel(16);
    spawn(write_log(lines)).detach();
    // A task that doesn't await `cancelled()`.
    spawn(std::future::pending::<()>()).detach();
    sync_call!(log.send("started".to_owned())).expect("the log is there");
    sync_call!(sleep(Duration::from_millis(20)));

    for runtime in metrics().runtimes {
        println!("{runtime}: {} tasks", runtime.tasks);
    }
    log.blocking_send("finished".to_owned()).expect("the log is there");
    let report = close_background();
    println!("{report}");
    assert_eq!((report.finished().len(), report.dropped().len()), (1, 1));
}
