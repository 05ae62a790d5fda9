#[bridgehead::entry]
async fn main() -> &str {
    ""
}
