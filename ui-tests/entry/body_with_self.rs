#[bridgehead::entry]
async fn main() {
    self.start().await;
}
