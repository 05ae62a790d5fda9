#[bridgehead::entry]
async fn main() -> Option<()> {
    None
}
