//! Synchronous code, however far within async code.
use std::sync::LazyLock;

use bridgehead::{sync_call, try_sync_call};

use crate::ready;

static LAZY: LazyLock<u32> = LazyLock::new(|| sync_call!(ready(1)));

fn synchronous() -> u32 {
    sync_call!(ready(1))
}

async fn in_closures() -> u32 {
    let task = tokio::task::spawn_blocking(|| sync_call!(ready(1)));
    let other = tokio::task::spawn_blocking(move || {
        let value = sync_call!(ready(1));
        if value == 1 { sync_call!(ready(2)) } else { value }
    });
    let sum: u32 = [1, 2].into_iter().map(|value| sync_call!(ready(value))).sum();
    task.await.unwrap() + other.await.unwrap() + sum
}

async fn in_items() -> u32 {
    fn inner() -> u32 {
        sync_call!(ready(1))
    }
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            sync_call!(ready(1));
        }
    }
    mod inner {
        pub fn inner() -> u32 {
            bridgehead::sync_call!(crate::ready(1))
        }
    }
    let _guard = Guard;
    inner()
}

async fn allowed() -> u32 {
    let value = try_sync_call!(ready(1), timeout = "5s", allow_async).unwrap();
    sync_call!(ready(value), allow_async,)
}

/// Makes a closure of its argument. The source around the argument doesn't show that.
macro_rules! defer {
    ($($body:tt)*) => {
        let _deferred = Deferred(|| {
            $($body)*
        });
    };
}

struct Deferred<F: FnMut()>(F);

impl<F: FnMut()> Drop for Deferred<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

async fn deferred() {
    defer! {
        sync_call!(ready(1), allow_async);
    }
}

fn closures_around_async() -> u32 {
    let f = |value: u32| {
        let _future = async { value };
        sync_call!(ready(value))
    };
    let fetch = async |value: u32| value;
    sync_call!(async { fetch(1).await }) + f(2)
}

const fn closure_in_const_fn() -> fn() -> u32 {
    || sync_call!(ready(1))
}

const CALLBACK: fn() -> u32 = || sync_call!(ready(1));

fn arguments(values: [u32; 2], pointer: *const u32) -> u32 {
    // async fn f() {
    let text = "async fn f() {";
    /* async fn f() { /* } */ */
    sync_call!(ready(text.len() as u32))
}
