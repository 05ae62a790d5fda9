//! A library that Python loads, and whose functions wait for async code. See
//! `tests/tests/programs/python.rs`.
#![expect(unsafe_code, reason = "names that C knows")]

use std::hint::black_box;
use std::time::Duration;

use bridgehead::{fiber, sync_call};
use futures::executor::block_on;
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

/// Waits for this many milliseconds.
#[unsafe(no_mangle)]
extern "C" fn wait(milliseconds: u64) {
    sync_call!(sleep(Duration::from_millis(milliseconds)));
}

/// Runs a fiber, so that the signal of a stack overflow is handled from here on.
#[unsafe(no_mangle)]
extern "C" fn run_fiber() -> u64 {
    block_on(fiber(|| sync_call!(async { 42 })))
}

/// Uses up the stack of a fiber.
#[unsafe(no_mangle)]
extern "C" fn overflow() -> u64 {
    block_on(fiber(|| deep(u64::MAX)).stack_size(64 * 1024))
}

/// A frame that the compiler can't optimise away.
fn deep(level: u64) -> u64 {
    let frame = black_box([level; 64]);
    if level == 0 { frame[0] } else { deep(level - 1) + frame[63] }
}
