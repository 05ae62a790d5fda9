//! A runtime that only `main` drives serves no other thread, since `main` may block: a call on a
//! plain thread is served by the background runtime.

use std::thread;
use std::time::Duration;

use bridgehead::{Flavor, ThreadContext, sync_call};

const FLAVOR: Flavor = Flavor::CurrentThread;

#[bridgehead::entry(flavor = FLAVOR)]
async fn main() {
    assert_eq!(ThreadContext::current(), ThreadContext::Driver);
    let plain = thread::spawn(|| {
        sync_call!(async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let task = tokio::spawn(async { thread::current().name().map(str::to_owned) });
            task.await.expect("the task")
        })
    });
    // Blocks main's thread, on purpose.
    assert_eq!(plain.join().expect("the thread").as_deref(), Some("bridgehead"));
}
