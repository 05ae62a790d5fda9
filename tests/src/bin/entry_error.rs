//! An error that `main` returns is reported as it is without the attribute.

#[bridgehead::entry]
async fn main() -> Result<(), String> {
    tokio::task::yield_now().await;
    Err("of the test".to_owned())
}
