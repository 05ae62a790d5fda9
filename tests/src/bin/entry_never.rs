//! A main that never returns.

use std::process;

#[bridgehead::entry]
async fn main() -> ! {
    tokio::task::yield_now().await;
    process::exit(3)
}
