#[bridgehead::entry]
async fn main() {
    4.await;
}
