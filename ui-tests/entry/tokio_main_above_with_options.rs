#[tokio::main(flavor = "current_thread")]
#[bridgehead::entry]
async fn main() {
    tokio::task::yield_now().await;
}
