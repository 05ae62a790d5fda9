#[bridgehead::entry]
async fn main() {
    fetch().await;
}
