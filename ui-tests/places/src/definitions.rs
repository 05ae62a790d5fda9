//! In a user's own macros. The place where the macro is used counts, unless the macro itself has a
//! function around the call.
use bridgehead::sync_call;

use crate::ready;

macro_rules! block {
    ($future:expr) => {
        sync_call!($future)
    };
}

macro_rules! block_tokens {
    ($($tokens:tt)*) => { sync_call!($($tokens)*) };
}

macro_rules! on_a_thread {
    ($future:expr) => {
        std::thread::spawn(|| sync_call!($future)).join().unwrap()
    };
}

macro_rules! in_a_function {
    ($name:ident, $future:expr) => {
        fn $name() -> u32 {
            sync_call!($future)
        }
    };
}

macro_rules! in_async {
    ($future:expr) => {
        async move { sync_call!($future) }
    };
}

macro_rules! its_own {
    () => {
        sync_call!(crate::ready(1))
    };
}

macro_rules! make {
    ($name:ident) => {
        async fn $name() -> u32 {
            sync_call!(crate::ready(1)) //~ inside `async fn
        }
    };
}

macro_rules! hand_over {
    ($macro:ident, $future:expr) => {
        $macro!($future)
    };
}

async fn used_in_async() -> u32 {
    let value = block!(ready(1)); //~ inside `async fn used_in_async`
    let value = block_tokens!(ready(value)); //~ inside `async fn used_in_async`
    let value = hand_over!(block, ready(value)); //~ inside `async fn used_in_async`
    let value = block_elsewhere!(ready(value)); //~ inside `async fn used_in_async`
    in_a_function!(function, ready(1));
    on_a_thread!(ready(value)) + function()
}

fn used() -> u32 {
    drop(in_async!(ready(1))); //~ inside an `async` block
    block!(ready(1)) + block_tokens!(ready(1)) + hand_over!(block, ready(1)) + on_a_thread!(ready(1))
}

// The call has no token of the place where the macro is used.
async fn cannot_be_seen() -> u32 {
    its_own!()
}

make!(made);
