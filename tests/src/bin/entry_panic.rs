//! A panic in main is the program's panic.

#[bridgehead::entry]
async fn main() {
    tokio::task::yield_now().await;
    panic!("of the test");
}
