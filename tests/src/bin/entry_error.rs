//! What main returns is reported as ever.

#[bridgehead::entry]
async fn main() -> Result<(), String> {
    tokio::task::yield_now().await;
    Err("of the test".to_owned())
}
