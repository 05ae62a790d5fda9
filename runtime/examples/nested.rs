//! May a synchronous function wait for async code that calls a synchronous function that waits
//! again? And may runs nest?
//! Calls nest as deep as the stack allows. A run does not nest: it has to be the outermost on its
//! thread.
//! thread does.

use std::time::Duration;

use bridgehead::{RunError, ThreadContext, sync_call};

/// The synchronous half.
fn countdown(from: u32) -> u32 {
    println!("{from}: {}", ThreadContext::current());
    if from == 0 { 0 } else { sync_call!(step(from)) }
}

/// The async half.
async fn step(from: u32) -> u32 {
    tokio::time::sleep(Duration::from_millis(1)).await;
    1 + countdown(from - 1)
}

#[bridgehead::entry]
async fn main() {
    println!("{} levels, from main", countdown(3));
    let levels = tokio::spawn(async { countdown(3) }).await.expect("the task does not panic");
    println!("{levels} levels, from a task");

    match bridgehead::try_run(step(1)) {
        Ok(_) => unreachable!("this thread is in a run already"),
        Err(error @ RunError::AlreadyRunning { .. }) => println!("refused: {error}"),
        Err(error) => println!("failed: {error}"),
    }
}
