#[bridgehead::entry]
async fn main() {
    let text = String::new();
    tokio::spawn(async { println!("{text}") }).await.unwrap();
}
