#[bridgehead::entry]
async fn main() -> String {
    String::new()
}
