async fn fetch(id: u32) {
    drop(id);
}

#[bridgehead::entry]
async fn main() {
    fetch().await;
}
