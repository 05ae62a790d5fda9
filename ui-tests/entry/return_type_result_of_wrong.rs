#[bridgehead::entry]
async fn main() -> Result<u32, String> {
    Ok(4)
}
