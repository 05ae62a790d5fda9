//! With nothing in between.
use bridgehead::{sync_call, try_sync_call};

use crate::ready;

async fn outer() -> u32 {
    sync_call!(ready(1)) //~ `sync_call!` inside `async fn outer` would block its thread: use `.await` here
}

async fn qualified() -> u32 {
    ::bridgehead::sync_call!(ready(1)) //~ inside `async fn qualified`
}

async fn renamed() -> u32 {
    use bridgehead::sync_call as wait_for;
    wait_for!(ready(1)) //~ inside `async fn renamed`
}

async fn with_other_delimiters() -> u32 {
    let value = sync_call![ready(1)]; //~ inside `async fn with_other_delimiters`
    sync_call! { ready(value) } //~ inside `async fn with_other_delimiters`
}

async fn try_call() -> u32 {
    try_sync_call!(ready(1)).unwrap() //~ help: write `ready(1).await`
}

async fn try_call_in_time() -> u32 {
    try_sync_call!(ready(1), timeout = "5s").unwrap() //~ help: write `tokio::time::timeout(Duration::from_secs(5), ready(1)).await`
}

async fn awaited() -> u32 {
    sync_call!(ready(1).await) //~ help: write `ready(1).await`
}

async fn over_lines() -> u32 {
    sync_call!(
        ready( //~ inside `async fn over_lines`
            1
        )
    )
}

async fn in_each_other() -> u32 {
    sync_call!(ready(sync_call!(ready(1)))) //~ help: write `ready(sync_call!(ready(1))).await` //~ help: write `ready(1).await`
}

fn blocks() {
    let block = async { sync_call!(ready(1)) }; //~ inside an `async` block
    let moving = async move { sync_call!(ready(1)) }; //~ inside an `async` block
    let closure = async |value: u32| sync_call!(ready(value)); //~ inside an `async` closure
    let closure = async move |value| -> u32 { sync_call!(ready(value)) }; //~ inside an `async` closure
    let closure = |value| async move { sync_call!(ready(value)) }; //~ inside an `async` block
}

async fn control_flow(value: Option<u32>) -> u32 {
    if let Some(value) = value {
        return sync_call!(ready(value)); //~ inside `async fn control_flow`
    }
    match value {
        Some(1 | 2) => sync_call!(ready(1)), //~ inside `async fn control_flow`
        | Some(3) | Some(4) => loop {
            break sync_call!(ready(1)); //~ inside `async fn control_flow`
        },
        _ if 1 | 2 > sync_call!(ready(1)) => 0, //~ inside `async fn control_flow`
        _ => 1,
    }
}

async fn after_closures(values: Vec<u32>) -> u32 {
    let sum: u32 = values.iter().map(|value| value + 1).filter(|_| true).sum();
    let f = |a: Option<(u32, u32)>| a.map(|(a, b)| a | b);
    sum | f(None).unwrap() | sync_call!(ready(1)) //~ inside `async fn after_closures`
}

struct Client;

impl Client {
    async fn method<const N: usize, T: Into<Option<[u8; 4]>>>(&self, _: T) -> u32 {
        sync_call!(ready(1)) //~ inside `async fn method`
    }

    pub(crate) async unsafe fn qualifiers() -> u32 {
        sync_call!(ready(1)) //~ inside `async fn qualifiers`
    }
}

trait Service {
    async fn r#try(&self) -> u32 {
        sync_call!(ready(1)) //~ inside `async fn r#try`
    }
}

const CONST: u32 = sync_call!(ready(1)); //~ inside a constant would have to wait at compile time

static STATIC: u32 = sync_call!(ready(1)); //~ inside a `static` would have to wait at compile time

const fn const_fn() -> u32 {
    sync_call!(ready(1)) //~ inside `const fn const_fn` would have to wait at compile time
}

fn const_block() -> u32 {
    const { sync_call!(ready(1)) } //~ inside a constant
}

async fn const_block_in_async() -> u32 {
    const { sync_call!(ready(1), allow_async) } //~ inside a constant
}

struct WithConst;

impl WithConst {
    const VALUE: u32 = try_sync_call!(ready(1)).unwrap(); //~ inside a constant
}
