#[bridgehead::entry]
async fn main() -> &'static str {
    ""
}
