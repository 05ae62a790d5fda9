#[bridgehead::entry]
async fn main() -> bool {
    true
}
