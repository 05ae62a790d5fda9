#[bridgehead::entry]
async fn main() -> Result<(), String> {
    4
}
