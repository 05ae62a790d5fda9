#[bridgehead::entry]
async fn main() -> Result<Result<u32, String>, String> {
    Ok(Ok(4))
}
