#![deny(warnings)]
#![forbid(unsafe_code)]

use std::time::Duration;

use facade::bridgehead::CallError;
use facade::{BlockingClient, sync_call, try_wait_for};

mod all {
    use facade::bridgehead::*;

    pub fn by_a_glob() -> u32 {
        sync_call!(super::ready(4)) + try_sync_call!(super::ready(4), timeout = "1m").unwrap()
    }
}

async fn ready(value: u32) -> u32 {
    value
}

facade::getter!(get, ready(4));

#[facade::bridgehead::blocking(timeout, crate = facade::bridgehead)]
async fn twin() -> u32 {
    ready(4).await
}

#[facade::bridgehead::entry(worker_threads = 1, crate = facade::bridgehead)]
async fn main() -> Result<(), CallError> {
    let sum = |all: &[u32]| all.iter().sum::<u32>();
    let calls = move || {
        let text: String = facade::bridgehead::sync_call!(async { "4".to_owned() }, on_stall = "ignore");
        assert_eq!(text, "4");
        assert_eq!(sum(&[sync_call!(ready(1)), facade::wait!(ready(1)), facade::wait_tokens!(ready(1))]), 3);
        assert_eq!(sum(&[get(), all::by_a_glob(), blocking_twin()]), 16);
        assert_eq!(blocking_twin_timeout(Duration::MAX)?, 4);
        assert_eq!(BlockingClient::default().next(), 1);
        try_wait_for!(ready(4), timeout = Duration::MAX).map(drop)
    };
    calls()
}
