//! The expression in a call behaves as in an argument of any function, and the location of the call
//! is where the user wrote it.

use std::cell::Cell;
use std::future::{IntoFuture, Ready, ready};

use bridgehead::{sync_call, try_sync_call};

// The type parameters are there for the commas between their arguments.
#[allow(clippy::extra_unused_type_parameters)]
async fn fetch<A, B>(value: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    Ok(value)
}

struct Client {
    calls: u32,
}

impl Client {
    async fn call(&mut self) -> u32 {
        tokio::task::yield_now().await;
        self.calls += 1;
        self.calls
    }
}

struct Request {
    value: u32,
}

impl IntoFuture for Request {
    type Output = u32;
    type IntoFuture = Ready<u32>;

    fn into_future(self) -> Ready<u32> {
        ready(self.value)
    }
}

#[test]
fn every_shape_of_an_expression() {
    let some = Some(3);
    assert_eq!(sync_call!(fetch::<u8, Vec<u8>>(1)), Ok(1));
    assert_eq!(sync_call!(fetch::<u8, u8>(2),), Ok(2));
    assert_eq!(sync_call!(Request { value: 3 }), 3);
    assert_eq!(
        sync_call!(match some {
            Some(value) => ready(value),
            None => ready(0),
        }),
        3
    );
    assert_eq!(sync_call!(if some.is_some() { ready(4) } else { ready(5) }), 4);
    assert_eq!(sync_call!(async { fetch::<(), ()>(5).await.unwrap() + 1 }), 6);
    assert_eq!(sync_call!(async move { some }), Some(3));
    let closure = async |value| fetch::<(), ()>(value).await;
    assert_eq!(sync_call!(closure(7)), Ok(7));
    assert_eq!(sync_call!(Box::pin(async move { closure(7).await })), Ok(7));
    assert_eq!(sync_call!(fetch::<(), ()>(sync_call!(ready(8)))), Ok(8));
    assert_eq!(sync_call!(std::pin::pin!(async { 9 })), 9);
    assert_eq!(sync_call!(Some(9).map(|value| ready(value + 1)).unwrap()), 10);
    assert_eq!(try_sync_call!(fetch::<u8, u8>(11), timeout = "1m",).unwrap(), Ok(11));
    assert_eq!(try_sync_call!(fetch::<u8, u8>(12),).unwrap(), Ok(12));
}

#[test]
fn borrows_end_with_the_statement() {
    let mut client = Client { calls: 0 };
    let name = String::from("name");
    let counter = Cell::new(1);
    sync_call!(client.call());
    sync_call!(async { counter.set(client.call().await) });
    assert_eq!((client.calls, counter.get()), (2, 2));
    assert_eq!(sync_call!(async { &name }), "name");
    // A temporary lives as long as in any argument.
    assert_eq!(sync_call!(ready(String::from("temporary").as_str())).len(), 9);
}

#[test]
fn control_flow_leaves_the_call() {
    fn question_mark() -> Result<u32, String> {
        sync_call!(fetch::<(), ()>(Err("left")?))
    }
    fn returns(early: bool) -> u32 {
        sync_call!(ready(if early { return 1 } else { 2 }))
    }
    assert_eq!(question_mark(), Err("left".to_owned()));
    assert_eq!(returns(true), 1);
    assert_eq!(returns(false), 2);
    let mut turns = 0;
    loop {
        turns += sync_call!(ready(if turns == 3 { break } else { 1 }));
    }
    assert_eq!(turns, 3);
    // Each early exit has also left the runtime that the call had entered.
    assert_eq!(sync_call!(fetch::<(), ()>(4)), Ok(4));
}

macro_rules! wait_a_little {
    ($future:expr) => {
        try_sync_call!($future, timeout = "1ms").unwrap_err()
    };
}

#[test]
#[rustfmt::skip]
fn the_location_is_that_of_the_call() {
    let never = std::future::pending::<()>;
    let (line, error) = (line!(), try_sync_call!(never(), timeout = "1ms").unwrap_err());
    let location = error.location();
    assert_eq!((location.file(), location.line(), location.column()), (file!(), line, 35));

    let (line, error) = (line!(), wait_a_little!(never()));
    let location = error.location();
    assert_eq!((location.file(), location.line(), location.column()), (file!(), line, 35));

    let (line, error) = (
        line!(),
        try_sync_call!(
            never(),
            timeout = "1ms"
        ),
    );
    assert_eq!(error.unwrap_err().location().line(), line + 1);
}

/// The attribute leaves correct code unchanged, and accepts calls in synchronous code.
#[bridgehead::deny_blocking]
mod nothing_to_deny {
    use super::*;

    async fn double(value: u32) -> u32 {
        let of_a_closure = tokio::task::spawn_blocking(move || sync_call!(ready(value)));
        of_a_closure.await.unwrap() + sync_call!(ready(value), allow_async)
    }

    #[test]
    fn synchronous_code_may_block() {
        std::thread::sleep(std::time::Duration::ZERO);
        let blocking_double = |value| sync_call!(double(value));
        assert_eq!(blocking_double(3), 6);
    }
}
