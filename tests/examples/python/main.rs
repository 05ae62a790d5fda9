//! A library that Python loads, and whose functions wait for something async. See `tests/python.rs`.
#![expect(unsafe_code, reason = "names that C knows")]

use std::time::Duration;

use bridgehead::sync_call;
use tokio::time::sleep;

/// The square, from a task.
#[unsafe(no_mangle)]
extern "C" fn square(number: u64) -> u64 {
    let task = async move {
        sleep(Duration::from_millis(1)).await;
        number * number
    };
    sync_call!(async { tokio::spawn(task).await.expect("the task") })
}

/// Waits for so many milliseconds.
#[unsafe(no_mangle)]
extern "C" fn wait(milliseconds: u64) {
    sync_call!(sleep(Duration::from_millis(milliseconds)));
}
